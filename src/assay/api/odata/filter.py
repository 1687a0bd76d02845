"""`$filter`: OData 4.01 §5.1.1 as far as lists are asked, read into a condition on the fields of the records."""

from datetime import datetime
from typing import Final

from assay.api.odata.properties import Collection, Kind, Property
from assay.api.odata.refused import UNSUPPORTED, Refused, RefusedError
from assay.api.odata.tokens import Piece, Token, tokenise
from assay.values.asking import All, Among, Compare, Condition, Either, Holds, Not, Operator, Scalar, folded

TERMS_LIMIT: Final = 50
# No index helps these: each looks into every row that is left.
SEARCHES_LIMIT: Final = 4
DEPTH_LIMIT: Final = 20
_FUNCTIONS: Final = frozenset({"startswith", "contains"})
_WORDS: Final = frozenset({"and", "or", "not", "in", "true", "false", "null"}) | frozenset(Operator)
_OPERATORS: Final = ", ".join((*Operator, "in"))


def read_filter(text: str, collection: Collection) -> Condition | Refused:
    """The condition, or why it is none; whatever the text is, nothing is raised."""
    try:
        return _Reading(tokenise(text), collection).whole()
    except RefusedError as error:
        return error.refused


class _Reading:
    """One descent through the tokens; each is looked at once."""

    def __init__(self, pieces: tuple[Piece, ...], collection: Collection) -> None:
        self._pieces = pieces
        self._collection = collection
        self._next = 0
        self._terms = 0
        self._searches = 0

    def whole(self) -> Condition:
        condition = self._either(1)
        piece = self._take()
        if piece.token is not Token.END:
            raise _unexpected(piece, "and, or, or the end")
        return condition

    def _either(self, depth: int) -> Condition:
        if depth > DEPTH_LIMIT:
            raise RefusedError(f"$filter is nested deeper than {DEPTH_LIMIT}")
        parts = [self._all(depth)]
        while self._taken("or"):
            parts.append(self._all(depth))
        return parts[0] if len(parts) == 1 else Either(parts=tuple(parts))

    def _all(self, depth: int) -> Condition:
        parts = [self._one(depth)]
        while self._taken("and"):
            parts.append(self._one(depth))
        return parts[0] if len(parts) == 1 else All(parts=tuple(parts))

    def _one(self, depth: int) -> Condition:
        if self._taken("not"):
            if depth >= DEPTH_LIMIT:
                raise RefusedError(f"$filter is nested deeper than {DEPTH_LIMIT}")
            return Not(part=self._one(depth + 1))
        if self._taken("("):
            condition = self._either(depth + 1)
            self._expect(")")
            return condition
        self._terms += 1
        if self._terms > TERMS_LIMIT:
            raise RefusedError(f"$filter has more than {TERMS_LIMIT} terms")
        piece = self._take()
        if piece.token is not Token.WORD or piece.text in _WORDS:
            raise _unexpected(piece, "a property, startswith( or contains(")
        if piece.text in _FUNCTIONS and self._taken("("):
            return self._function(piece)
        return self._comparison(self._property(piece))

    def _function(self, function: Piece) -> Condition:
        found = self._property(self._take())
        if not found.text_search:
            able = ", ".join(each.path for each in self._collection.properties if each.text_search) or "none"
            raise RefusedError(
                f"$filter: {function.text} cannot look into {found.path}; it can look into: {able}", UNSUPPORTED
            )
        self._expect(",")
        piece = self._take()
        if not isinstance(piece.value, str) or piece.enumeration:
            raise _unexpected(piece, Kind.TEXT)
        self._expect(")")
        self._searches += function.text == "contains"
        if self._searches > SEARCHES_LIMIT:
            raise RefusedError(f"$filter has more than {SEARCHES_LIMIT} contains()")
        text = folded(piece.value) if found.folded else piece.value
        return Holds(field=found.field, text=text, anywhere=function.text == "contains")

    def _comparison(self, found: Property) -> Condition:
        if self._taken("in"):
            self._expect("(")
            values = [self._value(found)]
            while self._taken(","):
                values.append(self._value(found))
                self._terms += 1
                if self._terms > TERMS_LIMIT:
                    raise RefusedError(f"$filter has more than {TERMS_LIMIT} terms, each value of an in counted")
            self._expect(")")
            return Among(field=found.field, values=tuple(values))
        piece = self._take()
        if piece.token is not Token.WORD or piece.text not in frozenset(Operator):
            raise _unexpected(piece, f"one of {_OPERATORS}")
        operator = Operator(piece.text)
        if operator not in found.operators:
            able = ", ".join((*(each for each in Operator if each in found.operators), "in"))
            raise RefusedError(f"$filter: {found.path} cannot be asked with {operator}; use: {able}", UNSUPPORTED)
        return Compare(field=found.field, operator=operator, value=self._value(found))

    def _property(self, piece: Piece) -> Property:
        found = self._collection.property_at(piece.text) if piece.token is Token.WORD else None
        if found is None or not found.operators:
            raise RefusedError(
                f"$filter: {self._collection.name} cannot be filtered by {piece.text[:60] or 'nothing'!r}; "
                f"these can: {self._collection.filters}",
                UNSUPPORTED,
            )
        return found

    def _value(self, found: Property) -> Scalar:
        piece = self._take()
        if piece.text == "null" and piece.token is Token.WORD:
            if not found.nullable:
                raise RefusedError(f"$filter: {found.path} is never null")
            return None
        value: Scalar = piece.value
        if piece.token is Token.WORD and piece.text in ("true", "false"):
            value = piece.text == "true"
        if piece.enumeration and piece.enumeration != found.enumeration:
            raise RefusedError(f"$filter: {found.path} is no {piece.enumeration[:60]}")
        if not _fits(value, found.kind):
            raise RefusedError(f"$filter: {found.path} is compared with {found.kind.value}, not {_shown(piece)}")
        if found.spelled:
            if value not in found.spelled:
                raise RefusedError(f"$filter: {found.path} is one of: {', '.join(found.spelled)}")
            return found.spelled[str(value)]
        return folded(value) if found.folded and isinstance(value, str) else value

    def _take(self) -> Piece:
        piece = self._pieces[self._next]
        # The last piece is the end, however often it is looked at.
        self._next = min(self._next + 1, len(self._pieces) - 1)
        return piece

    def _taken(self, text: str) -> bool:
        piece = self._pieces[self._next]
        if piece.token not in (Token.WORD, Token.MARK) or piece.text != text:
            return False
        self._take()
        return True

    def _expect(self, mark: str) -> None:
        if not self._taken(mark):
            raise _unexpected(self._pieces[self._next], repr(mark))


def _fits(value: Scalar, kind: Kind) -> bool:
    match kind:
        case Kind.TEXT:
            return isinstance(value, str)
        case Kind.NUMBER:
            return isinstance(value, int) and not isinstance(value, bool)
        case Kind.FLAG:
            return isinstance(value, bool)
        case Kind.INSTANT:
            return isinstance(value, datetime)


def _shown(piece: Piece) -> str:
    return "the end" if piece.token is Token.END else f"{piece.text[:40]!r} at {piece.at}"


def _unexpected(piece: Piece, wanted: str) -> RefusedError:
    return RefusedError(f"$filter: expected {wanted}, found {_shown(piece)}")

"""Reading a filter rule: linear in its length, without recursion; whatever is wrong is said with its place."""

import re
from typing import Final, NamedTuple, NoReturn

from assay.policy.filter_rule import (
    MAX_RULE,
    And,
    Comparison,
    FilterOperator,
    FilterProperty,
    FilterRule,
    Not,
    Or,
    PropertyKind,
    Scalar,
    Vocabulary,
    fold,
)
from assay.values import AssayError, Reason

MAX_NESTING: Final = 50  # parentheses and -not around one comparison

_SHOWN = 40  # characters of a rule that an error repeats
_OPERATORS: Final = {fold(operator): operator for operator in FilterOperator}
_LITERALS: Final[dict[str, bool | None]] = {"TRUE": True, "FALSE": False, "NULL": None}
_CLOSING: Final = {"[": "]", "(": ")"}
# Possessive: there is one way to read a string, and no second try. `" is a quote in "…", '' one in '…' (D DYN).
_TOKEN: Final = re.compile(r"""(?P<string>"(?:`"|[^"])*+"|'(?:''|[^'])*+')|(?P<word>-?\w[\w.]*+)|(?P<mark>[()\[\],])""")
_SPACE: Final = re.compile(r"\s*")


class FilterRuleError(AssayError):
    """The rule cannot be read; `position`: characters before what is wrong; the reason says what was expected."""

    def __init__(self, position: int, code: str, /, **parameters: str) -> None:
        super().__init__(f"filter rule, character {position}: {code}", remedy="correct the rule")
        self.position = position
        self.reason = Reason.of(code, position=str(position), **parameters)


class _Token(NamedTuple):
    kind: str  # string, word, mark, end
    text: str
    position: int

    @property
    def keyword(self) -> str:
        """An operator, connective or literal in upper case, without its hyphen; empty for what is none."""
        return fold(self.text.removeprefix("-")) if self.kind == "word" else ""


class _Open:
    """One level of parentheses being read: finished alternatives, the conjunction at hand, pending -not."""

    def __init__(self, position: int) -> None:
        self.position = position
        self.alternatives: list[FilterRule] = []
        self.conjunction: list[FilterRule] = []
        self.nots = 0

    def operand(self, rule: FilterRule) -> None:
        for _ in range(self.nots):
            rule = Not(rule=rule)
        self.nots = 0
        self.conjunction.append(rule)

    def alternative(self) -> None:
        found = self.conjunction
        self.alternatives.append(found[0] if len(found) == 1 else And(rules=tuple(found)))
        self.conjunction = []

    def close(self) -> FilterRule:
        self.alternative()
        return self.alternatives[0] if len(self.alternatives) == 1 else Or(rules=tuple(self.alternatives))


def parse_filter_rule(text: str, vocabulary: Vocabulary) -> FilterRule:
    """The rule that a text says; precedence: comparison, -not, -and, -or. FilterRuleError: what is wrong, and where.

    Parentheses stay in the rule as nesting: `(a -and b) -and c` is a conjunction inside of one.
    """
    return _Parser(_tokens(text), vocabulary).rule()


def _tokens(text: str) -> list[_Token]:
    if len(text) > MAX_RULE:
        raise FilterRuleError(MAX_RULE, "filterTooLong", limit=str(MAX_RULE))
    try:
        text.encode()
    except UnicodeEncodeError as error:  # a lone surrogate could not be stored
        raise FilterRuleError(error.start, "filterCharacter", found=f"U+{ord(text[error.start]):04X}") from None
    found: list[_Token] = []
    position = _start(text, 0)
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            code = "filterStringOpen" if text[position] in "\"'" else "filterCharacter"
            raise FilterRuleError(position, code, found=text[position])
        kind = str(match.lastgroup)
        found.append(_Token(kind, match[kind], position))
        position = _start(text, match.end())
    found.append(_Token("end", "", len(text)))
    return found


def _start(text: str, position: int) -> int:
    match = _SPACE.match(text, position)
    return match.end() if match else position


class _Parser:
    """Tokens from left to right; the levels that are open are a list, not calls."""

    def __init__(self, tokens: list[_Token], vocabulary: Vocabulary) -> None:
        self._tokens = iter(tokens)
        self._vocabulary = vocabulary
        self._levels = [_Open(0)]
        self._nesting = 0

    def rule(self) -> FilterRule:
        while True:
            self._operand()
            token = next(self._tokens)
            while token.text == ")" and len(self._levels) > 1:
                self._close()
                token = next(self._tokens)
            if token.keyword == "OR":
                self._levels[-1].alternative()
            elif token.kind == "end" and len(self._levels) == 1:
                return self._levels[0].close()
            elif token.keyword != "AND":
                expected = "-and, -or" + (", )" if len(self._levels) > 1 else "")
                _unexpected(token, "filterConnective", expected=expected)

    def _operand(self) -> None:
        """Up to a comparison: any -not and opening parentheses, then the comparison."""
        while True:
            token = next(self._tokens)
            if token.keyword == "NOT":
                self._levels[-1].nots += 1
            elif token.text == "(":
                self._levels.append(_Open(token.position))
            else:
                self._take(self._comparison(token))
                return
            self._nesting += 1
            if self._nesting > MAX_NESTING:
                raise FilterRuleError(token.position, "filterTooDeep", limit=str(MAX_NESTING))

    def _close(self) -> None:
        self._nesting -= 1
        self._take(self._levels.pop().close())

    def _take(self, rule: FilterRule) -> None:
        level = self._levels[-1]
        self._nesting -= level.nots
        level.operand(rule)

    def _comparison(self, token: _Token) -> Comparison:
        found = self._vocabulary.find(token.text) if token.kind == "word" else None
        if found is None:
            named = token.kind == "word" and "." in token.text
            code = "filterUnknownProperty" if named else "filterProperty"
            _unexpected(token, code, expected=f"{self._vocabulary.prefix}…")
        operator = self._operator(found)
        values = self._list(found) if operator.takes_list else (self._value(next(self._tokens), found, operator),)
        return Comparison(property=found.name, operator=operator, values=values)

    def _operator(self, found: FilterProperty) -> FilterOperator:
        token = next(self._tokens)
        operator = _OPERATORS.get(token.keyword)
        if operator is None or operator not in found.operators:
            code = "filterOperator" if operator is None else "filterOperatorOfProperty"
            known = ", ".join(f"-{one}" for one in FilterOperator if one in found.operators)
            _unexpected(token, code, property=found.name, expected=known)
        return operator

    def _list(self, found: FilterProperty) -> tuple[Scalar, ...]:
        opening = next(self._tokens)
        closing = _CLOSING.get(opening.text)
        if closing is None:
            _unexpected(opening, "filterList", expected="[")
        values: list[Scalar] = []
        while True:
            values.append(self._value(next(self._tokens), found, FilterOperator.IN))
            token = next(self._tokens)
            if token.text == closing:
                return tuple(values)
            if token.text != ",":
                _unexpected(token, "filterList", expected=f", {closing}")

    def _value(self, token: _Token, found: FilterProperty, operator: FilterOperator) -> Scalar:
        value: Scalar
        if token.kind == "string":
            value = _unquoted(token.text)
        elif token.kind == "word" and fold(token.text) in _LITERALS:
            value = _LITERALS[fold(token.text)]
        else:
            _unexpected(token, "filterValue", expected='"…", True, False, null')
        if value is None:
            if operator not in (FilterOperator.EQ, FilterOperator.NE):
                _unexpected(token, "filterNull", expected="-eq, -ne")
        elif found.kind is PropertyKind.BOOLEAN:
            boolean = _LITERALS.get(fold(str(value)))
            if boolean is None:
                _unexpected(token, "filterBoolean", expected="True, False, null")
            return boolean
        return value


def _unquoted(text: str) -> str:
    inner = text[1:-1]
    return inner.replace('`"', '"') if text[0] == '"' else inner.replace("''", "'")


def _unexpected(token: _Token, code: str, **parameters: str) -> NoReturn:
    raise FilterRuleError(token.position, code, found=token.text[:_SHOWN], **parameters)

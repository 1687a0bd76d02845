"""A filter's text as tokens, in one pass."""

import re
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from assay.api.odata.refused import RefusedError
from assay.values import Value

LENGTH_LIMIT: Final = 2_000
# Beyond a signed 64-bit integer a database has no such number.
NUMBER_LIMIT: Final = 1 << 63


class Token(StrEnum):
    """What a piece of the text is."""

    TEXT = "text"
    INSTANT = "instant"
    NUMBER = "number"
    WORD = "word"
    MARK = "mark"
    END = "end"


class Piece(Value, frozen=True, kw_only=True):
    """One token; `at` is its place in the text, from 1."""

    token: Token
    text: str
    at: int
    value: str | int | datetime | None = None
    # Before a text, of which enumeration it is: microsoft.graph.conditionalAccessPolicyState'enabled'.
    enumeration: str = ""


# Every alternative begins differently or ends where the next cannot go on: no input is looked at more than twice.
_PIECE: Final = re.compile(
    r"""[ \t]*(?:
        (?P<text>(?P<enumeration>[A-Za-z_][A-Za-z0-9_]*+(?:\.[A-Za-z_][A-Za-z0-9_]*+)++)?'(?:[^']|'')*+')
      | (?P<instant>\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,12})?)?(?:Z|[+-]\d\d:\d\d))?(?![\w.:+-]))
      | (?P<number>-?\d{1,20}(?![\w.:-]))
      | (?P<word>[A-Za-z_][A-Za-z0-9_]*(?:/[A-Za-z_][A-Za-z0-9_]*)*)
      | (?P<mark>[(),])
      | (?P<end>\Z)
    )""",
    re.VERBOSE | re.ASCII,
)


def tokenise(text: str) -> tuple[Piece, ...]:
    """The tokens, the last of them END; raises RefusedError where the text has something else."""
    if len(text) > LENGTH_LIMIT:
        raise RefusedError(f"$filter has {len(text)} characters; at most {LENGTH_LIMIT} are read")
    pieces: list[Piece] = []
    at = 0
    while not pieces or pieces[-1].token is not Token.END:
        match = _PIECE.match(text, at)
        if match is None:
            raise RefusedError(_unreadable(text, at))
        pieces.append(_piece(match))
        at = match.end()
    return tuple(pieces)


def _piece(match: re.Match[str]) -> Piece:
    token = Token(match.lastgroup or Token.END)
    text = match[token]
    at = match.start(token) + 1
    value: str | int | datetime | None = None
    if token is Token.TEXT:
        enumeration = match["enumeration"] or ""
        value = readable(text[len(enumeration) + 1 : -1].replace("''", "'"))
        return Piece(token=token, text=text, at=at, value=value, enumeration=enumeration)
    if token is Token.NUMBER:
        value = int(text)
        if not -NUMBER_LIMIT <= value < NUMBER_LIMIT:
            raise RefusedError(f"$filter: {text} at {at} is larger than any number here")
    elif token is Token.INSTANT:
        value = _instant(text, at)
    return Piece(token=token, text=text, at=at, value=value)


def readable(text: str) -> str:
    """The text, if a database can hold it; raises RefusedError."""
    if "\x00" in text or (not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text)):
        raise RefusedError("the query has a character that no text here can have (NUL or half a surrogate pair)")
    return text


def _instant(text: str, at: int) -> datetime:
    # Finer than a microsecond is finer than anything that is kept.
    whole, dot, rest = text.partition(".")
    if dot:
        digits = re.match(r"\d+", rest)
        assert digits is not None
        text = f"{whole}.{digits[0][:6]:0<6}{rest[digits.end() :]}"
    try:
        read = datetime.fromisoformat(text)
        return (read if read.tzinfo is not None else read.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise RefusedError(f"$filter: {text} at {at} is no instant; write 2026-01-31T09:00:00Z") from None


def _unreadable(text: str, at: int) -> str:
    place = at + len(text[at:]) - len(text[at:].lstrip(" \t"))
    rest = text[place:]
    if rest.startswith("'"):
        return f"$filter: the text that begins at {place + 1} has no end; a quote inside is written twice: 'it''s'"
    return f"$filter: cannot read {rest[:20]!r} at {place + 1}; texts are written 'x', instants 2026-01-31T09:00:00Z"

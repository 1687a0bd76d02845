"""Which paths a rule is about: one path, or all below a prefix that ends in a slash; never one that reads two ways."""

import re
import unicodedata
from typing import Final
from urllib.parse import unquote_to_bytes

from assay.values.errors import InvalidInputError

SCOPE_LENGTH: Final = 512
PATH_LENGTH: Final = 8_192
REMEDY: Final = "write one path such as /health, or a prefix that ends in a slash such as /assets/"

_PLAIN: Final = r"A-Za-z0-9_~!$&'()+,=:@\-"
_SCOPE: Final = re.compile(rf"(?:/[{_PLAIN}.]*[{_PLAIN}])*/?", re.ASCII)
# Escapes of octets from %80 on are text of other languages; of ASCII only the space, and never at a segment's end.
_OTHER: Final = "%[89A-Fa-f][0-9A-Fa-f]"
_CANONICAL: Final = re.compile(rf"(?:/(?:[{_PLAIN}*.]|{_OTHER}|%20)*(?:[{_PLAIN}*]|{_OTHER}))*/?", re.ASCII)
_RESERVED: Final = re.compile(r"/\.assay(?:/.*)?", re.ASCII | re.IGNORECASE | re.DOTALL)
_SEPARATORS: Final = frozenset("/\\.;%?# ")


def path_scope(text: str) -> str:
    """A scope as typed; raises InvalidInputError for what is not canonical, holds a wildcard or is Assay's own."""
    if not text or len(text) > SCOPE_LENGTH or not _SCOPE.fullmatch(text):
        raise InvalidInputError(f"{text!r} is no path that reads one way only", remedy=REMEDY)
    if _RESERVED.fullmatch(text):
        raise InvalidInputError("/.assay/ is Assay's own on every app's host", remedy="choose another path")
    return text


def covers(scope: str, path: str) -> bool:
    """Whether a scope covers a request's path (without query), on segment boundaries and as it is spelled.

    A path that proxies and apps could read differently is covered by nothing, whoever let it through before.
    """
    if scope.endswith("/"):
        return path.startswith(scope) and is_canonical(path) and not _RESERVED.fullmatch(path)
    return path == scope


def is_canonical(path: str) -> bool:
    """Whether this path can be read in one way only."""
    if not path or len(path) > PATH_LENGTH or not _CANONICAL.fullmatch(path):
        return False
    return "%" not in path or _is_text(path)


def _is_text(path: str) -> bool:
    """Whether the escapes are UTF-8, and no character of theirs becomes a separator where text is normalised."""
    try:
        text = unquote_to_bytes(path).decode("utf-8")
    except UnicodeDecodeError:
        return False
    foreign = "".join(character for character in text if not character.isascii())
    return not any(unicodedata.category(character) == "Cc" for character in foreign) and not (
        _SEPARATORS & set(unicodedata.normalize("NFKC", foreign))
    )

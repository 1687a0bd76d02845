"""HTTP methods as people type them."""

from collections.abc import Sequence
from typing import Final

from assay.values.errors import InvalidInputError

# RFC 9110 §9 without CONNECT and TRACE, RFC 5789, and WebDAV (RFC 4918 and its extensions) for file apps.
HTTP_METHODS: Final = frozenset(
    (
        *("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"),
        *("PROPFIND", "PROPPATCH", "MKCOL", "COPY", "MOVE", "LOCK", "UNLOCK", "REPORT", "SEARCH"),
    )
)
# WebDAV's that name other paths than the one they are sent to: in Destination, or in what they ask for.
NAMING_OTHER_PATHS: Final = frozenset({"COPY", "MOVE", "REPORT", "SEARCH"})


def http_methods(names: Sequence[str]) -> tuple[str, ...]:
    """Methods in upper case, sorted; raises InvalidInputError for one that never reaches an app."""
    found = sorted({name.strip().upper() for name in names})
    for method in found:
        if method not in HTTP_METHODS:
            raise InvalidInputError(f"{method!r} is no method that reaches an app", remedy="such as GET, HEAD or POST")
    return tuple(found)

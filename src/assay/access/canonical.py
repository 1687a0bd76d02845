"""One canonical form of a request: what could be read differently by us and by an app is refused, never repaired."""

import re
from collections.abc import Collection
from functools import lru_cache

from assay.values import Reason
from assay.values.http_methods import HTTP_METHODS

METHODS = HTTP_METHODS
# What changes nothing (RFC 9110 §9.2.1) and what asks whether a change is allowed.
UNCHANGING = frozenset(("GET", "HEAD", "OPTIONS"))
RESERVED_PATH = "/.assay"

_PLAIN = r"A-Za-z0-9_~!$&'()*+,=:@\-"
# Segments of unencoded characters that do not end in a dot, one trailing slash: nearly every path there is.
_SIMPLE = re.compile(rf"(?:/[{_PLAIN}.]*[{_PLAIN}])*/?", re.ASCII)
_ALLOWED = re.compile(rf"/(?:[{_PLAIN}./;]|%[0-9A-Fa-f]{{2}})*", re.ASCII)
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})", re.ASCII)
_ESCAPED_SLASH = re.compile(r"%(?:2[fF]|5[cC])")
# What a second decoding further down would turn into a separator, a dot or a control character.
_DECODES_TWICE = re.compile(rb"%(?:2[eEfF]|5[cC]|3[bB]|[01][0-9A-Fa-f]|7[fF])")
_CONTROL = re.compile(r"[\x00-\x20\x7f]")


def refuse_path(target: str) -> Reason | None:
    """Why this origin-form target (path and query, RFC 9112 §3.2.1) is not canonical; None where it is."""
    # It matches no query, and what begins otherwise than with a slash only where it is empty.
    if target and _SIMPLE.fullmatch(target):
        return None
    path, _, query = target.partition("?")
    if query and _CONTROL.search(query):
        return Reason.of("path_not_canonical", because="control_character")
    if path.startswith("/") and _SIMPLE.fullmatch(path):
        return None
    if not _ALLOWED.fullmatch(path):
        return Reason.of("path_not_canonical", because="character")
    if _ESCAPED_SLASH.search(path):
        return Reason.of("path_not_canonical", because="escaped_slash")
    return _refuse_decoded(_decode(path))


def is_reserved(target: str) -> bool:
    """Whether the path is one of ours on an app's host, in any spelling an app might also understand."""
    if not target.startswith("/") or target[1:2] not in (".", "%", "/", "\\", ";"):
        return False
    decoded = _decode(target.partition("?")[0]).decode("utf-8", "replace")
    first = decoded.replace("\\", "/").lstrip("/").partition("/")[0].partition(";")[0]
    return first.rstrip(". ").casefold() == RESERVED_PATH[1:]


def _decode(path: str) -> bytes:
    return _ESCAPE.sub(lambda match: chr(int(match[1], 16)), path).encode("latin-1", "replace")


def _refuse_decoded(path: bytes) -> Reason | None:
    """The rules on a path whose escapes were read once."""
    try:
        text = path.decode("utf-8")
    except UnicodeDecodeError:
        return Reason.of("path_not_canonical", because="not_utf8")
    if re.search(r"[\x00-\x1f\x7f]", text):
        return Reason.of("path_not_canonical", because="control_character")
    if _DECODES_TWICE.search(path):
        return Reason.of("path_not_canonical", because="escaped_twice")
    for segment in text[1:].removesuffix("/").split("/"):
        if not segment and text != "/":
            return Reason.of("path_not_canonical", because="empty_segment")
        if ";" in segment:
            return Reason.of("path_not_canonical", because="path_parameter")
        if segment.endswith((".", " ")):
            return Reason.of("path_not_canonical", because="dot_or_space")
    return None


def refuse_method(method: str) -> Reason | None:
    return None if method in METHODS else Reason.of("method_not_allowed", method=method[:32])


@lru_cache(maxsize=1_024)
def host_of(authority: str) -> str:
    """The host of an authority, lower case, without port (RFC 3986 §3.2); "" where it is none."""
    host, colon, port = authority.lower().rpartition(":")
    if not colon:
        host = port
    elif not port.isdigit():
        return ""
    return host


def refuse_authority(host: str, sni: str) -> Reason | None:
    """RFC 9110 §15.5.20: a connection made for one host must not carry requests for another."""
    return None if host and host == sni.lower() else Reason.of("misdirected_request", host=host[:255])


def refuse_origin(origin: str, *, fetch_site: str, from_browser: bool, own: Collection[str]) -> Reason | None:
    """Changes and WebSockets are for the app's own scripts: hosts beside it are same-site, so SameSite is no guard.

    `own`: the app's origin and those it allows, as browsers serialise them. Sec-Fetch-Site, which no script can set,
    says "same-origin" even where a strict Referrer-Policy makes the Origin `null` (Fetch §3.2). Programs send neither;
    a browser that says only where it stands, and stands elsewhere, is refused.
    """
    if fetch_site == "same-origin" and origin in ("", "null"):
        return None
    if origin in own or (not origin and (not from_browser or fetch_site == "none")):
        return None
    return Reason.of("origin_not_own", origin=origin[:255])

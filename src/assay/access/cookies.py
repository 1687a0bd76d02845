"""Our cookies: their names, how they are set, and how they are taken out of what an app gets to see."""

from typing import Final

from assay.values import Value

ID_COOKIE: Final = "__Host-assay-id"
APP_COOKIE: Final = "__Host-assay-app"
STATE_COOKIE: Final = "__Host-assay-state"
DEVICE_COOKIE: Final = "__Host-assay-device"
OURS: Final = (ID_COOKIE, APP_COOKIE, STATE_COOKIE, DEVICE_COOKIE)
PREFIX: Final = "__host-assay-"
ATTRIBUTES: Final = "Path=/; Secure; HttpOnly; SameSite=Lax"


class Cookies(Value, frozen=True, kw_only=True):
    """A Cookie header taken apart: ours, and what is the app's business. `ambiguous`: one of ours came twice."""

    ours: dict[str, str]
    theirs: str
    ambiguous: bool = False


def read_cookies(header: str) -> Cookies:
    """Take a Cookie header apart (RFC 6265 §5.4); anything that looks like ours, in any case, never reaches an app."""
    if PREFIX not in header.lower():
        return Cookies(ours={}, theirs=header)
    ours: dict[str, str] = {}
    theirs: list[str] = []
    ambiguous = False
    for part in header.split(";"):
        # Only what separates pairs is taken off (RFC 6265 §4.2.1): a cookie whose name begins with an octet that some
        # take for a blank is not bound by `__Host-`, so any sibling host can plant it; it is nobody's.
        name, equals, value = part.strip(" \t").partition("=")
        if not name.strip().lower().startswith(PREFIX):
            theirs.append(part.strip())
        elif equals and name in OURS:
            ambiguous = ambiguous or name in ours
            ours[name] = value
    return Cookies(ours=ours, theirs="; ".join(filter(None, theirs)), ambiguous=ambiguous)


def set_cookie(name: str, value: str, *, max_age: int | None = None) -> str:
    """A Set-Cookie value of ours; without `max_age` (seconds) it ends with the browser."""
    age = "" if max_age is None else f"; Max-Age={max_age}"
    return f"{name}={value}; {ATTRIBUTES}{age}"


def clear_cookie(name: str) -> str:
    """A Set-Cookie value that removes a cookie of ours."""
    return set_cookie(name, "", max_age=0)

"""Named tokens of the API."""

from datetime import datetime

from assay.values import Wire


class NewApiToken(Wire, frozen=True, kw_only=True):
    """A token for scripts: its name, the role whose permissions it has, how long and from where it works."""

    name: str
    role: str
    lifetime_hours: float | None = None
    locations: tuple[str, ...] = ()


class ApiTokenShape(Wire, frozen=True, kw_only=True):
    """A token without its secret; `state`: works, expired or revoked."""

    id: str
    name: str
    role: str
    state: str
    locations: tuple[str, ...]
    created_date_time: datetime
    expires_date_time: datetime
    last_used_date_time: datetime | None


class ApiTokenList(Wire, frozen=True, kw_only=True):
    """Tokens, newest first."""

    value: tuple[ApiTokenShape, ...]


class IssuedApiToken(Wire, frozen=True, kw_only=True):
    """A new token with its secret, which is shown this once."""

    id: str
    name: str
    role: str
    secret: str
    expires_date_time: datetime


class RevokedApiToken(Wire, frozen=True, kw_only=True):
    """A token that is dead, and how many connections were cut with it."""

    id: str
    name: str
    cut: int
    still_open: int

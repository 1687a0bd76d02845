"""Public paths and credentials of apps."""

from datetime import datetime

from assay.values import Wire


class NewPublicPath(Wire, frozen=True, kw_only=True):
    """A path to open; without `methods` GET and HEAD, without `lifetime_hours` until it is removed."""

    name: str
    path: str
    reason: str
    methods: tuple[str, ...] = ()
    lifetime_hours: float | None = None


class PublicPathChange(Wire, frozen=True, kw_only=True):
    """What to change of a public path, and why; None and () leave as it is."""

    reason: str
    path: str | None = None
    methods: tuple[str, ...] = ()
    lifetime_hours: float | None = None


class PublicPathShape(Wire, frozen=True, kw_only=True):
    """A public path as it is now; `expired`: it opens nothing any more."""

    id: str
    name: str
    version: int
    path: str
    methods: tuple[str, ...]
    reason: str
    modified_by: str
    modified_date_time: datetime
    expires_date_time: datetime | None
    expired: bool


class PublicPathList(Wire, frozen=True, kw_only=True):
    """An app's public paths."""

    app: str
    value: tuple[PublicPathShape, ...]


class ClosedPathShape(Wire, frozen=True, kw_only=True):
    """A path that is public no more; `cut`: connections that were cut."""

    id: str
    name: str
    path: str
    cut: int
    still_open: int


class NewAppCredential(Wire, frozen=True, kw_only=True):
    """A credential of a service; what is not given restricts nothing."""

    name: str
    lifetime_hours: float | None = None
    methods: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    locations: tuple[str, ...] = ()


class Rotation(Wire, frozen=True, kw_only=True):
    """How long the new secret lives."""

    lifetime_hours: float | None = None


class AppCredentialShape(Wire, frozen=True, kw_only=True):
    """A credential without its secret; `state`: works, expired or revoked."""

    id: str
    name: str
    state: str
    methods: tuple[str, ...] | None
    paths: tuple[str, ...] | None
    locations: tuple[str, ...]
    created_date_time: datetime
    expires_date_time: datetime
    last_used_date_time: datetime | None


class AppCredentialList(Wire, frozen=True, kw_only=True):
    """An app's credentials."""

    app: str
    value: tuple[AppCredentialShape, ...]


class IssuedCredential(Wire, frozen=True, kw_only=True):
    """A new credential with its secret, which is shown this once; `cut`: connections of the one it replaces."""

    id: str
    app: str
    name: str
    secret: str
    expires_date_time: datetime
    cut: int = 0
    still_open: int = 0


class RevokedCredentialShape(Wire, frozen=True, kw_only=True):
    """A credential that is dead, and how many connections were cut with it."""

    id: str
    app: str
    name: str
    cut: int
    still_open: int

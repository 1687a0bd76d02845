"""Public paths: where an app answers anybody, each a named object with versions, a reason and an end."""

from datetime import datetime
from typing import Final

from assay.values import AppId, PublicPathId, SessionId, Stored
from assay.values.path_scope import covers

DEFAULT_METHODS: Final = ("GET", "HEAD")
PUBLIC_PATHS_LIMIT: Final = 200  # of one app; each is compared with every request that has no session


class PublicPath(Stored, frozen=True, kw_only=True):
    """Who asks for `path` (or below it, where it ends in a slash) with one of `methods` reaches the app as nobody.

    `modified_by` opened it like this, at `modified_at`, because of `reason`; `expires_at` None: until it is removed.
    """

    id: PublicPathId
    app_id: AppId
    name: str
    version: int
    path: str
    methods: tuple[str, ...]
    reason: str
    modified_by: str
    modified_at: datetime
    expires_at: datetime | None = None

    @property
    def opening(self) -> SessionId:
        """What connections that were let in by it are kept under, where a session's id would stand.

        A new version is a new opening: what is open under the old one is cut.
        """
        return SessionId(f"{self.id}/{self.version}")

    def in_force(self, at: datetime) -> bool:
        return self.expires_at is None or at < self.expires_at

    def opens(self, *, method: str, path: str, upgrade: bool, at: datetime) -> bool:
        """Whether this request needs nobody; an upgraded connection can write, so none is ever opened."""
        return not upgrade and method in self.methods and covers(self.path, path) and self.in_force(at)

"""Apps behind the gateway."""

from datetime import datetime

from assay.api.shapes.people import HolderShape
from assay.values import Wire


class NewApp(Wire, frozen=True, kw_only=True):
    """An app to protect; without `owner` everybody who administers is assigned.

    Exactly one of `upstream`, behind our own gateway, and `proxy`, the name of the proxy that it stands behind.
    """

    upstream: str = ""
    name: str
    display_name: str = ""
    owner: str | None = None
    proxy: str | None = None


class AppChange(Wire, frozen=True, kw_only=True):
    """What to change of an app; None leaves as it is."""

    upstream: str | None = None
    display_name: str | None = None
    allow_origins: tuple[str, ...] = ()
    disallow_origins: tuple[str, ...] = ()


class AppShape(Wire, frozen=True, kw_only=True):
    """An app; `reach`: who can reach it around the gateway.

    network, thisMachine, directory (only who may enter the socket's directory), elsewhere (on another machine,
    cannot be seen from here), notListening or behindProxy: `proxy`, of kind `proxyKind`, asks before each request.
    """

    id: str
    name: str
    display_name: str
    url: str
    upstream: str
    reach: str
    assigned: tuple[HolderShape, ...]
    allowed_origins: tuple[str, ...]
    created_date_time: datetime
    proxy: str = ""
    proxy_kind: str = ""


class AppList(Wire, frozen=True, kw_only=True):
    """Every app."""

    value: tuple[AppShape, ...]


class RemovedApp(Wire, frozen=True, kw_only=True):
    """An app that is no longer protected."""

    id: str
    name: str


class AssignmentShape(Wire, frozen=True, kw_only=True):
    """An assignment that was made or taken; `changed` False: it was so before."""

    app: str
    holder: HolderShape
    changed: bool

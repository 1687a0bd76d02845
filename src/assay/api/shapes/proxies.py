"""Foreign proxies that ask before each request."""

from datetime import datetime

from assay.values import Wire


class NewProxyShape(Wire, frozen=True, kw_only=True):
    """A proxy to believe; `kind`: nginx, traefik, caddy, haproxy or envoy, "" where the name says it."""

    name: str
    kind: str = ""


class ProxyShape(Wire, frozen=True, kw_only=True):
    """A proxy without its secret; `apps`: the names of those behind it."""

    id: str
    name: str
    kind: str
    apps: tuple[str, ...]
    created_date_time: datetime
    rotated_date_time: datetime | None


class ProxyList(Wire, frozen=True, kw_only=True):
    """All of them, by name."""

    value: tuple[ProxyShape, ...]


class IssuedProxy(Wire, frozen=True, kw_only=True):
    """A proxy with its secret, which is shown this once."""

    id: str
    name: str
    kind: str
    secret: str


class RemovedProxy(Wire, frozen=True, kw_only=True):
    """A proxy that is believed no more."""

    id: str
    name: str

"""A protected app as administrators and the log see it, and what cannot be changed of one behind a foreign proxy."""

from assay.access.named import Named
from assay.apps import App
from assay.apps.proxies import Proxy
from assay.apps.reachability import Reach
from assay.values import AppId, InvalidInputError, Value


class StoredApp(Value, frozen=True, kw_only=True):
    """What the log says of an app."""

    id: AppId
    name: str
    display_name: str
    upstream: str
    allowed_origins: tuple[str, ...]
    proxy: str = ""


class ProtectedApp(Value, frozen=True, kw_only=True):
    """An app as administrators see it: its URL, who is assigned, who can reach it around the gateway."""

    app: App
    url: str
    assigned: tuple[Named, ...]
    reach: Reach
    # The foreign proxy it stands behind; None: our own gateway.
    proxy: Proxy | None = None


def refuse_of_proxied(app: App, *, moved: bool, allowed: bool) -> None:
    if moved:
        raise InvalidInputError(
            f"{app.name} stands behind a proxy, which says where it is",
            remedy="change it there; to put it behind our own gateway, remove and protect it anew",
        )
    if allowed:
        # Preflights would have to be answered, and answers marked, by the proxy itself.
        raise InvalidInputError(
            f"{app.name} stands behind a proxy, so other origins cannot be allowed here",
            remedy="put it behind Assay's own gateway for that",
        )


def stored(app: App | None) -> StoredApp | None:
    """The same app for the log."""
    if app is None:
        return None
    return StoredApp(
        id=app.id,
        name=app.name,
        display_name=app.display_name,
        upstream="" if app.upstream is None else app.upstream.url,
        proxy=app.proxy_id or "",
        allowed_origins=app.allowed_origins,
    )

"""An app: a name below the base domain and the address where it really listens."""

import re
from datetime import datetime
from typing import Final

from assay.apps.upstream import Upstream
from assay.values import AppId, InvalidInputError, ProxyId, Value

# Names that are ours, or that browsers and mail treat specially; `www` would look like the base domain itself.
RESERVED: Final = frozenset({"id", "console", "device", "api", "www", "mail", "localhost", "autoconfig", "wpad"})
LABEL: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")  # RFC 1123 §2.1, lower case


class App(Value, frozen=True, kw_only=True):
    """A protected app; its host is `name` below the base domain.

    `upstream` is where it listens behind our own gateway; None: `proxy_id` says behind which foreign proxy it stands.

    `allowed_origins`: origins beside the app's own whose scripts may use it with the person's session, each as browsers
    serialise it (`origins.parse_origin`), compared as text with the Origin header. A request that changes something
    (any method but GET, HEAD and OPTIONS, and every WebSocket) passes for the app's own origin and for these, and is
    then judged like all others; for any other origin, `null` and sibling apps included, it is refused.
    """

    id: AppId
    name: str
    display_name: str
    upstream: Upstream | None
    created_at: datetime
    proxy_id: ProxyId | None = None
    allowed_origins: tuple[str, ...] = ()

    def host(self, base: str) -> str:
        """The app's host name below this base domain."""
        return f"{self.name}.{base}"


def app_name(text: str) -> str:
    """A name as typed, made lower case; raises InvalidInputError when it cannot be a host label here."""
    name = text.strip().lower()
    if not LABEL.fullmatch(name) or name.startswith("xn--"):
        raise InvalidInputError(
            f"{text!r} cannot be an app's name",
            remedy="use 1 to 63 letters a-z, digits and inner hyphens, such as wiki",
        )
    if name in RESERVED:
        raise InvalidInputError(f"{name!r} is reserved for Assay itself", remedy="choose another name")
    return name

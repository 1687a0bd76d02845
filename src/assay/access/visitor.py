"""Who knocks, as the connection shows it, and where they want to go, as they say."""

import re
from ipaddress import ip_address
from typing import Final

from assay.policy.request import Address
from assay.values import Value

PATH_LIMIT: Final = 4_096
# What may stand in a Location header as it is; anything else no browser asked for and no check handed on.
_PATH: Final = re.compile(r"/[!-~]*")
# Pages of the person's own to which a sign-in may return; anything else leads to the first of them.
OWN_PATHS: Final = ("/", "/device", "/devices", "/help-desk", "/methods", "/sessions", "/sign-ins")
STATE: Final = re.compile(r"[A-Za-z0-9_-]{43}")


class Visitor(Value, frozen=True, kw_only=True):
    """The facts of one request to our own pages; address and port are the connection's, never a header's claim.

    `device` is the secret of a known device, "" without one.
    """

    cookie: str
    address: str
    port: int
    user_agent: str
    device: str = ""

    @property
    def ip(self) -> Address:
        return ip_address(self.address)


class Destination(Value, frozen=True, kw_only=True):
    """Where the person wanted to go: an app's id ("" for the own pages), a path there, and the app host's state.

    `refused` is the short code of the decision with which that host sent them here, "" where they came by themselves.

    It comes from a query or a form: whatever is malformed leads to the person's own pages.
    """

    app: str = ""
    path: str = "/"
    state: str = ""
    refused: str = ""

    @property
    def safe(self) -> "Destination":
        """The same, or the own pages when a part could not have been made by us."""
        if not self.app and self.path in OWN_PATHS:
            return Destination(path=self.path)
        if not self.app or not can_be_returned_to(self.path) or not STATE.fullmatch(self.state):
            return Destination()
        return self


def can_be_returned_to(path: str) -> bool:
    """Whether a path (with its query) at an app may be kept through a sign-in and be redirected to after it."""
    return (
        len(path) <= PATH_LIMIT and _PATH.fullmatch(path) is not None and not path.startswith(("//", "/\\", "/.assay/"))
    )

"""What one request says of itself, read once from its headers and believed no further than each header deserves."""

from collections.abc import Iterable
from ipaddress import ip_address

from assay.access.cookies import read_cookies
from assay.access.visitor import Visitor
from assay.values import Value

# Only our own Envoy can write to the socket behind which the pages are, and it overwrites what a client sent.
# It holds `client|peer|local|number|protocol|server name` (gateway/envoy_filters.py): the client is who is judged.
CONNECTION_HEADER = "assay-connection"

MAX_USER_AGENT = 512
MAX_COOKIE = 256


class Arrival(Value, frozen=True, kw_only=True):
    """One request; a header that was not sent, or sent twice, is ""."""

    method: str
    host: str
    path: str
    peer: str = ""
    origin: str = ""
    cookie: str = ""
    accept: str = ""
    accept_language: str = ""
    content_type: str = ""
    user_agent: str = ""
    fetch_site: str = ""
    fetch_mode: str = ""
    fetch_dest: str = ""

    @property
    def wants_page(self) -> bool:
        """Whether a person waits for a page; else a script or program waits for JSON."""
        return self.fetch_mode == "navigate" if self.fetch_mode else "text/html" in self.accept

    @property
    def hostname(self) -> str:
        return self.host.partition(":")[0]

    @property
    def media_type(self) -> str:
        """The content type without parameters, lower case."""
        return self.content_type.partition(";")[0].strip().lower()

    def cookie_value(self, name: str) -> str:
        """The value of this cookie of ours, "" without one or where one of ours came twice."""
        cookies = read_cookies(self.cookie)
        value = "" if cookies.ambiguous else cookies.ours.get(name, "")
        return value if len(value) <= MAX_COOKIE else ""

    def visitor(self, cookie: str, device: str = "") -> Visitor | None:
        """The visitor with this cookie, or None where the gateway did not say who it is; port 0 is not known."""
        address, colon, port = self.peer.rpartition(":")
        if not colon or not port.isascii() or not port.isdigit() or not 0 <= int(port) < 65536:
            return None
        try:
            known = ip_address(address.removeprefix("[").removesuffix("]"))
        except ValueError:
            return None
        agent = self.user_agent[:MAX_USER_AGENT]
        return Visitor(cookie=cookie, address=str(known), port=int(port), user_agent=agent, device=device)


def read_arrival(method: str, path: str, headers: Iterable[tuple[bytes, bytes]]) -> Arrival:
    """The request as its ASGI scope tells it; names are lower case there."""
    found: dict[bytes, list[bytes]] = {}
    for name, value in headers:
        found.setdefault(name, []).append(value)

    def one(name: str) -> str:
        values = found.get(name.encode(), [])
        return values[0].decode("latin-1") if len(values) == 1 else ""

    return Arrival(
        method=method,
        path=path,
        host=one("host").lower(),
        peer=one(CONNECTION_HEADER).partition("|")[0],
        origin=one("origin"),
        # HTTP/2 may split the cookies over several fields (RFC 9113 §8.2.3).
        cookie=b"; ".join(found.get(b"cookie", [])).decode("latin-1"),
        accept=one("accept"),
        accept_language=one("accept-language"),
        content_type=one("content-type"),
        user_agent=one("user-agent"),
        fetch_site=one("sec-fetch-site"),
        fetch_mode=one("sec-fetch-mode"),
        fetch_dest=one("sec-fetch-dest"),
    )

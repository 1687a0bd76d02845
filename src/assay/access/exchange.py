"""What a gateway asks about one request, and what it is told: the values between a check and a decision."""

from typing import TypeAlias

from msgspec.structs import replace

from assay.policy import Limits
from assay.values import AppId, RoleId, SessionId, Value


class Connection(Value, frozen=True, kw_only=True):
    """The downstream TCP connection a request came on, as the kernel knows it; never a client's claim.

    `forwarded_for`: for whom a proxy that the gateway trusts passes this request on, "" where nobody stands between.
    """

    peer_ip: str
    peer_port: int
    # Envoy's number of the connection: the same address and port with another number is another connection.
    number: int
    sni: str = ""
    forwarded_for: str = ""

    @property
    def client_ip(self) -> str:
        """The address that is judged."""
        return self.forwarded_for or self.peer_ip


class CheckRequest(Value, frozen=True, kw_only=True):
    """One request that waits for an answer; method, host and path were found canonical by the gateway.

    `host` is lower case and without port; `path` keeps its query. A header that was not sent is "".
    """

    connection: Connection
    method: str
    host: str
    path: str
    protocol: str = ""
    cookie: str = ""
    origin: str = ""
    upgrade: str = ""
    accept: str = ""
    authorization: str = ""
    user_agent: str = ""
    fetch_mode: str = ""
    fetch_dest: str = ""
    fetch_site: str = ""
    fetch_user: str = ""
    # What a browser asks before it sends a request across origins (CORS).
    requested_method: str = ""
    requested_headers: str = ""

    @property
    def is_websocket(self) -> bool:
        return self.upgrade.lower() == "websocket"

    @property
    def is_navigation(self) -> bool:
        """Whether a person waits for a page, so that a redirect helps; else a program waits for a status.

        Fetch Metadata (W3C, §2) decides where the browser sends it; older clients are judged by Accept.
        """
        if self.upgrade or self.method not in ("GET", "HEAD"):
            return False
        if self.fetch_mode:
            return self.fetch_mode == "navigate" and self.fetch_dest in ("document", "iframe", "frame", "")
        return "text/html" in self.accept

    @property
    def as_program(self) -> "CheckRequest":
        """The same for a host that answers nobody with a page, or with the way to one."""
        return replace(self, accept="", fetch_mode="cors") if self.is_navigation else self


class Grant(Value, frozen=True, kw_only=True):
    """As what a request was let through: what its connection carries may stay open only while that would be again."""

    limits: Limits = Limits()
    user_agent: str = ""
    # For whom a trusted proxy passed it on: one connection of a proxy carries many people's requests.
    forwarded_for: str = ""
    # At the console and the API, whose routes go by them; none elsewhere.
    roles: frozenset[RoleId] = frozenset()

    @classmethod
    def of(cls, limits: Limits, request: CheckRequest, roles: frozenset[RoleId] = frozenset()) -> "Grant":
        """What this request is let through as."""
        forwarded_for = request.connection.forwarded_for
        return cls(limits=limits, user_agent=request.user_agent, forwarded_for=forwarded_for, roles=roles)

    def is_for(self, request: CheckRequest, roles: frozenset[RoleId]) -> bool:
        """Whether another request says the same of its client."""
        same = self.user_agent == request.user_agent and self.forwarded_for == request.connection.forwarded_for
        return same and self.roles == roles


class Allow(Value, frozen=True, kw_only=True):
    """The request goes on to the app for this session; its connection is cut when the session ends.

    For a program its credential's id stands where the session's would, for nobody the opening of a public path
    (`nobodys`): they end as sessions do. `without_authorization`: the header was for us and is taken off.
    """

    session_id: SessionId
    app_id: AppId
    # Set for the app, replacing what the client sent; the names must be among the gateway's own (Assay-…).
    headers: tuple[tuple[str, str], ...] = ()
    # The Cookie header without our own cookies; None passes no cookie on at all.
    cookie: str | None = None
    # Whole Set-Cookie values of ours for the client.
    set_cookies: tuple[str, ...] = ()
    # The limit of the decision by method, such as GET and HEAD for read-only; None limits nothing.
    methods: frozenset[str] | None = None
    grant: Grant = Grant()
    # For the client, beside what the app answers: who may read it across origins.
    response_headers: tuple[tuple[str, str], ...] = ()
    without_authorization: bool = False
    nobodys: bool = False


class Redirect(Value, frozen=True, kw_only=True):
    """A person is sent elsewhere (302, never cached), with whole Set-Cookie values of ours."""

    location: str
    set_cookies: tuple[str, ...] = ()


class Refuse(Value, frozen=True, kw_only=True):
    """The request ends here; `body` is whole and `content_type` says what it is."""

    status: int
    body: bytes = b""
    content_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()


CheckAnswer: TypeAlias = Allow | Redirect | Refuse

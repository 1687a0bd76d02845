"""Hostile requests in the form of HTTP/1.1, and what each proxy makes of them: a cell of docs/forward-auth.md each."""

from collections.abc import Callable
from typing import TypeAlias

from assay.values import Value

FORGED = "forged"


class Where(Value, frozen=True, kw_only=True):
    """What an attacker knows: `cookie` is a session's, `office` a credential that works from elsewhere only."""

    host: str
    port: int
    cookie: str
    credential: str
    office: str
    other: str

    @property
    def authority(self) -> str:
        return f"{self.host}:{self.port}"


Make: TypeAlias = Callable[[Where], bytes]


class Attack(Value, frozen=True, kw_only=True):
    """`signed_in`: it is sent with a session, and may reach the app as far as nothing forged does."""

    name: str
    make: Make
    signed_in: bool = False
    sni: Callable[[Where], str] | None = None
    # What somebody honest could send: it reaches the app as it was sent, or not at all.
    honest: bool = False
    # Whether the refusal still arrives depends on how fast the rest of the request is sent into a closed connection.
    cut_off: bool = False


def _head(line: str, *lines: str) -> bytes:
    return "\r\n".join((line, *lines, "", "")).encode("latin-1")


def _as_nobody(name: str, target: str, *lines: str) -> Attack:
    """Without a session: only what is below /public/ may reach the app."""
    return Attack(
        name=name,
        make=lambda where: _head(
            f"GET {target.format(host=where.host, authority=where.authority)} HTTP/1.1",
            f"Host: {where.authority}",
            *(line.format(host=where.host, authority=where.authority, other=where.other) for line in lines),
        ),
    )


def _signed_in(name: str, *lines: str, line: str = "GET /page HTTP/1.1", honest: bool = False) -> Attack:
    return Attack(
        name=name,
        signed_in=True,
        honest=honest,
        make=lambda where: _head(
            line,
            f"Host: {where.authority}",
            f"Cookie: theme=dark; {where.cookie}",
            *(each.format(host=where.host, authority=where.authority, other=where.other) for each in lines),
        ),
    )


def _websocket(name: str, *lines: str, protocol: str = "websocket", signed_in: bool = True) -> Attack:
    upgrade = (
        *("Connection: Upgrade", f"Upgrade: {protocol}"),
        *("Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="),
    )
    if signed_in:
        return _signed_in(name, *upgrade, *lines, honest=True)
    return _as_nobody(name, "/socket", *upgrade, *lines)


def _by_credential(name: str, choose: Callable[[Where], str], *lines: str) -> Attack:
    return Attack(
        name=name,
        make=lambda where: _head(
            "GET /api HTTP/1.1", f"Host: {where.authority}", f"Authorization: Bearer {choose(where)}", *lines
        ),
    )


PATHS = tuple(
    _as_nobody(f"`{shown}`", target)
    for shown, target in (
        ("/admin", "/admin"),
        ("/public/../admin", "/public/../admin"),
        ("/public/%2e%2e/admin", "/public/%2e%2e/admin"),
        ("/public/..%2fadmin", "/public/..%2fadmin"),
        ("/public/..%5cadmin", "/public/..%5cadmin"),
        ("/public/..;/admin", "/public/..;/admin"),
        ("/admin;/public/", "/admin;/public/"),
        ("//public/../admin", "//public/../admin"),
        ("/public//admin", "/public//admin"),
        ("/public/./../admin", "/public/./../admin"),
        ("/public/%252e%252e/admin", "/public/%252e%252e/admin"),
        ("/admin#/public/", "/admin#/public/"),
        ("/public/#/../admin", "/public/#/../admin"),
        ("/admin?/public/", "/admin?/public/"),
        ("/admin%3f/public/", "/admin%3f/public/"),
        ("/.assay/../admin", "/.assay/../admin"),
        ("/.assay/check", "/.assay/check"),
        ("/check", "/check"),
        ("/envoy/public/x", "/envoy/public/x"),
        ("https://…/public/x", "https://{authority}/public/x"),
        ("https://elsewhere/public/x", "https://elsewhere/public/x"),
    )
)
QUESTIONS = (
    *(
        _as_nobody(f"`{line.partition(':')[0]}` names another request", "/admin", line)
        for line in (
            "X-Forwarded-Uri: /public/x",
            "X-Forwarded-Method: OPTIONS",
            "X-Forwarded-Host: {other}",
            "X-Forwarded-Proto: http",
            "X-Forwarded-Url: /public/x",
            "X-Original-URL: https://{host}/public/x",
            "X-Original-URI: /public/x",
            "X-Original-Method: OPTIONS",
            "X-Rewrite-URL: /public/x",
            "Forwarded: for=192.0.2.7;host={other};proto=https",
            "Assay-Proxy: assay_0000000000000000000000000000000000000000000000000000000000000000",
            "Assay-Connection: [192.0.2.7]:1|x",
        )
    ),
    _as_nobody("`User-Agent` of a health check", "/admin", "User-Agent: ELB-HealthChecker/2.0"),
    _as_nobody("`User-Agent` of a probe", "/admin", "User-Agent: kube-probe/1.30"),
)
ADDRESSES = (
    *(
        _by_credential(f"`{line.partition(':')[0]}` says that the client is in the office", lambda w: w.office, line)
        for line in (
            "X-Forwarded-For: 192.0.2.7",
            "X-Real-IP: 192.0.2.7",
            "Forwarded: for=192.0.2.7",
            "True-Client-IP: 192.0.2.7",
            "X-Envoy-External-Address: 192.0.2.7",
        )
    ),
)
IDENTITIES = (
    *(
        _signed_in(f"`{name}`", f"{name}: {FORGED}")
        for name in (
            "Assay-Assertion",
            "Assay_Assertion",
            "Assay-Proxy",
            "Assay-Upgrade",
            "Remote-User",
            "X-Forwarded-User",
            "X-User",
            "X-Auth-Request-User",
            "X-Original-URL",
            "X-Forwarded-Prefix",
        )
    ),
    _signed_in("`Assay-Assertion` twice", f"Assay-Assertion: {FORGED}", f"assay-assertion: {FORGED}2"),
    _signed_in("`Connection: Assay-Assertion`", "Connection: close, Assay-Assertion"),
    _signed_in("`Connection: Assay-Proxy, Cookie`", "Connection: keep-alive, Assay-Proxy, Cookie"),
    _signed_in("`Connection: X-Forwarded-Uri, X-Original-URL`", "Connection: X-Forwarded-Uri, X-Original-URL"),
    _as_nobody("`Assay-Assertion` where nobody needs to be known", "/public/x", f"Assay-Assertion: {FORGED}"),
    _by_credential("a credential of Assay's is not passed on", lambda w: w.credential),
)
METHODS = (
    _signed_in("`TRACE`", line="TRACE /page HTTP/1.1"),
    _signed_in("`CONNECT`", line="CONNECT elsewhere:443 HTTP/1.1"),
    _signed_in("`PURGE`", line="PURGE /page HTTP/1.1"),
    _signed_in("a change from a sibling app", "Origin: https://{other}", line="POST /page HTTP/1.1"),
    _signed_in(
        "a change from elsewhere",
        *("Origin: https://evil.example", "Sec-Fetch-Site: cross-site", "Content-Length: 0"),
        line="POST /page HTTP/1.1",
    ),
    _signed_in(
        "`X-HTTP-Method-Override`", f"X-HTTP-Method-Override: {FORGED}", "Content-Length: 0", line="GET /page HTTP/1.1"
    ),
)
HOSTS = (
    _signed_in("a query (nothing hostile)", line="GET /page?q=%2Fpublic%2F..&x=1 HTTP/1.1", honest=True),
    Attack(
        name="another name in TLS",
        make=lambda where: _head("GET /public/x HTTP/1.1", f"Host: {where.authority}"),
        sni=lambda where: where.other,
    ),
    Attack(
        name="another `Host` than in TLS",
        make=lambda where: _head("GET /public/x HTTP/1.1", f"Host: {where.other}"),
    ),
    Attack(name="two `Host`", make=lambda w: _head("GET /admin HTTP/1.1", f"Host: {w.authority}", f"Host: {w.other}")),
    Attack(name="no `Host`", make=lambda where: _head("GET /admin HTTP/1.1", "Accept: */*")),
    Attack(
        name="HTTP/1.0 without a session", make=lambda where: _head("GET /admin HTTP/1.0", f"Host: {where.authority}")
    ),
    _signed_in("HTTP/1.0", line="GET /page HTTP/1.0", honest=True),
    _signed_in("a header of 7 KiB", f"X-Large: {'x' * 7_000}", honest=True),
    Attack(
        name="a header of 120 KiB",
        make=lambda where: _head("GET /page HTTP/1.1", f"Host: {where.authority}", f"X-Large: {'x' * 120_000}"),
        cut_off=True,
    ),
    _signed_in("our cookie twice", "Cookie: __Host-assay-app=forged"),
)
WEBSOCKETS = (
    _websocket("from the app's own page", "Origin: https://{authority}"),
    _websocket("from a sibling app", "Origin: https://{other}"),
    _websocket("from elsewhere", "Origin: https://evil.example"),
    _websocket("without a session", "Origin: https://{authority}", signed_in=False),
    _websocket("`Upgrade: h2c`", "Origin: https://{authority}", protocol="h2c"),
    _websocket("`Upgrade: WebSocket, h2c`", "Origin: https://evil.example", protocol="WebSocket, h2c"),
    _signed_in(
        "`Upgrade: WebSocket` from elsewhere, without a key",
        *("Connection: Upgrade", "Upgrade: WebSocket", "Origin: https://evil.example"),
    ),
)
GROUPS: tuple[tuple[str, tuple[Attack, ...]], ...] = (
    ("Paths, as nobody; `/public/` is public", PATHS),
    ("Headers that name another request than the one that is made", QUESTIONS),
    ("Headers that name another client; the credential works in the office only", ADDRESSES),
    ("Headers that speak of identity, with a session", IDENTITIES),
    ("Methods, with a session", METHODS),
    ("Hosts and framing", HOSTS),
    ("WebSockets", WEBSOCKETS),
)

"""The door of `console.sock`: who asks is settled here, every answer is hardened, and files of the console are served.

Envoy alone may connect (`peer.EnvoyGate`), and has asked the check before. Neither is believed here: the assertion is
verified anew, and where it is missing or not good nothing behind this door is reached.
"""

import re
from collections.abc import Iterable
from typing import Final, TypeAlias, cast

from uvicorn._types import (
    ASGI3Application,
    ASGIReceiveCallable,
    ASGISendCallable,
    ASGISendEvent,
    HTTPScope,
    Scope,
)

from assay.access.authorize import Caller
from assay.access.graph_errors import InnerError, graph_error
from assay.api.console_files import ConsoleFile, ConsoleFiles
from assay.api.graph_answers import SCOPE, Asked
from assay.api.graph_flows import GraphFlows
from assay.api.turns import RETRY_SECONDS, Turn, Turns
from assay.values import Value

PREFIX: Final = "/v1.0"
# The same resources where Graph's own clients ask for its beta: those of Conditional Access.
BETA: Final = "/beta"
# It stays open: how many of it there may be is counted where it is.
LIVE: Final = f"{PREFIX}/assay/live"
ASSERTION: Final = b"assay-assertion"
READING: Final = frozenset({"GET", "HEAD"})
# Questions in a body, which take as long as one in a query.
ASKING: Final = ("/identity/conditionalAccess/evaluate", "/assay/policies/preview")
# Those that wait for one another (access/only_newest.py): a newer one must get that far to end the older.
LONG: Final = ("/assay/policies/proofs", "/assay/policies/replay")
LONG_AT_ONCE: Final = 6
LONG_TOGETHER: Final = 48
CHANGES_TOGETHER: Final = 16
_SLASHES: Final = re.compile(r"/+")
# Of a client's own making, so that it finds its request in our log; anything else is left out.
_CLIENT_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)

CONTENT_SECURITY_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "font-src 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'none'",
        "require-trusted-types-for 'script'",
    )
)
_HARDENED: Final = (
    (b"content-security-policy", CONTENT_SECURITY_POLICY.encode()),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    (b"referrer-policy", b"same-origin"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
)
Headers: TypeAlias = tuple[tuple[bytes, bytes], ...]
_AGAIN: Final = ((b"retry-after", RETRY_SECONDS.encode()),)
_NO_STORE: Final = (b"cache-control", b"no-store")


class _Knock(Value, frozen=True, kw_only=True):
    """What the door reads of a request; a header that was not sent, or sent twice, is ""."""

    method: str
    path: str
    host: str
    assertion: str
    origin: str
    fetch_site: str
    fetch_mode: str
    fetch_dest: str
    client_request_id: str

    def asks(self, paths: tuple[str, ...]) -> bool:
        """Whether it is one of these questions; the router behind this door overlooks slashes that are too many."""
        return _SLASHES.sub("/", self.path).removesuffix("/").endswith(paths)


class GraphDoor:
    """An ASGI application that lets only known callers through to another."""

    def __init__(self, app: ASGI3Application, flows: GraphFlows) -> None:
        self._app = app
        self._flows = flows
        self._turns = Turns()
        # What changes something waits for no question of anybody's, and no question for it.
        self._changes = Turns(together=CHANGES_TOGETHER)
        self._long = Turns(at_once=LONG_AT_ONCE, waiting=LONG_AT_ONCE, together=LONG_TOGETHER)
        self._files = ConsoleFiles(flows.console)
        addresses = flows.addresses
        # By Host as Envoy hands it on: the origin that assertions for it are made for.
        self._origins = {
            f"{host}{addresses.port_suffix}": addresses.origin(host) for host in (flows.console_host, flows.api_host)
        }
        self._console = f"{flows.console_host}{addresses.port_suffix}"

    async def __call__(self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        if scope["type"] != "http":
            return
        knock = _read(scope)
        inner = InnerError(
            date=self._flows.now(), request_id=self._flows.new_id(), client_request_id=knock.client_request_id
        )
        send = _hardened(send, inner, bodiless=knock.method == "HEAD")
        origin = self._origins.get(knock.host.removesuffix(":443"))
        if origin is None:
            await _refuse(send, 404, "there is nothing at this host", inner)
            return
        caller = self._flows.callers.caller(knock.assertion, origin)
        if caller is None:
            await _refuse(send, 401, "sign in first: in a browser, or with: assay login", inner)
        elif self._foreign(knock, origin):
            await _refuse(send, 403, "only the console's own pages may ask or change something with a session", inner)
        elif not _of_the_api(knock.path):
            await self._file(knock, inner, send)
        elif knock.path == LIVE and knock.method in READING:
            await self._app(_let_in(scope, caller, inner), receive, send)
        else:
            async with self._turns_of(knock).taken(caller.token_id or caller.session_id or caller.name) as turn:
                if turn is not None:
                    await self._app(_let_in(scope, caller, inner), receive, _until_answered(send, turn))
                else:
                    await _refuse(send, 429, "you ask too much at once; ask one after the other", inner, _AGAIN)

    def _turns_of(self, knock: _Knock) -> Turns:
        """Of whatever is held in memory until it is answered there is a bounded number at once, of each sort."""
        if knock.method in READING or knock.asks(ASKING):
            return self._turns
        return self._long if knock.asks(LONG) else self._changes

    def _foreign(self, knock: _Knock, origin: str) -> bool:
        """Whether another origin's page may be asking in a browser's name; a token at `api.` is in no browser.

        Apps are same-site with the console, so that the session's cookie goes along with what their pages ask. They
        cannot read the answers, but how long they take and how many there are tells what was found (Fetch Metadata
        resource isolation). A page may link to the console's views, and to nothing of the API.
        """
        if knock.host.removesuffix(":443") != self._console:
            return False
        if knock.method not in READING:
            return knock.fetch_site != "same-origin" if knock.fetch_site else knock.origin != origin
        if knock.fetch_site in ("", "same-origin", "none"):
            return False
        link = knock.fetch_mode == "navigate" and knock.fetch_dest in ("document", "")
        return not link or _of_the_api(knock.path)

    async def _file(self, knock: _Knock, inner: InnerError, send: ASGISendCallable) -> None:
        """The console's files, for whoever may open it at all."""
        if knock.host.removesuffix(":443") != self._console:
            await _refuse(send, 404, f"the API is below {PREFIX}/", inner)
        elif knock.method not in READING:
            await _refuse(send, 405, "files are read and nothing else", inner)
        else:
            found = self._files.at(knock.path)
            if found is None:
                await _refuse(send, 404, "the console has no such file", inner)
            else:
                await _send_file(send, found)


def _of_the_api(path: str) -> bool:
    return path.startswith((f"{PREFIX}/", f"{BETA}/"))


def _read(scope: HTTPScope) -> _Knock:
    found: dict[bytes, list[bytes]] = {}
    for name, value in scope["headers"]:
        found.setdefault(name, []).append(value)

    def one(name: bytes) -> str:
        values = found.get(name, [])
        return values[0].decode("latin-1") if len(values) == 1 else ""

    client_request_id = one(b"client-request-id")
    return _Knock(
        method=scope["method"],
        path=scope["path"],
        host=one(b"host").lower(),
        assertion=one(ASSERTION),
        origin=one(b"origin"),
        fetch_site=one(b"sec-fetch-site"),
        fetch_mode=one(b"sec-fetch-mode"),
        fetch_dest=one(b"sec-fetch-dest"),
        client_request_id=client_request_id if _CLIENT_REQUEST_ID.fullmatch(client_request_id) else "",
    )


def _let_in(scope: HTTPScope, caller: Caller, inner: InnerError) -> HTTPScope:
    """The request with who asks; HEAD is GET without the body (RFC 9110 §9.3.2)."""
    inside = scope.copy()
    inside["extensions"] = {SCOPE: cast("dict[object, object]", Asked(inner=inner, caller=caller))}
    if inside["method"] == "HEAD":
        inside["method"] = "GET"
    return inside


def _until_answered(send: ASGISendCallable, turn: Turn) -> ASGISendCallable:
    """When an answer begins, what it says has been read: who takes it slowly keeps nobody waiting."""

    async def ending(message: ASGISendEvent) -> None:
        turn.end()
        await send(message)

    return ending


def _hardened(send: ASGISendCallable, inner: InnerError, *, bodiless: bool) -> ASGISendCallable:
    also = [*_HARDENED, (b"request-id", inner.request_id.encode())]
    if inner.client_request_id:
        also.append((b"client-request-id", inner.client_request_id.encode()))

    async def hardened(message: ASGISendEvent) -> None:
        if bodiless and message["type"] == "http.response.body":
            return
        if message["type"] == "http.response.start":
            headers = list(message["headers"])
            if not any(name == _NO_STORE[0] for name, _ in headers):
                headers.append(_NO_STORE)
            message["headers"] = [*headers, *also]
        await send(message)
        if bodiless and message["type"] == "http.response.start":
            # The end at once, and not with the body's: of a stream that never comes, and the gateway would hand the
            # next request of somebody else to a connection on which this one goes on. Who streams is told that the
            # client left.
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    return hardened


async def _refuse(send: ASGISendCallable, status: int, message: str, inner: InnerError, headers: Headers = ()) -> None:
    body = graph_error(status, message, inner)
    await _send(send, status, body, ((b"content-type", b"application/json"), *headers))


async def _send_file(send: ASGISendCallable, file: ConsoleFile) -> None:
    headers = ((b"content-type", file.content_type.encode()), (b"cache-control", file.caching.encode()))
    await _send(send, 200, file.content, headers)


async def _send(send: ASGISendCallable, status: int, body: bytes, headers: Iterable[tuple[bytes, bytes]]) -> None:
    every = [*headers, (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": every, "trailers": False})
    await send({"type": "http.response.body", "body": body, "more_body": False})

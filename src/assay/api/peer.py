"""Who is at the other end of the admin socket, as the kernel says (SO_PEERCRED, unix(7)), and who may be there."""

import asyncio
import os
import pwd
import socket
import struct
from collections.abc import Callable
from typing import Final, cast

import msgspec
from uvicorn._types import ASGI3Application, ASGIReceiveCallable, ASGISendCallable, Scope
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from assay.api.shapes.errors import ErrorBody, Problem
from assay.values import Value

PEER: Final = "assay.peer"
_WRONG_USER: Final = Problem(
    code="wrongHostUser",
    message="the admin socket is for the user that the service runs as, and for root",
    remedy="run the command as that user",
)
_ONLY_ENVOY: Final = Problem(
    code="onlyGateway",
    message="this socket is for the gateway alone",
    remedy="open the console or the API by name; on this machine, use the admin socket",
)
_CREDENTIALS: Final = struct.Struct("3i")
ROOT: Final = 0


class Peer(Value, frozen=True, kw_only=True):
    """The process that connected, as it was when it did; nothing of it is a claim."""

    pid: int
    uid: int
    gid: int

    @property
    def name(self) -> str:
        """The host's name of this user; its number where it has none."""
        try:
            return pwd.getpwuid(self.uid).pw_name
        except KeyError:
            return str(self.uid)


def peer_of(transport: asyncio.BaseTransport) -> Peer:
    """The peer of a connection on a unix socket; raises OSError where the kernel does not tell."""
    # uvloop shows a stand-in without getsockopt; a duplicate of its descriptor is a real socket.
    with socket.socket(fileno=os.dup(transport.get_extra_info("socket").fileno())) as duplicate:
        octets = duplicate.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    pid, uid, gid = _CREDENTIALS.unpack(octets)
    return Peer(pid=pid, uid=uid, gid=gid)


class PeerProtocol(HttpToolsProtocol):
    """HTTP/1.1 that hands the peer of its connection to the application, as the scope's extension `assay.peer`."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in its base
        self._peer = peer_of(transport)
        super().connection_made(transport)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {PEER: cast("dict[object, object]", self._peer)}


class PeerGate:
    """Lets only certain users of this host through to the application; everybody else is told 403."""

    def __init__(
        self, app: ASGI3Application, *, uids: frozenset[int], never: Callable[[], int | None] = lambda: None
    ) -> None:
        """`never`: the process that may not come although its user may: the gateway's Envoy.

        An app's owner can put a link to this socket where the app's own was, and connect(2) follows links.
        """
        self._app = app
        self._uids = uids
        self._never = never

    async def __call__(self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        if scope["type"] != "http":
            return
        peer = peer_in(scope)
        if peer is None or peer.uid not in self._uids or peer.pid == self._never():
            await _refuse(send, _WRONG_USER)
            return
        await self._app(scope, receive, send)


class EnvoyGate:
    """Lets one process through: the gateway's own Envoy, which has asked the check about every request."""

    def __init__(self, app: ASGI3Application, *, envoy: Callable[[], int | None]) -> None:
        """`envoy`: its process id now, None while there is none."""
        self._app = app
        self._envoy = envoy

    async def __call__(self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        if scope["type"] != "http":
            return
        peer, envoy = peer_in(scope), self._envoy()
        if peer is None or envoy is None or peer.pid != envoy:
            await _refuse(send, _ONLY_ENVOY)
            return
        await self._app(scope, receive, send)


def peer_in(scope: Scope) -> Peer | None:
    """The peer that `PeerProtocol` put into this scope."""
    extensions: object = scope.get("extensions")
    found: object = extensions.get(PEER) if isinstance(extensions, dict) else None
    return found if isinstance(found, Peer) else None


async def _refuse(send: ASGISendCallable, problem: Problem) -> None:
    body = msgspec.json.encode(ErrorBody(error=problem))
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 403, "headers": headers, "trailers": False})
    await send({"type": "http.response.body", "body": body, "more_body": False})

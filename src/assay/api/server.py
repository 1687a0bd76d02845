"""The admin socket: uvicorn on a unix socket in the data directory, for the service's own user and root."""

import asyncio
import contextlib
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from uvicorn import Config, Server
from uvicorn._types import ASGI3Application

from assay.api.peer import ROOT, PeerGate, PeerProtocol
from assay.values import AssayError

SOCKET_NAME: Final = "admin.sock"
# An `events tail --follow` ends when the service does.
GRACE_SECONDS: Final = 1
_POLL_SECONDS: Final = 0.005


class AdminSocketError(AssayError):
    """The admin socket cannot be served."""


class _EmbeddedServer(Server):
    """uvicorn inside a process that handles its signals itself."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class AdminServer:
    """Serves an ASGI application at `<directory>/admin.sock` until it is stopped."""

    def __init__(self, app: ASGI3Application, directory: Path, *, uids: frozenset[int] | None = None) -> None:
        """`uids`: the host's users who may talk; None: the service's own and root."""
        self.path = directory / SOCKET_NAME
        allowed = frozenset({ROOT, os.getuid()}) if uids is None else uids
        self._server = _EmbeddedServer(
            Config(
                PeerGate(app, uids=allowed),
                http=PeerProtocol,
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                date_header=False,
                timeout_graceful_shutdown=GRACE_SECONDS,
            )
        )
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Return when the socket accepts; raises AdminSocketError."""
        listener = _bind(self.path)
        self._task = asyncio.create_task(self._server.serve(sockets=[listener]), name="admin socket")
        while not self._server.started:
            if self._task.done():
                self._task.result()
                raise AdminSocketError(f"the admin socket {self.path} cannot be served")
            await asyncio.sleep(_POLL_SECONDS)

    async def stop(self) -> None:
        """Finish what is being answered, then go."""
        if self._task is not None:
            self._server.should_exit = True
            await self._task
            self._task = None
        self.path.unlink(missing_ok=True)


def _bind(path: Path) -> socket.socket:
    """A socket that only its owner may connect to, from its first moment."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.parent.chmod(0o700)
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        listener.bind(str(path))
        path.chmod(0o600)
    except OSError as error:
        listener.close()
        raise AdminSocketError(
            f"the admin socket {path} cannot be made: {error}", remedy="choose a data directory with a shorter path"
        ) from error
    return listener

"""Serve an ASGI application on a socket of ours, on the event loop that runs already."""

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Final

import uvicorn

from assay.values import AssayError

AsgiApp = Callable[..., Awaitable[None]]  # ASGI 3; every framework types its scopes in its own way
GRACE_SECONDS: Final = 3
_POLL_SECONDS: Final = 0.002


class UnixSocketError(AssayError):
    """The socket cannot be made or served."""


class _Server(uvicorn.Server):
    """uvicorn without its signal handlers: the service stops as a whole, in its own order."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._told = asyncio.Event()

    def tell_to_exit(self) -> None:
        self.should_exit = True
        self._told.set()

    async def main_loop(self) -> None:
        """Until it is told to exit; uvicorn's own looks ten times a second whether it was, and for the date."""
        await self.on_tick(0)
        await self._told.wait()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class ServedSocket:
    """One application on one socket; `bind` makes it, and raises UnixSocketError."""

    def __init__(
        self,
        app: AsgiApp,
        bind: Callable[[], socket.socket],
        *,
        name: str,
        http: type[asyncio.Protocol] | str = "httptools",
        grace_seconds: int = GRACE_SECONDS,
    ) -> None:
        """`grace_seconds`: how long `stop` waits for what is being answered."""
        self.name = name
        self._bind = bind
        self._server = _Server(
            uvicorn.Config(
                app,
                http=http,
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                date_header=False,
                timeout_graceful_shutdown=grace_seconds,
            )
        )
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Return when the socket accepts connections; raises UnixSocketError."""
        listener = self._bind()
        self._task = asyncio.create_task(self._server.serve(sockets=[listener]), name=f"socket {self.name}")
        while not self._server.started:
            if self._task.done():
                self._task.result()
                raise UnixSocketError(f"the socket {self.name} cannot be served")
            await asyncio.sleep(_POLL_SECONDS)

    async def stop(self) -> None:
        """Finish what is being answered, then go."""
        if self._task is not None:
            self._server.tell_to_exit()
            await self._task
            self._task = None


class UnixSocket(ServedSocket):
    """One application on one socket, for the owner of its directory only."""

    def __init__(
        self,
        app: AsgiApp,
        path: Path,
        *,
        http: type[asyncio.Protocol] | str = "httptools",
        grace_seconds: int = GRACE_SECONDS,
    ) -> None:
        super().__init__(app, lambda: _bind(path), name=path.name, http=http, grace_seconds=grace_seconds)
        self.path = path

    async def stop(self) -> None:
        """The same, and the socket is gone."""
        await super().stop()
        self.path.unlink(missing_ok=True)


def _bind(path: Path) -> socket.socket:
    """A socket that only its owner may connect to, from its first moment: the directory is closed before it."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.parent.chmod(0o700)
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        listener.bind(str(path))
        path.chmod(0o600)
    except OSError as error:
        listener.close()
        raise UnixSocketError(
            f"the socket {path} cannot be made: {error}", remedy="choose a data directory with a shorter path"
        ) from error
    return listener

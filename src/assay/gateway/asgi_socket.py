"""Serve an ASGI application on a unix socket, on the event loop that runs already."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import uvicorn

AsgiApp = Callable[..., Awaitable[None]]  # ASGI 3; every framework types its scopes in its own way
SOCKET_MODE = 0o600
STOP_SECONDS = 3


class _Server(uvicorn.Server):
    """uvicorn without its signal handlers: the service stops as a whole, in its own order."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class AsgiSocket:
    """One application on one socket, for the owner of the directory only."""

    def __init__(self, app: AsgiApp, path: Path, *, http: type[asyncio.Protocol] | str = "httptools") -> None:
        self._path = path
        config = uvicorn.Config(
            app,
            uds=str(path),
            http=http,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            date_header=False,
            timeout_graceful_shutdown=STOP_SECONDS,
        )
        self._server = _Server(config)
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Return when the socket accepts connections; raises OSError."""
        self._path.unlink(missing_ok=True)
        self._task = asyncio.create_task(self._server.serve(), name=f"asgi {self._path.name}")
        while not self._server.started:
            if self._task.done():
                await self._task
                raise OSError(f"cannot listen on {self._path}")
            await asyncio.sleep(0.002)
        self._path.chmod(SOCKET_MODE)

    async def stop(self) -> None:
        """Finish what is being answered, a few seconds at most."""
        self._server.should_exit = True
        if self._task is not None:
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

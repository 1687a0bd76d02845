"""An application that is made when it is asked for the first time."""

import asyncio
from collections.abc import Callable

from uvicorn._types import ASGI3Application, ASGIReceiveCallable, ASGISendCallable, Scope


class FirstAsked:
    """An ASGI application that `make` makes, on another thread; until it could, requests fail as `make` does."""

    def __init__(self, make: Callable[[], ASGI3Application]) -> None:
        self._make = make
        self._making = asyncio.Lock()
        self._app: ASGI3Application | None = None

    async def __call__(self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        app = self._app or await self._made()
        await app(scope, receive, send)

    async def _made(self) -> ASGI3Application:
        async with self._making:
            if self._app is None:
                self._app = await asyncio.to_thread(self._make)
            return self._app

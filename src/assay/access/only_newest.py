"""Long questions of people who are still typing: one at a time, and of one caller's only the newest."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class OnlyNewest:
    """Whoever waited until something newer was asked is told so, and need not be answered; of one event loop."""

    def __init__(self) -> None:
        self._one = asyncio.Lock()
        self._newest: dict[str, object] = {}

    @asynccontextmanager
    async def turn(self, caller: str) -> AsyncIterator[bool]:
        """A turn of this caller, once nothing else is on; False where they asked something newer meanwhile."""
        mine = self._newest[caller] = object()
        try:
            async with self._one:
                yield self._newest.get(caller) is mine
        finally:
            if self._newest.get(caller) is mine:
                del self._newest[caller]

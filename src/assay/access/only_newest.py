"""Long questions of people who are still typing: one at a time, and of one caller's only the newest."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class OnlyNewest:
    """Whoever waits while they ask something newer is told so at once; of one event loop.

    So one question of each caller waits at most, however many come: each holds what it is about in memory.
    """

    def __init__(self) -> None:
        self._busy = False
        # In the order in which they are served; who asks anew keeps their place.
        self._waiting: dict[str, asyncio.Future[bool]] = {}

    @asynccontextmanager
    async def turn(self, caller: str) -> AsyncIterator[bool]:
        """A turn of this caller, once nothing else is on; False as soon as they ask something newer before that."""
        older = self._waiting.get(caller)
        if older is not None and not older.done():
            older.set_result(False)
        mine = self._waiting[caller] = asyncio.get_running_loop().create_future()
        self._serve()
        try:
            newest = await mine
        except asyncio.CancelledError:
            self._leave(caller, mine)
            raise
        if not newest:
            yield False
            return
        try:
            yield True
        finally:
            self._end()

    def _serve(self) -> None:
        while self._waiting and not self._busy:
            place = self._waiting.pop(next(iter(self._waiting)))
            if not place.done():
                place.set_result(True)
                self._busy = True

    def _end(self) -> None:
        self._busy = False
        self._serve()

    def _leave(self, caller: str, mine: "asyncio.Future[bool]") -> None:
        """Who asked has gone: while they waited, or with a turn that was just given."""
        if self._waiting.get(caller) is mine:
            del self._waiting[caller]
        elif not mine.cancelled() and mine.result():
            self._end()

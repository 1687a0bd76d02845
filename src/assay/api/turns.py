"""How much one caller has asked at once: who asks in a loop, or in many windows, keeps itself waiting and nobody else.

A question for a list takes one of few threads (`store.LIST_READERS`). Graph's clients ask some at a time and expect 429
with `Retry-After` when that is too many; a page of the console asks half a dozen when it opens.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

AT_ONCE: Final = 2
WAITING: Final = 30
RETRY_SECONDS: Final = "1"


class Turns:
    """Turns of each caller, in the order in which they asked; of one event loop."""

    def __init__(self, *, at_once: int = AT_ONCE, waiting: int = WAITING) -> None:
        self._at_once = at_once
        self._all = at_once + waiting
        self._asked: dict[str, int] = {}
        self._turns: dict[str, asyncio.Semaphore] = {}

    @asynccontextmanager
    async def taken(self, caller: str) -> AsyncIterator[bool]:
        """A turn of this caller, once there is one; False at once where too many wait already."""
        asked = self._asked.get(caller, 0)
        if asked >= self._all:
            yield False
            return
        self._asked[caller] = asked + 1
        turn = self._turns.setdefault(caller, asyncio.Semaphore(self._at_once))
        try:
            async with turn:
                yield True
        finally:
            self._asked[caller] -= 1
            if not self._asked[caller]:
                # Who asks nothing any more leaves nothing behind.
                del self._asked[caller], self._turns[caller]

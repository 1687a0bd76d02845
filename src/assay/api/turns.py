"""How much is asked at once, by one caller and by all: who asks in a loop, or in many windows, keeps no one waiting.

A question for a list takes one of few threads (`store.LIST_READERS`). Graph's clients ask some at a time and expect 429
with `Retry-After` when that is too many; a page of the console asks half a dozen when it opens.
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

AT_ONCE: Final = 2
WAITING: Final = 30
# Of all callers: more than there are threads for lists, because some of what is read needs none.
TOGETHER: Final = 8
WAITING_TOGETHER: Final = 200
RETRY_SECONDS: Final = "1"


class Turn:
    """The right to read, until `end` or the end of the block that took it."""

    def __init__(self, turns: "Turns", caller: str) -> None:
        self._turns: Turns | None = turns
        self._caller = caller

    def end(self) -> None:
        """Give it back; a second time it does nothing."""
        turns, self._turns = self._turns, None
        if turns is not None:
            turns.ended(self._caller)


class _Asking:
    """What one caller has: how much is answered now, and what waits, oldest first."""

    def __init__(self) -> None:
        self.running = 0
        self.waiting: deque[asyncio.Future[bool]] = deque()


class Turns:
    """Turns of callers, to who has fewest first, and of each in the order in which they asked; of one event loop."""

    def __init__(
        self,
        *,
        at_once: int = AT_ONCE,
        waiting: int = WAITING,
        together: int = TOGETHER,
        waiting_together: int = WAITING_TOGETHER,
    ) -> None:
        self._at_once, self._waiting = at_once, waiting
        self._together, self._waiting_together = together, waiting_together
        # In the order in which they are served next. Who asks nothing any more leaves nothing behind.
        self._callers: OrderedDict[str, _Asking] = OrderedDict()
        self._running = 0
        self._in_line = 0

    @asynccontextmanager
    async def taken(self, caller: str) -> AsyncIterator[Turn | None]:
        """A turn of this caller, once there is one; None where too many wait already."""
        asking = self._callers.setdefault(caller, _Asking())
        if not self._room(asking):
            self._forget(caller)
            yield None
            return
        place = asyncio.get_running_loop().create_future()
        asking.waiting.append(place)
        self._in_line += 1
        self._serve()
        try:
            mine = await place
        except asyncio.CancelledError:
            self._leave(caller, asking, place)
            raise
        if not mine:
            self._forget(caller)
            yield None
            return
        turn = Turn(self, caller)
        try:
            yield turn
        finally:
            turn.end()

    def ended(self, caller: str) -> None:
        """One turn of this caller is over."""
        self._running -= 1
        self._callers[caller].running -= 1
        self._forget(caller)
        self._serve()

    def _room(self, asking: _Asking) -> bool:
        """Whether one more may wait; where all wait too much, whoever has most waiting loses their newest."""
        if asking.running < self._at_once and self._running < self._together:
            return True
        if len(asking.waiting) >= self._waiting:
            return False
        if self._in_line < self._waiting_together:
            return True
        most = max(self._callers.values(), key=lambda each: len(each.waiting))
        if len(most.waiting) <= len(asking.waiting) + 1:
            return False
        self._in_line -= 1
        _tell(most.waiting.pop(), False)
        return True

    def _serve(self) -> None:
        """Give out the turns that are free, first to who has fewest, then to who was served longest ago."""
        while self._running < self._together:
            due = [name for name, each in self._callers.items() if self._due(each)]
            if not due:
                return
            served = min(due, key=lambda name: self._callers[name].running)
            asking = self._callers[served]
            self._callers.move_to_end(served)
            self._in_line -= 1
            if _tell(asking.waiting.popleft(), True):
                asking.running += 1
                self._running += 1

    def _due(self, asking: _Asking) -> bool:
        return bool(asking.waiting) and asking.running < self._at_once

    def _leave(self, caller: str, asking: _Asking, place: "asyncio.Future[bool]") -> None:
        """Who asked has gone: from the queue, or with a turn that was just given."""
        if place in asking.waiting:
            asking.waiting.remove(place)
            self._in_line -= 1
            self._forget(caller)
        elif not place.cancelled() and place.result():
            self.ended(caller)
        else:
            self._forget(caller)

    def _forget(self, caller: str) -> None:
        asking = self._callers.get(caller)
        if asking is not None and not asking.running and not asking.waiting:
            del self._callers[caller]


def _tell(place: "asyncio.Future[bool]", mine: bool) -> bool:
    """Whether the turn was taken; who went away at this moment takes none."""
    if place.cancelled():
        return False
    place.set_result(mine)
    return mine

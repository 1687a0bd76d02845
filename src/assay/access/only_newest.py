"""Long questions of people who are still typing: one at a time, and of one caller's only the newest."""

import asyncio
from collections.abc import Awaitable, Callable
from enum import Enum, auto
from typing import Final, TypeVar

T = TypeVar("T")
WAITING: Final = 8  # callers; each may wait for as long as all before them take


class Unanswered(Enum):
    """Why somebody is not answered: they asked something newer, or too many wait."""

    SUPERSEDED = auto()
    TOO_MANY = auto()


class OnlyNewest:
    """Whoever asks something newer is told so of the older at once, and it is ended where it is on; of one event loop.

    So one question of each caller waits at most, however many come: each holds what it is about in memory. Nobody who
    types on keeps others waiting for what they no longer want to know.
    """

    def __init__(self, *, waiting: int = WAITING) -> None:
        self._most = waiting
        self._running: tuple[str, asyncio.Task[object]] | None = None
        self._busy = False
        # In the order in which they are served; who asks anew while they wait keeps their place.
        self._waiting: dict[str, asyncio.Future[bool]] = {}

    async def answer(self, caller: str, ask: Callable[[], Awaitable[T]]) -> T | Unanswered:
        """What `ask` answers, once nothing else is on; whoever waits for this and goes away ends it."""
        if not self._placed(caller):
            return Unanswered.TOO_MANY
        mine = self._waiting[caller] = asyncio.get_running_loop().create_future()
        self._serve()
        try:
            newest = await mine
        except asyncio.CancelledError:
            self._leave(caller, mine)
            raise
        return await self._asked(caller, ask) if newest else Unanswered.SUPERSEDED

    def _placed(self, caller: str) -> bool:
        """Whether this caller may wait; what they asked before is over."""
        if self._running is not None and self._running[0] == caller:
            self._running[1].cancel()
        older = self._waiting.get(caller)
        if older is None:
            return len(self._waiting) < self._most
        if not older.done():
            older.set_result(False)
        return True

    async def _asked(self, caller: str, ask: Callable[[], Awaitable[T]]) -> T | Unanswered:
        task = asyncio.ensure_future(ask())
        self._running = (caller, task)
        try:
            return await task
        except asyncio.CancelledError:
            current = asyncio.current_task()
            if current is not None and current.cancelling():
                raise
            return Unanswered.SUPERSEDED
        finally:
            self._running = None
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

"""What happens, told to whoever watches: one look at the log's end for all of them, four times a second at most.

The log is followed rather than this process alone, so that what other nodes commit is told too, and so that somebody
whose connection broke goes on where it ended.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator
from functools import partial
from typing import Final
from weakref import WeakSet

from msgspec.structs import replace

from assay.access.activity import Change, ShownDecision, ShownSignIn, envelope_of, shown_decisions, shown_sign_ins
from assay.access.premises import Premises
from assay.events import tail
from assay.events.audits import ACTIVITIES
from assay.events.records import decisions, sign_ins
from assay.events.records.log import Leaf, read_tree
from assay.events.sign_ins import SIGN_IN_CODES
from assay.store import DAMAGE, Reader
from assay.values import Value

logger = logging.getLogger("assay.access.live")
LOOK_SECONDS: Final = 0.25
AT_ONCE: Final = 200
# Behind by more than this, a reader is dropped: it comes back and says where it was.
WAITING_LIMIT: Final = 1_000
WATCHERS_LIMIT: Final = 200
# Tabs of one session; who opens more takes nobody else's place.
WATCHERS_OF_ONE: Final = 10
# Who was away for longer reads the lists anew.
RESUME_LIMIT: Final = 5_000


class Happened(Value, frozen=True, kw_only=True):
    """Something that happened, and the number of the event that told of it.

    `last`: nothing more is told of this event, so that whoever saw it goes on behind its number.
    """

    number: int
    last: bool = True
    what: ShownSignIn | ShownDecision | Change


class Watcher:
    """A place among those who watch, and what waits there; it is free again once nobody holds on to this."""

    def __init__(self, who: str) -> None:
        self.who = who
        self.waiting: asyncio.Queue[Happened | None] = asyncio.Queue(WAITING_LIMIT)


class LiveFeed:
    """Hands what is new to every watcher; works only while there is one."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises
        self._watchers: WeakSet[Watcher] = WeakSet()
        self._following: asyncio.Task[None] | None = None
        self._after = -1

    def join(self, who: str) -> Watcher | None:
        """A place for this session or token, taken before anything is answered; None where all are taken."""
        mine = sum(watcher.who == who for watcher in self._watchers)
        if len(self._watchers) >= WATCHERS_LIMIT or mine >= WATCHERS_OF_ONE:
            return None
        watcher = Watcher(who)
        self._watchers.add(watcher)
        return watcher

    async def newest(self) -> int:
        """The number of the newest event: whoever watches from behind it is told everything from now on."""
        return await self._premises.store.read(lambda reader: read_tree(reader).size) - 1

    async def watch(self, watcher: Watcher, after: int | None) -> AsyncGenerator[Happened, None]:
        """Everything from now on, or from behind event number `after`; ends for a reader that is too slow."""
        waiting = watcher.waiting
        try:
            newest = await self.newest()
            if self._following is None:
                self._after = newest
                self._following = asyncio.create_task(self._follow())
            # Behind the end where a backup was restored: numbers begin anew there, and who waits for one waits long.
            seen = newest if after is None else min(max(after, newest - RESUME_LIMIT), newest)
            async for happened in self._missed(seen):
                seen = happened.number
                yield happened
            while (found := await waiting.get()) is not None:
                if found.number > seen:
                    yield found
        finally:
            self._watchers.discard(watcher)
            if not self._watchers and self._following is not None:
                self._following.cancel()
                self._following = None

    async def _missed(self, after: int) -> AsyncIterator[Happened]:
        """What was told before this watcher came, up to what the others have been told."""
        while after < self._after:
            reached, found = await self._premises.store.read(partial(_look, after=after, limit=AT_ONCE))
            if reached == after:
                return
            for each in found:
                if each.number <= self._after:
                    yield each
            after = reached

    async def _follow(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            if not self._watchers:
                # Who took a place and never read is gone.
                self._following = None
                return
            try:
                reached, found = await self._premises.store.read(partial(_look, after=self._after, limit=AT_ONCE))
            except Exception:
                logger.exception("what is new cannot be read; watchers wait")
                continue
            self._after = reached
            self._hand_to_all(found)

    def _hand_to_all(self, found: tuple[Happened, ...]) -> None:
        # Not where it waits: a name that is left over there would hold on to a watcher, and to its place.
        for watcher in tuple(self._watchers):
            self._hand(watcher, found)

    def _hand(self, watcher: Watcher, found: tuple[Happened, ...]) -> None:
        waiting = watcher.waiting
        try:
            for each in found:
                waiting.put_nowait(each)
        except asyncio.QueueFull:
            # The end comes at once, not behind a thousand things that nobody reads.
            while not waiting.empty():
                waiting.get_nowait()
            waiting.put_nowait(None)
            self._watchers.discard(watcher)


def _look(reader: Reader, after: int, limit: int) -> tuple[int, tuple[Happened, ...]]:
    """What is told of the events behind this number, in order; and up to which of them it was looked."""
    try:
        leaves = tail(reader, after=after, limit=limit)
        found = tuple(happened for leaf in leaves for happened in _told(reader, leaf))
    except DAMAGE:
        return _look_one_by_one(reader, after, limit)
    return (leaves[-1].leaf_index if leaves else after), found


def _look_one_by_one(reader: Reader, after: int, limit: int) -> tuple[int, tuple[Happened, ...]]:
    """The same where something cannot be read: it is passed over, for what comes behind it must be told."""
    last = min(after + limit, read_tree(reader).size - 1)
    found: list[Happened] = []
    for number in range(after + 1, last + 1):
        try:
            found += [happened for leaf in tail(reader, after=number - 1, limit=1) for happened in _told(reader, leaf)]
        except DAMAGE as error:
            logger.error("event %d cannot be shown to those who watch: %s", number, type(error).__name__)
    return last, tuple(found)


def _told(reader: Reader, leaf: Leaf) -> tuple[Happened, ...]:
    number, found = leaf.leaf_index, list[Happened]()
    if leaf.code in SIGN_IN_CODES:
        listed = sign_ins.by_id(reader, leaf.id)
        shown = () if listed is None else shown_sign_ins(reader, (listed,))
        found += [Happened(number=number, what=each) for each in shown]
    if leaf.code in ACTIVITIES:
        event = envelope_of(reader, leaf)
        found += [] if event is None else [Happened(number=number, what=Change(event=event))]
    if leaf.code == "decision":
        records = decisions.of_batch(reader, number)
        found += [Happened(number=number, what=each) for each in shown_decisions(reader, records)]
    return tuple(replace(each, last=each is found[-1]) for each in found)

"""Threads for argon2: it would stop the event loop for 20 ms each time, and takes 19 MiB while it runs."""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from assay.identities.methods.password import PasswordCheck, check_password, hash_password
from assay.values import AssayError

T = TypeVar("T")

# With 20 ms each and two threads, whoever comes last waits about two seconds; more would only time out.
WAITING: Final = 200
# The lane of those who are known: it goes before all others, and strangers cannot fill it.
KNOWN: Final = ""


class HashingBusyError(AssayError):
    """More passwords wait than can be checked in reasonable time; the caller may try again."""


class PasswordHashing:
    """Hashes and checks passwords on `threads` threads (one a core), with at most `waiting` strangers waiting.

    Who comes on a known device goes first; strangers are taken in turn by `lane`, one of each source, and none of
    them may hold more than a tenth of the places: a flood from one source makes that source wait.
    """

    def __init__(self, threads: int, waiting: int = WAITING) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="assay-argon2")
        self._idle = threads
        self._places = waiting
        self._of_one_lane = max(waiting // 10, 1)
        self._known: deque[asyncio.Future[None]] = deque()
        self._lanes: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()

    async def check(self, stored: str | None, given: str, *, lane: str = KNOWN) -> PasswordCheck:
        """`check_password`; raises HashingBusyError."""
        return await self._run(lambda: check_password(stored, given), lane)

    async def hash(self, password: str, salt: bytes) -> str:
        """`hash_password`, for somebody who is signed in; raises HashingBusyError."""
        return await self._run(lambda: hash_password(password, salt), KNOWN)

    def close(self) -> None:
        """Finish what runs and drop what waits."""
        self._pool.shutdown(cancel_futures=True)

    async def _run(self, work: Callable[[], T], lane: str) -> T:
        await self._turn(lane)
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        except (MemoryError, RuntimeError) as error:
            # RuntimeError: no thread can be started, or the pool is closed.
            raise HashingBusyError("no memory is left to check passwords in", remedy="try again shortly") from error
        finally:
            self._next()

    async def _turn(self, lane: str) -> None:
        """Wait for a thread; whoever gives up while waiting takes nobody's place."""
        if self._idle:
            self._idle -= 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue(lane).append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._next()
            raise

    def _queue(self, lane: str) -> deque[asyncio.Future[None]]:
        """Where to wait; raises HashingBusyError where too many do."""
        full = sum(map(len, self._lanes.values())) >= self._places
        queue = self._known if lane == KNOWN else self._lanes.get(lane, deque())
        if (len(queue) >= self._places) if lane == KNOWN else (full or len(queue) >= self._of_one_lane):
            raise HashingBusyError("too many passwords wait to be checked", remedy="try again in a few seconds")
        if lane != KNOWN:
            self._lanes[lane] = queue
        return queue

    def _next(self) -> None:
        """Give the thread to whose turn it is."""
        while (turn := self._take()) is not None:
            if not turn.done():
                turn.set_result(None)
                return
        self._idle += 1

    def _take(self) -> asyncio.Future[None] | None:
        if self._known:
            return self._known.popleft()
        if not self._lanes:
            return None
        lane, queue = self._lanes.popitem(last=False)
        turn = queue.popleft()
        if queue:
            self._lanes[lane] = queue  # behind the others
        return turn

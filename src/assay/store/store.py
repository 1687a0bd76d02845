"""The store: readers beside one writer thread with group commit; the event loop never runs SQL."""

import asyncio
import logging
import queue
import threading
import time
from collections.abc import Callable
from typing import TypeVar

from assay.clock import Clock
from assay.store.changes import Change, ChangeFeed
from assay.store.contact import Contact, unavailable
from assay.store.database import Database
from assay.store.dialect import Dialect
from assay.store.errors import (
    StoreBusyError,
    StoreClosedError,
    StoreFullError,
    is_loss,
    translated,
)
from assay.store.following import Following
from assay.store.reader import Reader
from assay.store.readers import Readers
from assay.store.records import changes as told_changes
from assay.store.reserve import Reserve
from assay.store.skipped import Skipped
from assay.store.transaction import Transaction
from assay.store.work import RolledBackError, Work

T = TypeVar("T")
logger = logging.getLogger("assay.store")

# One commit costs an fsync whatever it holds; more than this delays the first in the group for no gain.
GROUP_LIMIT = 128
QUEUE_LIMIT = 10_000


class Store:
    """Reads and writes of one database.

    `write` returns after the commit has reached the disk and after the change feed's listeners have run. Both raise
    StoreUnavailableError when the database cannot be used.
    """

    def __init__(self, database: Database) -> None:
        self.database = database
        self.feed = ChangeFeed()
        self.contact = Contact()
        self.following = Following(database, self.feed, self.contact)
        self.reserve = Reserve(database.file)
        self.skipped = Skipped()
        self._readers = Readers(database, self.contact, self.skipped)
        self._queue: queue.SimpleQueue[Work[object] | None] = queue.SimpleQueue()
        # Held to put something into the queue and to end it: nothing is ever put where no writer will look.
        self._gate = threading.Lock()
        self._ended = ""
        self._writer = threading.Thread(target=self._write_all, name="assay-writer", daemon=True)
        self._writer.start()

    async def listen(self, clock: Clock) -> None:
        """Follow what other nodes change, from now on; to be called before anything is read that follows changes.

        While the database does not answer, `read` and `write` raise StoreUnavailableError at once; it is tried again
        by one thread of this node, and whatever was missed is taken over before anything is answered again.
        """
        loop = asyncio.get_running_loop()
        try:
            await asyncio.to_thread(self.following.start, loop, clock)
        except Exception as error:
            failure = translated(error)
            raise failure from error

    async def read(self, look: Callable[[Reader], T]) -> T:
        """Run `look` on a snapshot, in a reader's thread."""
        return await self._readers.read(look)

    async def read_list(self, look: Callable[[Reader], T]) -> T:
        """The same for a question that somebody put together, in a few threads of its own.

        Raises AskedTooMuchError where it takes longer than `LIST_SECONDS`.
        """
        return await self._readers.read_list(look)

    async def read_long(self, look: Callable[[Reader], T]) -> T:
        """The same for what takes seconds, one at a time: sign-ins must not wait behind the whole log."""
        return await self._readers.read_long(look)

    async def write(self, act: Callable[[Transaction], T], *, urgent: bool = False) -> T:
        """Run `act` in the writer's thread; what it raises is raised here and undoes only its own change.

        `urgent`: it takes access away, and on a full disk is done again with what was set aside for that.
        """
        if not urgent:
            self.reserve.refuse()
        while True:
            try:
                return await self._write(act)
            except StoreFullError:
                if not (urgent and self.reserve.spend()):
                    raise

    async def _write(self, act: Callable[[Transaction], T]) -> T:
        self.contact.refuse()
        work = Work(act)
        with self._gate:
            if self._ended:
                raise StoreClosedError(self._ended, remedy="start Assay again")
            if self._queue.qsize() >= QUEUE_LIMIT:
                raise StoreBusyError("too many changes wait for the database", remedy="try again shortly")
            self._queue.put(work)  # type: ignore[arg-type]  # the queue does not care what T is
        if not await self.contact.answered(work.future):
            work.withdrawn = True
            raise unavailable(self.contact.reason or TimeoutError("no answer"))
        return work.future.result()

    async def close(self) -> None:
        """Finish what was queued, then let go of the database."""
        with self._gate:
            self._ended = self._ended or "the store is closed"
            self._queue.put(None)
        await asyncio.to_thread(self._writer.join)
        await asyncio.to_thread(self.following.stop)
        self._readers.shutdown()
        self.database.close()

    def _write_all(self) -> None:
        group: list[Work[object]] = []
        try:
            while (first := self._queue.get()) is not None:
                group, closing = self._group(first)
                self._commit(group)
                group = []
                if closing:
                    return
        except BaseException as error:  # noqa: BLE001 - whatever ended the writer, nobody may wait for it
            self._end_writing(group, error)

    def _group(self, first: Work[object]) -> tuple[list[Work[object]], bool]:
        group = [first]
        while len(group) < GROUP_LIMIT:
            try:
                work = self._queue.get_nowait()
            except queue.Empty:
                break
            if work is None:
                return group, True
            group.append(work)
        return group, False

    def _commit(self, group: list[Work[object]]) -> None:
        changes: list[Change] = []
        asked, committed, era = False, 0, self.contact.era
        try:
            self.contact.refuse()
            with self.database.writing.begin() as connection:
                self._begin_following(Transaction(connection))
                for work in group:
                    transaction = Transaction(connection)
                    if work.run(transaction, alone=len(group) == 1):
                        changes.extend(transaction.changes)
                if changes and self._shared:
                    told_changes.append(Transaction(connection), changes)
                # A connection that was lost commits nothing; leaving says so.
                asked = not connection.invalidated
            committed = time.monotonic_ns()
        except RolledBackError as undone:
            if is_loss(undone.cause):
                self._fail(group, undone.cause, era)
        except BaseException as error:  # noqa: BLE001 - a failed commit fails every change in the group
            if not asked:
                # Nobody asked for a commit, so there was none. Otherwise it may have reached the disk although its
                # acknowledgement did not reach us: the followers look, and believe what is stored.
                changes.clear()
            self._fail(group, error, era)
        self._take_over(group, changes)
        if changes and committed and logger.isEnabledFor(logging.INFO):
            # CLOCK_MONOTONIC is one clock for all processes of a host: whoever sees an effect can say how late it was.
            logger.info("committed at %d ns: %s", committed, " ".join(f"{c.topic}:{c.key}" for c in changes))

    @property
    def _shared(self) -> bool:
        """Whether other nodes may write to the same database."""
        return self.database.dialect is Dialect.POSTGRESQL

    def _begin_following(self, transaction: Transaction) -> None:
        if self._shared and not self.following.begun:
            self.following.begin_at(told_changes.head(transaction))

    def _fail(self, group: list[Work[object]], error: BaseException, era: int) -> None:
        logger.error("a commit failed", exc_info=error)
        for work in group:
            work.fail(error)
        if is_loss(error):
            self.contact.broke(translated(error), era=era)

    def _take_over(self, group: list[Work[object]], changes: list[Change]) -> None:
        """Let the followers read the committed state, then answer; one that cannot must not go on with an old one."""
        if not changes:
            self._tell(group, ())
            return
        told = False

        def send(applying: tuple[Callable[[], None], ...]) -> None:
            nonlocal told
            told = True
            self._tell(group, applying)

        try:
            if self._shared:
                self.following.catch_up(send)
            else:
                with self.database.writing.begin() as connection:
                    send(self.following.committed_alone(changes, connection))
        except BaseException as error:
            if told:
                # Not the look failed but the answer: nobody is there any more who could be told.
                raise
            lost = translated(error)
            if is_loss(error):
                self.contact.broke(lost)
            self._tell(group, (lambda: self.feed.lost(lost),))
            self.following.lost()

    def _tell(self, group: list[Work[object]], applying: tuple[Callable[[], None], ...]) -> None:
        # All of one process's work comes from one event loop, the one that serves.
        def tell() -> None:
            # Followers first: nobody may be told "done" while a cache still believes otherwise.
            try:
                self._apply(applying)
            finally:
                for work in group:
                    work.resolve()

        group[0].loop.call_soon_threadsafe(tell)

    def _apply(self, applying: tuple[Callable[[], None], ...]) -> None:
        """Let each follower take over what it read; one that fails stops no other."""
        for apply in applying:
            try:
                apply()
            except Exception as error:  # noqa: BLE001 - one that half applied is as stale as one that did not read
                self.feed.lost(error)
                self.following.lost()

    def _end_writing(self, group: list[Work[object]], error: BaseException) -> None:
        """Fail what waits and whatever comes: better no change than one that nobody answers."""
        failure = translated(error)
        with self._gate:
            self._ended = f"the store's writer has ended: {failure}"
        while True:
            try:
                work = self._queue.get_nowait()
            except queue.Empty:
                break
            if work is not None:
                group.append(work)
        self.feed.lost(failure)
        for work in group:
            work.fail(error)
            if not work.loop.is_closed():
                work.loop.call_soon_threadsafe(work.resolve)

"""The store: readers beside one writer thread with group commit; the event loop never runs SQL."""

import asyncio
import logging
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, TypeVar

from assay.store.changes import Change, ChangeFeed
from assay.store.database import READERS, Database
from assay.store.reader import Reader
from assay.store.transaction import Transaction
from assay.values import AssayError

T = TypeVar("T")
logger = logging.getLogger("assay.store")

# One commit costs an fsync whatever it holds; more than this delays the first in the group for no gain.
GROUP_LIMIT = 128
QUEUE_LIMIT = 10_000


class StoreBusyError(AssayError):
    """More changes wait than the database can take; the caller may try again."""


class _Work(Generic[T]):
    """One change that waits for the writer, and who waits for it."""

    def __init__(self, act: Callable[[Transaction], T]) -> None:
        self.act = act
        self.loop = asyncio.get_running_loop()
        self.future: asyncio.Future[T] = self.loop.create_future()
        self.resolve: Callable[[], None] = self._unresolved

    def run(self, transaction: Transaction) -> bool:
        """Do the work inside a savepoint; its failure undoes this work only. True when it is done."""
        savepoint = transaction.connection.begin_nested()
        try:
            value = self.act(transaction)
        except Exception as error:  # noqa: BLE001 - whatever the work raised belongs to its caller
            savepoint.rollback()
            self.fail(error)
            return False
        savepoint.commit()
        self.resolve = lambda: None if self.future.done() else self.future.set_result(value)
        return True

    def fail(self, error: BaseException) -> None:
        self.resolve = lambda: None if self.future.done() else self.future.set_exception(error)

    def _unresolved(self) -> None:
        self.future.cancel()


class Store:
    """Reads and writes of one database.

    `write` returns after the commit has reached the disk and after the change feed's listeners have run.
    """

    def __init__(self, database: Database) -> None:
        self.database = database
        self.feed = ChangeFeed()
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="assay-reader")
        self._queue: queue.Queue[_Work[object] | None] = queue.Queue(QUEUE_LIMIT)
        self._writer = threading.Thread(target=self._write_all, name="assay-writer", daemon=True)
        self._writer.start()

    async def read(self, look: Callable[[Reader], T]) -> T:
        """Run `look` on a snapshot, in a reader's thread."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._look, look)

    async def write(self, act: Callable[[Transaction], T]) -> T:
        """Run `act` in the writer's thread; what it raises is raised here and undoes only its own change."""
        work = _Work(act)
        try:
            self._queue.put_nowait(work)  # type: ignore[arg-type]  # the queue does not care what T is
        except queue.Full:
            raise StoreBusyError("too many changes wait for the database", remedy="try again shortly") from None
        return await asyncio.shield(work.future)

    async def close(self) -> None:
        """Finish what was queued, then let go of the database."""
        self._queue.put(None)
        await asyncio.to_thread(self._writer.join)
        self._readers.shutdown()
        self.database.close()

    def _look(self, look: Callable[[Reader], T]) -> T:
        with self.database.reading.connect() as connection:
            return look(Reader(connection))

    def _write_all(self) -> None:
        while (first := self._queue.get()) is not None:
            group, closing = self._group(first)
            self._commit(group)
            if closing:
                return

    def _group(self, first: _Work[object]) -> tuple[list[_Work[object]], bool]:
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

    def _commit(self, group: list[_Work[object]]) -> None:
        changes: list[Change] = []
        committed = 0
        try:
            with self.database.writing.begin() as connection:
                for work in group:
                    transaction = Transaction(connection)
                    if work.run(transaction):
                        changes.extend(transaction.changes)
            committed = time.monotonic_ns()
        except Exception as error:  # noqa: BLE001 - a failed commit fails every change in the group
            changes.clear()
            for work in group:
                work.fail(error)
        self._tell(group, self._look_after(changes))
        if changes and logger.isEnabledFor(logging.INFO):
            # CLOCK_MONOTONIC is one clock for all processes of a host: whoever sees an effect can say how late it was.
            logger.info("committed at %d ns: %s", committed, " ".join(f"{c.topic}:{c.key}" for c in changes))

    def _look_after(self, changes: list[Change]) -> tuple[Callable[[], None], ...]:
        """Let the followers of the feed read the committed state; one that cannot must not go on with an old one."""
        if not changes:
            return ()
        try:
            with self.database.writing.begin() as connection:
                return self.feed.look(Reader(connection), tuple(changes))
        except Exception as error:  # noqa: BLE001 - whatever failed, caches are stale and decisions must stop
            lost = error
            return (lambda: self.feed.lost(lost),)

    def _tell(self, group: list[_Work[object]], applying: tuple[Callable[[], None], ...]) -> None:
        # All of one process's work comes from one event loop, the one that serves.
        loop = group[0].loop

        def tell() -> None:
            # Followers first: nobody may be told "done" while a cache still believes otherwise.
            try:
                for apply in applying:
                    apply()
            except Exception as error:  # noqa: BLE001 - a follower that half applied is as stale as one that did not read
                self.feed.lost(error)
            for work in group:
                work.resolve()

        loop.call_soon_threadsafe(tell)

"""Threads that read: for what is quick, for lists that somebody put together, and for what takes seconds."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from sqlalchemy import Engine

from assay.store.contact import Contact, unavailable
from assay.store.database import LIST_READERS, LONG_READERS, READERS, Database
from assay.store.errors import (
    AskedTooMuchError,
    StoreClosedError,
    StoreUnavailableError,
    is_loss,
    translated,
    was_stopped,
)
from assay.store.reader import Reader
from assay.store.skipped import Skipped

T = TypeVar("T")


class Readers:
    """Each kind has threads of its own, so that none waits for another; each look has a snapshot."""

    def __init__(self, database: Database, contact: Contact, skipped: Skipped) -> None:
        self._database, self._contact, self._skipped = database, contact, skipped
        self._quick = ThreadPoolExecutor(READERS, thread_name_prefix="assay-reader")
        self._lists = ThreadPoolExecutor(LIST_READERS, thread_name_prefix="assay-list-reader")
        self._long = ThreadPoolExecutor(LONG_READERS, thread_name_prefix="assay-long-reader")

    async def read(self, look: Callable[[Reader], T]) -> T:
        """What is quick; raises StoreUnavailableError, here and below."""
        return await self._read_in(self._quick, self._database.reading, look)

    async def read_list(self, look: Callable[[Reader], T]) -> T:
        """A question that somebody put together; raises AskedTooMuchError where it takes longer than `LIST_SECONDS`."""
        try:
            return await self._read_in(self._lists, self._database.reading_lists, look)
        except StoreUnavailableError as error:
            if not was_stopped(error.__cause__):
                raise
            raise AskedTooMuchError(
                "this takes longer than a list may", remedy="ask for less: a shorter time, fewer terms, no $count"
            ) from error

    async def read_long(self, look: Callable[[Reader], T]) -> T:
        """What takes seconds, one at a time."""
        return await self._read_in(self._long, self._database.reading_long, look)

    def shutdown(self) -> None:
        """Let what runs come to its end."""
        for threads in (self._quick, self._lists, self._long):
            threads.shutdown()

    async def _read_in(self, readers: ThreadPoolExecutor, engine: Engine, look: Callable[[Reader], T]) -> T:
        self._contact.refuse()
        try:
            reading = asyncio.get_running_loop().run_in_executor(readers, self._look, engine, look)
        except RuntimeError as error:
            raise StoreClosedError("the store is closed", remedy="start Assay again") from error
        if not await self._contact.answered(reading):
            # Its thread ends by itself; nobody may be told that what it raised went unheard.
            reading.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
            raise unavailable(self._contact.reason or TimeoutError("no answer"))
        return reading.result()

    def _look(self, engine: Engine, look: Callable[[Reader], T]) -> T:
        era = self._contact.era
        try:
            self._contact.refuse()
            with engine.connect() as connection:
                return look(Reader(connection, self._skipped.note))
        except BaseException as error:
            failure = translated(error)
            if is_loss(error):
                self._contact.broke(failure, era=era)
            if failure is error:
                raise
            raise failure from error

"""What other nodes changed: read in the order of the commits, by notification and by asking, and taken over.

Whatever is lost (a notification, the connection, the server) shows as a difference between the last change that
was taken over and the last one that is stored; what cannot be told apart any more is read again as a whole.
"""

import asyncio
import logging
import os
import secrets
import selectors
import threading
import time
from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection

from assay.clock import Clock
from assay.store.changes import Change, ChangeFeed
from assay.store.contact import Contact
from assay.store.database import CONNECT_SECONDS, STATEMENT_SECONDS, Database
from assay.store.deadlines import Head
from assay.store.dialect import Dialect
from assay.store.errors import translated
from assay.store.migrate import revisions
from assay.store.pooler import is_pooled, prepare_nothing
from assay.store.reader import Reader
from assay.store.records import changes as records
from assay.store.releases import may_work, other_release

if TYPE_CHECKING:
    import psycopg

logger = logging.getLogger("assay.store")

# Asked this often whatever was notified; more often where notifications do not come (PgBouncer, transaction mode).
POLL_SECONDS: Final = 1.0
UNTOLD_POLL_SECONDS: Final = 0.1
FIRST_RETRY_SECONDS: Final = 0.2
LAST_RETRY_SECONDS: Final = 2.0
# An answer that took longer says nothing about clocks.
_PROMPT_SECONDS: Final = 0.5

Apply = Callable[[], None]


class Following:
    """One thread that keeps this node's picture true to what all nodes commit; `start` begins it."""

    def __init__(self, database: Database, feed: ChangeFeed, contact: Contact) -> None:
        self._database = database
        self._feed = feed
        self._contact = contact
        # Held from a look to its place in the event loop's queue: what is taken over comes in the order of commits.
        self._order = threading.Lock()
        self._place: records.Place | None = None
        # What is known is not what is stored, and it is not known what changed.
        self._stale = threading.Event()
        self._stop = threading.Event()
        self._pipe: tuple[int, int] | None = None
        self._thread: threading.Thread | None = None
        self._untold = False
        self._release = revisions()[-1]

    @property
    def sequence(self) -> int:
        """The number of the last change that was taken over."""
        return 0 if self._place is None else self._place.sequence

    @property
    def notified(self) -> bool:
        """Whether notifications come; where they do not, changes of other nodes are asked for ten times a second."""
        return not self._untold

    def start(self, loop: asyncio.AbstractEventLoop, clock: Clock) -> None:
        """Follow from here on; returns once the place in the sequence is known. To be called before anything is read.

        Raises what the database raises.
        """
        if self._database.dialect is Dialect.POSTGRESQL:
            with self._database.following.connect() as connection:
                self._place = records.head(Reader(connection))
            self._contact.begin(loop, self._database.deadlines.sever)
        self._pipe = os.pipe()
        run = self._run_postgresql if self._database.dialect is Dialect.POSTGRESQL else self._run_sqlite
        self._thread = threading.Thread(target=run, args=(loop, clock), name="assay-follower", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._poke()
        if self._thread is not None:
            self._thread.join()
        pipe, self._pipe = self._pipe, None
        for descriptor in pipe or ():
            os.close(descriptor)

    def lost(self) -> None:
        """What is known is not to be relied on: read everything again, as soon as that can be done."""
        self._stale.set()
        self._poke()

    def committed_alone(self, changes: list[Change], connection: Connection) -> tuple[Apply, ...]:
        """What is left to do on the event loop after a commit on SQLite, where nobody else commits."""
        return self._feed.look(Reader(connection), tuple(changes))

    def catch_up(self, send: Callable[[tuple[Apply, ...]], None]) -> None:
        """Look at everything that was committed since the last look, this node's own changes among it.

        `send` is called once, in the order of the looks, with what is left to do on the event loop. Raises what the
        database raises.
        """
        with self._order, self._database.following.connect() as connection:
            reader = Reader(connection)
            place = self._place
            told = None if place is None else records.since(reader, place)
            if told is None:
                if place is not None:
                    logger.error("what other nodes changed since %d is not known; reading everything", place.sequence)
                applying = self._look_again(reader)
                if place is not None and place.sequence and records.is_rewritten(reader, place):
                    logger.critical("the database lost commits that it had acknowledged; every session is ended")
                    applying = (self._feed.rewritten, *applying)
                send(applying)
                return
            if told:
                changes = tuple(change for each in told for change in each.changes)
                applying = self._feed.look(reader, changes)
                self._place = told[-1].place
                send(applying)
            else:
                send(())

    def begin_at(self, place: records.Place) -> None:
        """Where a store that nobody let follow others begins: at its own first commit."""
        if self._place is None:
            self._place = place

    @property
    def begun(self) -> bool:
        return self._place is not None

    def _look_again(self, reader: Reader) -> tuple[Apply, ...]:
        place = records.head(reader) if self._database.dialect is Dialect.POSTGRESQL else None
        applying = self._feed.look_again(reader)
        self._place = place
        self._stale.clear()
        return (*applying, self._feed.found)

    def _run_sqlite(self, loop: asyncio.AbstractEventLoop, _clock: Clock) -> None:
        """Nobody else writes: there is something to do only after a loss."""
        failures = 0
        while not self._stop.is_set():
            self._wait(None if failures == 0 else retry_pause(failures))
            if self._stop.is_set() or not self._stale.is_set():
                continue
            try:
                with self._order, self._database.following.connect() as connection:
                    self._post(loop, self._look_again(Reader(connection)))
                failures = 0
            except BaseException:
                failures += 1
                logger.exception("what is stored cannot be read again; trying on")

    def _run_postgresql(self, loop: asyncio.AbstractEventLoop, clock: Clock) -> None:
        failures = 0
        while not self._stop.is_set():
            began = time.monotonic()
            try:
                self._follow(loop, clock)
            except BaseException as error:  # noqa: BLE001 - this thread is the one that may not end
                if self._stop.is_set():
                    return
                failures = 1 if time.monotonic() - began > 10 else failures + 1
                failure = translated(error)
                self._contact.broke(failure)
                if failures == 1 or failures % 30 == 0:
                    logger.warning("the database cannot be followed: %s", failure)
                self._stop.wait(retry_pause(failures))

    def _follow(self, loop: asyncio.AbstractEventLoop, clock: Clock) -> None:
        with closing(self._connect()) as connection:
            with self._database.deadlines.asking(connection, STATEMENT_SECONDS):
                pooled = is_pooled(connection)
                if pooled:
                    # Who listens is a server process that others get next; nobody would hear it.
                    prepare_nothing(connection)
                    self._untold = True
                else:
                    connection.execute(f"LISTEN {records.CHANNEL}")
            notified = False
            while not self._stop.is_set():
                asked = time.monotonic()
                stored = self._ask(connection, clock)
                behind = stored != self._place
                if behind and not notified and asked - self._contact.good_at < 2 * POLL_SECONDS:
                    # It was there to be found, and no notification had told of it.
                    self._untold = self._untold or not self._tell_comes(connection)
                if behind or self._stale.is_set() or self._contact.lost:
                    if self._stale.is_set():
                        self._place = None
                    if self._contact.lost:
                        self._database.forget_connections()
                    self.catch_up(lambda applying: self._contact.back(lambda: self._apply(applying)))
                self._contact.good_at = asked
                self._wait(UNTOLD_POLL_SECONDS if self._untold else POLL_SECONDS, connection.fileno())
                notified = self._tell_comes(connection)
                self._untold = self._untold and not notified

    def _connect(self) -> "psycopg.Connection[Head]":
        # The driver is an extra that SQLite does without.
        import psycopg

        # Part by part, as the other connections are made: libpq reads some signs of a password otherwise in an address.
        url = self._database.url
        parts = {**url.translate_connect_args(username="user", database="dbname"), **url.query}
        address = psycopg.conninfo.make_conninfo("", **parts)
        return psycopg.connect(address, autocommit=True, connect_timeout=CONNECT_SECONDS)

    def _ask(self, connection: "psycopg.Connection[Head]", clock: Clock) -> records.Place:
        """The last change that is stored; compares the clocks on the way."""
        asked, at = time.monotonic(), clock.now()
        with self._database.deadlines.asking(connection, STATEMENT_SECONDS):
            found = connection.execute(records.HEAD).fetchone()
        assert found is not None
        now, sequence, mark, schema, oldest = found
        if not may_work(self._release, schema=schema, oldest=oldest):
            # Before anything is taken over: what it says may mean something else there.
            raise other_release(schema)
        took = time.monotonic() - asked
        if took < _PROMPT_SECONDS:
            self._contact.skew = at - records.instant_of(now)
        return records.Place() if sequence is None else records.Place(sequence=sequence, mark=mark)

    @staticmethod
    def _tell_comes(connection: "psycopg.Connection[Head]") -> bool:
        return any(True for _ in connection.notifies(timeout=0))

    def _wait(self, seconds: float | None, *descriptors: int) -> None:
        assert self._pipe is not None
        woken = self._pipe[0]
        with selectors.DefaultSelector() as ready:
            for descriptor in (woken, *descriptors):
                ready.register(descriptor, selectors.EVENT_READ)
            for key, _ in ready.select(seconds):
                if key.fd == woken:
                    os.read(woken, 4_096)

    def _poke(self) -> None:
        pipe = self._pipe
        if pipe is not None:
            os.write(pipe[1], b"!")

    def _post(self, loop: asyncio.AbstractEventLoop, applying: tuple[Apply, ...]) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(self._apply, applying)

    def _apply(self, applying: tuple[Apply, ...]) -> None:
        for apply in applying:
            try:
                apply()
            except Exception as error:  # noqa: BLE001 - one that half applied is as stale as one that did not read
                self._feed.lost(error)
                self.lost()


def retry_pause(failures: int) -> float:
    """Longer each time, and never the same for two nodes: they must not all come back at once."""
    most = min(LAST_RETRY_SECONDS, FIRST_RETRY_SECONDS * 2 ** min(failures, 10))
    return float(most * (0.5 + secrets.randbelow(1_000) / 2_000))

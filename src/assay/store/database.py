"""Engines for one database: a single writing connection, a pool of readers, and one that follows other nodes."""

import sqlite3
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import NullPool, QueuePool

from assay.store.deadlines import Deadlines
from assay.store.dialect import Dialect
from assay.store.errors import damage
from assay.store.pooler import is_pooled, prepare_nothing
from assay.store.prepared import say
from assay.values import InvalidInputError

if TYPE_CHECKING:
    import psycopg

READERS = 4
LIST_READERS = 3
LONG_READERS = 1
BUSY_MILLISECONDS = 5_000
# An advisory lock of PostgreSQL counts within one database; any number will do that nobody else uses ("assay", ASCII).
WRITERS_KEY: Final = 0x6173736179
# A sign-in is answered within two seconds, with a refusal if need be.
STATEMENT_SECONDS: Final = 1.5
# A list is asked by whoever may read it, in words of their own: sign-ins and decisions do not wait behind it.
LIST_SECONDS: Final = 3.0
LONG_SECONDS: Final = 120.0
# Some tenths of a millisecond: how often SQLite looks at the clock while it works.
_INSTRUCTIONS: Final = 20_000
# libpq knows no shorter one.
CONNECT_SECONDS: Final = 2
# A server that lives ends a slow statement itself, this much before the deadline: that statement fails and no other.
# At the deadline nothing came back, which is an outage for everybody.
_SERVER_FIRST_SECONDS: Final = 0.2
# For one transaction, and in it because a pooler hands connections on (PgBouncer, transaction mode): who waits for the
# lock gives up before the caller does; a node that hangs, or was cut off, while it holds the lock loses it.
_TAKE_LOCK: Final = (
    "SELECT set_config('lock_timeout', '1200ms', true), set_config('statement_timeout', '1300ms', true),"
    " set_config('idle_in_transaction_session_timeout', '5s', true),"
    f" pg_advisory_xact_lock({WRITERS_KEY})"
)


class Database:
    """Where the organisation is kept; `url` is `sqlite:///PATH` or `postgresql://…`."""

    def __init__(self, url: str, *, durable: bool = True) -> None:
        """`durable` False: a power cut may lose all of a SQLite database; for what can be made again."""
        parsed = make_url(url)
        if parsed.drivername in ("postgresql", "postgres", "postgresql+psycopg"):
            self.dialect = Dialect.POSTGRESQL
            parsed = parsed.set(drivername="postgresql+psycopg")
        elif parsed.drivername == "sqlite" and parsed.database not in (None, "", ":memory:"):
            self.dialect = Dialect.SQLITE
        else:
            raise InvalidInputError(
                f"cannot use a database of kind {parsed.drivername!r}",
                remedy="use sqlite:///PATH or postgresql://USER@HOST/NAME",
            )
        self.url = parsed
        self._durable = durable
        self.deadlines = Deadlines()
        self.writing = self._engine(size=1, begin="BEGIN IMMEDIATE", seconds=STATEMENT_SECONDS)
        self.reading = self._reading(READERS, seconds=STATEMENT_SECONDS)
        self.reading_lists = self._reading(LIST_READERS, seconds=LIST_SECONDS)
        if self.dialect is Dialect.SQLITE:
            event.listen(self.reading_lists, "begin", _stop_after_its_time)
        self.reading_long = self._reading(LONG_READERS, seconds=LONG_SECONDS)
        self.following = self._reading(1, seconds=STATEMENT_SECONDS)
        if self.dialect is Dialect.POSTGRESQL:
            event.listen(self.writing, "begin", take_writers_lock)

    @classmethod
    def at(cls, path: Path) -> "Database":
        """The SQLite database in this file."""
        return cls(f"sqlite:///{path}")

    @property
    def file(self) -> Path | None:
        """The SQLite database's file, whatever names lead to it; None for PostgreSQL."""
        return Path(self.url.database or "").resolve() if self.dialect is Dialect.SQLITE else None

    def migrating(self) -> Engine:
        """For the one transaction that changes the schema: it takes its time, and has no pool. To be disposed of."""
        engine = create_engine(self.url, poolclass=NullPool)
        self._look_for_pooler(engine)
        _begin_with(engine, self.dialect, "BEGIN IMMEDIATE")
        return engine

    def forget_connections(self) -> None:
        """Use new connections from now on.

        One that was cut off and is whole again waits for what its end sends anew, which after a longer cut takes
        seconds: the first to ask would be told that the database does not answer.
        """
        for engine in (self.writing, self.reading, self.reading_lists, self.reading_long, self.following):
            engine.dispose()

    def close(self) -> None:
        self.forget_connections()
        self.deadlines.close()

    def _reading(self, size: int, *, seconds: float) -> Engine:
        engine = self._engine(size=size, begin="BEGIN", seconds=seconds)
        if self.dialect is Dialect.SQLITE:
            return engine
        milliseconds = round((seconds - _SERVER_FIRST_SECONDS) * 1_000)

        def limit(connection: Connection) -> None:
            connection.exec_driver_sql(f"SELECT set_config('statement_timeout', '{milliseconds}ms', true)")

        event.listen(engine, "begin", limit)
        # A reader sees one instant through all of its queries, as it does on SQLite.
        return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    def _engine(self, *, size: int, begin: str, seconds: float) -> Engine:
        patience = {} if self.dialect is Dialect.SQLITE else {"connect_timeout": CONNECT_SECONDS}
        engine = create_engine(
            self.url, poolclass=QueuePool, pool_size=size, max_overflow=0, pool_timeout=5, connect_args=patience
        )
        self._look_for_pooler(engine)
        if self.dialect is Dialect.POSTGRESQL:
            self.deadlines.watch(engine, seconds)
        _begin_with(engine, self.dialect, begin)
        if not self._durable and self.dialect is Dialect.SQLITE:
            event.listen(engine, "connect", _hurry)
        return engine

    def _look_for_pooler(self, engine: Engine) -> None:
        if self.dialect is Dialect.SQLITE:
            return

        def look(driver: DBAPIConnection, _record: object) -> None:
            connection = cast("psycopg.Connection[tuple[object, ...]]", driver)
            with self.deadlines.asking(driver, STATEMENT_SECONDS):
                if is_pooled(connection):
                    prepare_nothing(connection)
                connection.rollback()

        event.listen(engine, "connect", look)


def take_writers_lock(connection: Connection) -> None:
    """Wait until nobody else writes to this PostgreSQL database, on whichever node; held until the transaction ends.

    What was written for a single writer holds by it: the log's tree, cycles of groups, the last administrator,
    everything that is counted, and that the order of commits is the order of what is told of them.
    """
    connection.exec_driver_sql(_TAKE_LOCK)


def _begin_with(engine: Engine, dialect: Dialect, begin: str) -> None:
    if dialect is Dialect.POSTGRESQL:
        return

    def start(connection: Connection) -> None:
        say(connection, begin)

    event.listen(engine, "connect", _configure_sqlite)
    event.listen(engine, "begin", start)


def _stop_after_its_time(connection: Connection) -> None:
    """End what takes too long, as PostgreSQL does by itself; each transaction has its time from its beginning."""
    end = time.monotonic() + LIST_SECONDS
    driver = cast("sqlite3.Connection", connection.connection.dbapi_connection)
    driver.set_progress_handler(lambda: time.monotonic() > end, _INSTRUCTIONS)


def _hurry(connection: sqlite3.Connection, _record: object) -> None:
    connection.execute("PRAGMA synchronous=OFF")


def _configure_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # The driver's own implicit BEGIN would come too late for reads and take no write lock; ours is explicit.
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        # An acknowledged change survives a power cut, not only a killed process.
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={BUSY_MILLISECONDS}",
        "trusted_schema=OFF",
        # What is sorted or undone is not put into a directory that others use too, or that is read-only.
        "temp_store=MEMORY",
    ):
        try:
            connection.execute(f"PRAGMA {pragma}")
        except UnicodeDecodeError as error:
            # SQLite quotes the damaged part of the schema in its words, and the driver cannot read them.
            raise damage("its schema is not text") from error

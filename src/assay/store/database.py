"""Engines for one database: a single writing connection and a pool of readers."""

import sqlite3
import time
from enum import StrEnum
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import QueuePool

from assay.store.errors import DatabaseInUseError
from assay.values import InvalidInputError

READERS = 4
LONG_READERS = 1
BUSY_MILLISECONDS = 5_000
# An advisory lock of PostgreSQL counts within one database; any number will do that nobody else uses ("assay", ASCII).
ALONE_KEY = 0x6173736179
# The server needs a moment to notice that a service was killed, and lets go of its lock only then.
ALONE_SECONDS = 3.0


class Dialect(StrEnum):
    """The databases that Assay speaks."""

    SQLITE = "sqlite"
    POSTGRESQL = "postgresql"


class Database:
    """Where the organisation is kept; `url` is `sqlite:///PATH` or `postgresql://…`."""

    def __init__(self, url: str) -> None:
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
        self.writing = self._engine(size=1, begin="BEGIN IMMEDIATE")
        self.reading = self._engine(size=READERS + LONG_READERS, begin="BEGIN")
        if self.dialect is Dialect.POSTGRESQL:
            # A reader sees one instant through all of its queries, as it does on SQLite.
            self.reading = self.reading.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    @classmethod
    def at(cls, path: Path) -> "Database":
        """The SQLite database in this file."""
        return cls(f"sqlite:///{path}")

    @property
    def file(self) -> Path | None:
        """The SQLite database's file, whatever names lead to it; None for PostgreSQL."""
        return Path(self.url.database or "").resolve() if self.dialect is Dialect.SQLITE else None

    def write_alone(self) -> None:
        """Let nobody else write to this PostgreSQL database who asks for the same; to be called before the first use.

        The lock belongs to the writing connection. One that was lost is not replaced before the server has ended its
        session, so that whatever it still committed is visible to the next. Connecting raises DatabaseInUseError.
        """
        if self.dialect is Dialect.POSTGRESQL:
            event.listen(self.writing, "connect", _take_alone)

    def close(self) -> None:
        self.writing.dispose()
        self.reading.dispose()

    def _engine(self, *, size: int, begin: str) -> Engine:
        engine = create_engine(
            self.url,
            poolclass=QueuePool,
            pool_size=size,
            max_overflow=0,
            pool_pre_ping=self.dialect is Dialect.POSTGRESQL,
        )
        if self.dialect is Dialect.SQLITE:
            event.listen(engine, "connect", _configure_sqlite)

            def start(connection: Connection) -> None:
                connection.exec_driver_sql(begin)

            event.listen(engine, "begin", start)
        return engine


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
    ):
        connection.execute(f"PRAGMA {pragma}")


def _take_alone(connection: DBAPIConnection, _record: object) -> None:
    give_up = time.monotonic() + ALONE_SECONDS
    cursor = connection.cursor()
    while True:
        cursor.execute(f"SELECT pg_try_advisory_lock({ALONE_KEY})")
        row = cursor.fetchone()
        # The lock belongs to the session; the transaction that asked for it is over.
        connection.commit()
        if row is not None and row[0]:
            return
        if time.monotonic() > give_up:
            connection.close()
            raise DatabaseInUseError(
                "another Assay works on this database", remedy="stop it first, or name another with --database"
            )
        time.sleep(0.05)

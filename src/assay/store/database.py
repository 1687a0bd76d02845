"""Engines for one database: a single writing connection and a pool of readers."""

import sqlite3
from enum import StrEnum
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.pool import QueuePool

from assay.values import InvalidInputError

READERS = 4
BUSY_MILLISECONDS = 5_000


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
        self.reading = self._engine(size=READERS, begin="BEGIN")

    @classmethod
    def at(cls, path: Path) -> "Database":
        """The SQLite database in this file."""
        return cls(f"sqlite:///{path}")

    def close(self) -> None:
        self.writing.dispose()
        self.reading.dispose()

    def _engine(self, *, size: int, begin: str) -> Engine:
        engine = create_engine(self.url, poolclass=QueuePool, pool_size=size, max_overflow=0, pool_pre_ping=True)
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

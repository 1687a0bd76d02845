"""A statement that a database does not answer in time ends with its connection: no caller waits for a stopped server.

libpq waits for ever on a server that is stopped but whose machine still acknowledges octets; no setting of the
server helps then, because it is the server that stands still.
"""

import contextlib
import os
import socket
import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias, cast

from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry

if TYPE_CHECKING:
    import psycopg

# What a connection that follows others is asked for: the database's clock, number and mark of the last change, its
# schema and the oldest whose release may work on it.
Head: TypeAlias = tuple[int, int | None, str, str, str | None]
_LOOK_SECONDS: Final = 0.1
# A connection that was used a moment ago is not asked whether it lives.
_FRESH_SECONDS: Final = 1.0
_USED: Final = "assay_used_at"


class _Pg(Protocol):
    socket: int


class _Psycopg(Protocol):
    @property
    def pgconn(self) -> _Pg: ...


class Deadlines:
    """Watches the connections of some engines; `close` ends the watching."""

    def __init__(self) -> None:
        self._gate = threading.Lock()
        # Since when the server has been asked something that it has not answered, and how long it may take.
        self._asked: dict[DBAPIConnection, tuple[float, float]] = {}
        self._watched: set[DBAPIConnection] = set()
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None
        # How many connections were ended because nothing came back.
        self.ended = 0

    def watch(self, engine: Engine, seconds: float) -> None:
        """Let no statement on this engine take longer than this."""

        def checkout(connection: DBAPIConnection, record: ConnectionPoolEntry, _proxy: object) -> None:
            self._begin_watching(connection)
            used = record.info.get(_USED)
            if used is None or time.monotonic() - used < _FRESH_SECONDS:
                return
            with self.asking(connection, seconds):
                try:
                    cursor = connection.cursor()
                    cursor.execute("SELECT 1")
                    cursor.close()
                    connection.rollback()
                except Exception as error:
                    # The pool connects anew, once.
                    raise DisconnectionError(str(error)) from error

        def ask(connection: Connection, *_: object) -> None:
            self._ask(_driver(connection), seconds)

        def answered(connection: Connection, *_: object) -> None:
            self._answered(_driver(connection))

        def reset(connection: DBAPIConnection, *_: object) -> None:
            self._ask(connection, seconds)

        def checkin(connection: DBAPIConnection | None, record: ConnectionPoolEntry) -> None:
            record.info[_USED] = time.monotonic()
            if connection is not None:
                self._end_watching(connection)

        event.listen(engine, "checkout", checkout)
        event.listen(engine, "before_cursor_execute", ask)
        event.listen(engine, "after_cursor_execute", answered)
        event.listen(engine, "commit", ask)
        event.listen(engine, "rollback", ask)
        event.listen(engine, "reset", reset)
        event.listen(engine, "checkin", checkin)
        event.listen(engine, "close", self._end_watching)
        event.listen(engine, "close_detached", self._end_watching)

    @contextlib.contextmanager
    def asking(self, connection: "DBAPIConnection | psycopg.Connection[Head]", seconds: float) -> Iterator[None]:
        """What is done inside is over after so many seconds, one way or the other."""
        driver = cast("DBAPIConnection", connection)
        self._begin_watching(driver)
        self._ask(driver, seconds)
        try:
            yield
        finally:
            self._answered(driver)

    def sever(self) -> None:
        """End every connection that waits for an answer now: the server is known not to give any."""
        with self._gate:
            waiting = tuple(self._asked)
        for connection in waiting:
            self._cut(connection)

    def close(self) -> None:
        self._closed.set()
        if self._thread is not None:
            self._thread.join()

    def _begin_watching(self, connection: DBAPIConnection) -> None:
        with self._gate:
            self._watched.add(connection)
            if self._thread is None and not self._closed.is_set():
                self._thread = threading.Thread(target=self._look, name="assay-deadlines", daemon=True)
                self._thread.start()

    def _end_watching(self, connection: DBAPIConnection, *_: object) -> None:
        with self._gate:
            self._asked.pop(connection, None)
            self._watched.discard(connection)

    def _ask(self, connection: DBAPIConnection, seconds: float) -> None:
        with self._gate:
            if connection in self._watched:
                self._asked[connection] = (time.monotonic(), seconds)

    def _answered(self, connection: DBAPIConnection) -> None:
        with self._gate:
            self._asked.pop(connection, None)

    def _look(self) -> None:
        while not self._closed.wait(_LOOK_SECONDS):
            now = time.monotonic()
            with self._gate:
                late = [each for each, (since, seconds) in self._asked.items() if now - since > seconds]
            for connection in late:
                self.ended += 1
                self._cut(connection)

    def _cut(self, connection: DBAPIConnection) -> None:
        """Its thread, which waits for this socket, is told that the server closed it."""
        with contextlib.suppress(Exception), self._gate:
            if connection not in self._asked:
                return
            descriptor = cast("_Psycopg", connection).pgconn.socket
            with socket.socket(fileno=os.dup(descriptor)) as copy:
                copy.shutdown(socket.SHUT_RDWR)


def _driver(connection: Connection) -> DBAPIConnection:
    return cast("DBAPIConnection", connection.connection.dbapi_connection)

"""What the store says when its database fails it, so that nobody above it needs to know SQLAlchemy."""

import sqlite3
from typing import Final

from sqlalchemy.exc import DatabaseError, DBAPIError, InterfaceError, OperationalError, PendingRollbackError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from assay.values import AssayError, InvalidInputError

# The server is gone, the disk is full, the file is locked, no connection comes free: the database, not the statement.
_FAILURES: Final = (OperationalError, InterfaceError, PendingRollbackError, PoolTimeoutError)

# SQLITE_CORRUPT and SQLITE_NOTADB, in SQLite's words.
_DAMAGED: Final = ("malformed", "not a database")
LOCK_NOT_AVAILABLE: Final = "55P03"  # PostgreSQL, appendix A
DISK_FULL: Final = "53100"
QUERY_CANCELED: Final = "57014"


class StoreUnavailableError(AssayError):
    """The database cannot be used now; of a write it is not known whether it was kept."""


class StoreBusyError(StoreUnavailableError):
    """More changes wait than the database can take; nothing was changed, and the caller may try again."""


class AskedTooMuchError(InvalidInputError):
    """A question about a list that takes longer to answer than it may."""


class StoreFullError(StoreUnavailableError):
    """The disk is full; nothing was changed."""


class StoreDamagedError(StoreUnavailableError):
    """The database's file is not what SQLite wrote: nothing is served on it."""


class StoreClosedError(StoreUnavailableError):
    """The store was closed, or its writer came to an end; nothing was changed."""


def translated(error: BaseException) -> Exception:
    """The error as callers of the store get it.

    What is no Exception (a panic of a native library, an exit) is wrapped: raised on the event loop it would end the
    program in place of one change, and a future takes no StopIteration.
    """
    if isinstance(error, OperationalError) and getattr(error.orig, "sqlstate", None) == LOCK_NOT_AVAILABLE:
        busy = StoreBusyError("another node is writing to the database", remedy="try again shortly")
        busy.__cause__ = error
        return busy
    if isinstance(error, OperationalError) and _is_full(error.orig):
        full = StoreFullError("the disk of the database is full", remedy="free some space on it")
        full.__cause__ = error
        return full
    if type(error) is DatabaseError and any(words in str(error.orig) for words in _DAMAGED):
        damaged = damage(_words(error))
        damaged.__cause__ = error
        return damaged
    # The server ended the session in the middle (25P03: this process hung in a transaction): no statement's fault.
    if isinstance(error, _FAILURES) or (isinstance(error, DBAPIError) and error.connection_invalidated):
        ours = StoreUnavailableError(f"the database cannot be used now: {_words(error)}", remedy="try again shortly")
        ours.__cause__ = error
        return ours
    if isinstance(error, Exception) and not isinstance(error, StopIteration):
        return error
    wrapped = RuntimeError(f"ended by {type(error).__name__}: {error}")
    wrapped.__cause__ = error
    return wrapped


def was_stopped(error: BaseException | None) -> bool:
    """Whether a statement ended because its time was over."""
    said = getattr(error, "orig", None)
    stopped = getattr(said, "sqlite_errorcode", None) == sqlite3.SQLITE_INTERRUPT
    return stopped or getattr(said, "sqlstate", None) == QUERY_CANCELED


def damage(what: str) -> StoreDamagedError:
    """What whoever starts the service is told of a damaged file."""
    return StoreDamagedError(
        f"the database is damaged: {what}",
        remedy="keep a copy of the whole data directory, then restore the last backup; see docs/reliability.md",
    )


def is_loss(error: BaseException) -> bool:
    """Whether the server is gone, as far as this error says: it may be so for everybody, until it was tried again."""
    if isinstance(error, PendingRollbackError):
        return True
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    state = getattr(error.orig, "sqlstate", None)
    # Without a state the server did not say it: nothing came back, or nobody was there. 08, 57P: it says goodbye.
    return hasattr(error.orig, "sqlstate") and (state is None or state.startswith(("08", "57P")))


def _is_full(error: BaseException | None) -> bool:
    codes = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_SHMSIZE)
    return getattr(error, "sqlite_errorcode", None) in codes or getattr(error, "sqlstate", None) == DISK_FULL


def _words(error: BaseException) -> str:
    """The driver's first line; a statement and its parameters do not belong into an answer."""
    said = str(getattr(error, "orig", None) or error).strip()
    return said.splitlines()[0] if said else type(error).__name__

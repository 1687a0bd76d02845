"""Sessions whose time is over: found, and forgotten when nobody can use anything of them any more."""

from datetime import datetime

from sqlalchemy import BigInteger, delete, literal, or_, select, type_coerce

from assay.sessions.records.sessions import app_session_table, session_of, session_table
from assay.sessions.session import Session
from assay.store import Reader, Transaction, readable
from assay.store.columns import EPOCH, MICROSECOND
from assay.values import SessionId

FORGET_LIMIT = 1_000  # a round; what is left waits for the next


def find(reader: Reader, *, at: datetime, limit: int) -> tuple[Session, ...]:
    """Sessions that nobody ended and that have expired at this instant."""
    session = session_table.c
    idle_until = type_coerce(session.last_seen_at, BigInteger) + session.idle_seconds * 1_000_000
    query = (
        select(session_table)
        .where(
            session.ended_at.is_(None),
            or_(session.ends_at <= at, idle_until <= literal((at - EPOCH) // MICROSECOND, BigInteger)),
        )
        .order_by(session.ends_at, session.id)
        .limit(limit)
    )
    return readable(reader, session_table, query, session_of)


def forget_app_sessions(transaction: Transaction) -> int:
    """Forget copies of sessions that have ended; how many."""
    ended = (
        select(app_session_table.c.secret_hash)
        .join(session_table, session_table.c.id == app_session_table.c.session_id)
        .where(session_table.c.ended_at.is_not(None))
        .limit(FORGET_LIMIT)
    )
    return transaction.connection.execute(
        delete(app_session_table).where(app_session_table.c.secret_hash.in_(ended))
    ).rowcount


def forget_copies(transaction: Transaction, session_id: SessionId) -> None:
    """Forget the copies of one session, which goes with them."""
    transaction.connection.execute(delete(app_session_table).where(app_session_table.c.session_id == session_id))


def forget_sessions(transaction: Transaction, *, before: datetime) -> int:
    """Forget sessions that ended, and would have ended anyhow, before this instant; how many."""
    ended = (
        select(session_table.c.id)
        .where(session_table.c.ends_at < before, session_table.c.ended_at < before)
        .limit(FORGET_LIMIT)
    )
    return transaction.connection.execute(delete(session_table).where(session_table.c.id.in_(ended))).rowcount

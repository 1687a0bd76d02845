"""Sessions that nobody has ended, whatever the stored instant of their last use says of them."""

from datetime import datetime

from sqlalchemy import select

from assay.sessions.records.sessions import session_table
from assay.sessions.session import SessionKind
from assay.store import Reader
from assay.values import SessionId, UserId


def unended(
    reader: Reader, at: datetime, *, user_id: UserId | None = None, kind: SessionKind | None = None
) -> tuple[tuple[SessionId, UserId], ...]:
    """Ids with their people, oldest first; of everybody and every kind unless one is named.

    The last use is stored now and then: a session that looks idle here may be in use, so a revocation takes all.
    """
    query = (
        select(session_table.c.id, session_table.c.user_id)
        .where(session_table.c.ended_at.is_(None), session_table.c.ends_at > at)
        .order_by(session_table.c.started_at, session_table.c.id)
    )
    if user_id is not None:
        query = query.where(session_table.c.user_id == user_id)
    if kind is not None:
        query = query.where(session_table.c.kind == kind.value)
    return tuple((SessionId(row.id), UserId(row.user_id)) for row in reader.connection.execute(query))

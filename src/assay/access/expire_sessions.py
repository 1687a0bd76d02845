"""End sessions whose time is over, each with its event."""

from collections.abc import Iterable
from datetime import datetime

from assay.access.premises import Premises
from assay.events import About, Actor, occurrence
from assay.events.types import SESSION_ENDED
from assay.identities.records import users
from assay.sessions.records import sessions
from assay.sessions.session import EndReason, Session
from assay.store import Transaction
from assay.values import Reason


def expire_sessions(
    transaction: Transaction, *, premises: Premises, found: Iterable[Session], until: datetime, at: datetime
) -> tuple[Session, ...]:
    """End, at `at`, those of these sessions that had expired at `until` and were not ended meanwhile."""
    ended: list[Session] = []
    for session in found:
        current = sessions.get(transaction, session.id)
        if current is None or until < current.expires_at():
            continue
        if not sessions.end(transaction, session.id, reason=EndReason.EXPIRED, at=at):
            continue
        user = users.get(transaction, session.user_id)
        about = About(
            user_id=session.user_id, user_name=user.user_name if user is not None else "", session_id=session.id
        )
        premises.record(
            transaction,
            occurrence(
                SESSION_ENDED, at=at, actor=Actor.system(), about=about, reason=Reason.of(EndReason.EXPIRED.value)
            ),
        )
        ended.append(session)
    return tuple(ended)

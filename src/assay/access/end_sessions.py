"""End sessions in the transaction that makes them worthless, each with its event."""

from collections.abc import Iterable

from assay.access.attempt import By
from assay.access.premises import Premises
from assay.events import About, occurrence
from assay.events.types import SESSION_REVOKED
from assay.identities.records import users
from assay.sessions.records import sessions
from assay.sessions.records.unended import unended
from assay.sessions.session import EndReason
from assay.store import Transaction
from assay.values import Reason, SessionId, UserId


def end_sessions_of(
    premises: Premises, transaction: Transaction, user_id: UserId | None, why: EndReason, by: By
) -> tuple[SessionId, ...]:
    """End every session of this person, None: of everybody; which they were."""
    found = unended(transaction, premises.now(), user_id=user_id)
    return end_sessions(premises, transaction, found, why, by)


def end_sessions(
    premises: Premises,
    transaction: Transaction,
    found: Iterable[tuple[SessionId, UserId]],
    why: EndReason,
    by: By,
) -> tuple[SessionId, ...]:
    """End these sessions; those that had not ended before."""
    at = premises.now()
    ended: list[SessionId] = []
    for session_id, user_id in found:
        if not sessions.end(transaction, session_id, reason=why, at=at):
            continue
        user = users.get(transaction, user_id)
        premises.record(
            transaction,
            occurrence(
                SESSION_REVOKED,
                at=at,
                actor=by.actor,
                about=About(
                    user_id=user_id, user_name=user.user_name if user is not None else "", session_id=session_id
                ),
                reason=Reason.of(why.value),
            ),
        )
        ended.append(session_id)
    return tuple(ended)

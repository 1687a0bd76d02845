"""Command lines of people who have nothing to do at the API any more: their sessions end, and do not come back.

A role that is taken closes the API at the next request in any case; this is so that giving it back does not open it to
a token that somebody may have kept.
"""

from assay.access.attempt import By
from assay.access.authorize import administers
from assay.access.end_sessions import end_sessions
from assay.access.premises import Premises
from assay.access.signals import Signals
from assay.events import Actor
from assay.sessions.records.unended import unended
from assay.sessions.session import EndReason, SessionKind
from assay.values import Reason, SessionId, UserId


async def end_without_role(premises: Premises, signals: Signals) -> tuple[SessionId, ...]:
    """End them; which they were. To be called now and then."""
    at = premises.now()
    found = await premises.store.read(lambda reader: unended(reader, at, kind=SessionKind.COMMAND_LINE))
    if signals.withheld is not None:
        # What is known may be what was: nobody loses a session for it.
        return ()
    over = tuple(each for each in found if not _administers(signals, each[1]))
    if not over:
        return ()
    by = By(actor=Actor.system(), reason=Reason.of(EndReason.ROLE_TAKEN.value))
    return await premises.store.write(
        lambda transaction: end_sessions(premises, transaction, over, EndReason.ROLE_TAKEN, by), urgent=True
    )


def _administers(signals: Signals, user_id: UserId) -> bool:
    subject = signals.subject(user_id)
    return subject is not None and administers(subject.principal.roles)

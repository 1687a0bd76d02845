"""Every session of an emergency access account: short, noted for a review, and told to everybody who administers."""

import logging
from datetime import datetime
from typing import Final

from assay.access.administrators import administrators
from assay.access.attempt import UndoneError
from assay.access.notices import tell
from assay.access.premises import Premises
from assay.events import About, Actor, Entity, Source, occurrence
from assay.events.types import BREAK_GLASS_DRILLED, BREAK_GLASS_USED
from assay.governance.break_glass import SESSION, BreakGlassUse, Purpose
from assay.governance.records import break_glass
from assay.identities.users import User
from assay.messages.notice import Notice
from assay.policy import Method, Proof
from assay.sessions.session import Session, SessionLimits
from assay.store import Reader, Transaction
from assay.values import Reason

# A session of an emergency access account ends whether it is used or not.
EMERGENCY_LIMITS: Final = SessionLimits(absolute=SESSION, idle=SESSION)

logger = logging.getLogger("assay.break_glass")


def is_break_glass(reader: Reader, user: User) -> bool:
    """Whether this person is an emergency access account."""
    return user.id in break_glass.user_ids(reader)


def spare_break_glass(reader: Reader, user: User) -> None:
    """Raises UndoneError for an emergency access account: who can change it could lock everybody out by it."""
    if is_break_glass(reader, user):
        raise UndoneError(Reason.of("breakGlassAccount"))


def note_use(
    premises: Premises,
    transaction: Transaction,
    user: User,
    session: Session,
    proof: Proof,
    *,
    source: Source,
    at: datetime,
) -> None:
    """Raise the alarm for a new session of an emergency access account, in the transaction that grants it."""
    purpose = _purpose(transaction, proof, at)
    use = BreakGlassUse(
        id=premises.new_id(),
        user_id=user.id,
        session_id=session.id,
        purpose=purpose,
        at=at,
        address=session.address,
    )
    break_glass.add_use(transaction, use)
    premises.record(
        transaction,
        occurrence(
            BREAK_GLASS_DRILLED if purpose is Purpose.DRILL else BREAK_GLASS_USED,
            at=at,
            actor=Actor.person(user.id, user.user_name, session.id),
            about=About(
                user_id=user.id,
                user_name=user.user_name,
                session_id=session.id,
                entity=Entity(uid=use.id, type="breakGlassUse"),
            ),
            reason=Reason.of("breakGlassUsed", purpose=purpose.value),
            source=source,
        ),
    )
    for administrator in administrators(transaction):
        tell(
            premises,
            transaction,
            administrator,
            Notice.BREAK_GLASS_USED,
            at=at,
            account=user.user_name,
            purpose=purpose.value,
            address=session.address,
        )
    # On stderr of the service, where nothing has to work but the terminal.
    logger.critical("the emergency access account %s signed in (%s) from %s", user.user_name, purpose, session.address)


def _purpose(reader: Reader, proof: Proof, at: datetime) -> Purpose:
    if proof.method is Method.TEMPORARY_ACCESS_PASS_ONE_TIME:
        return Purpose.ENROLMENT
    return Purpose.EMERGENCY if break_glass.drill_until(reader, at) is None else Purpose.DRILL

"""What a person sees and does of resets of their own methods: read, call off, register anew."""

from datetime import datetime
from typing import Final

from assay.access.admission import actor_of
from assay.access.attempt import By, NotDone, UndoneError, attempt
from assay.access.end_reset import call_off, complete
from assay.access.own_pages import Visit
from assay.access.own_steps import ResetShown
from assay.access.premises import Premises
from assay.access.reset_session import began_by_link
from assay.access.steps import AskSecondFactor, Enter, Outcome
from assay.access.visitor import Visitor
from assay.identities.methods.summary import MethodSummary
from assay.identities.records import methods, resets, users
from assay.sessions.assurance import AAL1, acr
from assay.sessions.records import sessions
from assay.sessions.session import Session
from assay.store import Reader, Transaction
from assay.values import Reason, UserId

HOME: Final = "/"


class OwnResets:
    """The flow behind "this was not me", and behind the end of a reset."""

    def __init__(self, premises: Premises, *, visit: Visit) -> None:
        self._premises = premises
        self._visit = visit

    async def cancel(self, visitor: Visitor) -> Outcome:
        """Call the open reset off, from any session of the person that may see the own pages.

        Once its link is used that takes away what was registered by it: then a password alone is not enough, where the
        person had more before. Whoever found out the password could keep them from their account for good.
        """
        visit = await self._visit(visitor, HOME)
        if isinstance(visit, Outcome):
            return visit
        session, at = visit.session, self._premises.now()
        weak = acr(session.proofs, at) == AAL1

        def stop(transaction: Transaction) -> AskSecondFactor | None:
            user = users.get(transaction, session.user_id)
            current = sessions.get(transaction, session.id)
            found = resets.open_of(transaction, session.user_id, at)
            if user is None or found is None or current is None or not current.alive(at):
                raise UndoneError(Reason.of("resetOver"))
            if weak and found.session_id is not None and resets.beside_password(found.held_before):
                return _ask_second(methods.summary(transaction, user.id))
            by = By(actor=actor_of(user, session.id), reason=Reason.of("notByPerson"))
            call_off(self._premises, transaction, found, user, by)
            return None

        asked = await attempt(self._premises.store, stop, urgent=True)
        return Outcome(step=asked if isinstance(asked, AskSecondFactor) else Enter(location=HOME))

    async def seen(self, visitor: Visitor) -> Outcome:
        """The person knows of the reset that was completed."""
        visit = await self._visit(visitor, HOME)
        if isinstance(visit, Outcome):
            return visit
        at, user_id = self._premises.now(), visit.session.user_id
        await self._premises.store.write(lambda transaction: resets.seen(transaction, user_id, at))
        return Outcome(step=Enter(location=HOME))


async def finish_reset(premises: Premises, session: Session) -> bool:
    """Whether the methods that were registered in this session complete a reset; then it has ended."""
    if not began_by_link(session.proofs):
        return False

    def end(transaction: Transaction) -> bool:
        found = resets.of_session(transaction, session.id)
        user = users.get(transaction, session.user_id)
        if found is None or user is None or not user.enabled:
            return False
        by = By(actor=actor_of(user, session.id), reason=Reason.of("methodReset", reset=found.id))
        return complete(premises, transaction, found, user, by)

    done = await attempt(premises.store, end)
    return not isinstance(done, NotDone) and done


def own_reset(reader: Reader, user_id: UserId, at: datetime) -> ResetShown | None:
    """What the person is shown of a reset: one that is open, else one that was completed and not read of yet."""
    found = resets.open_of(reader, user_id, at) or resets.unread_of(reader, user_id)
    if found is None:
        return None
    return ResetShown(
        reason=found.reason,
        requested_by=found.requested_by.name,
        requested_at=found.requested_at,
        approved_by=tuple(given.name for given in found.approvals),
        waits_until=found.waits_until,
        completed_at=found.ended_at,
    )


def _ask_second(held: MethodSummary) -> AskSecondFactor:
    return AskSecondFactor(
        app_name="",
        totp=held.totp,
        passkey=held.passkeys > 0,
        recovery_code=held.recovery_codes > 0,
        reasons=(Reason.of("methodsNeedStrongSignIn"),),
    )

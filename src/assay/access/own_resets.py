"""What a person sees and does of resets of their own methods: read, call off, register anew."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from assay.access.admission import actor_of
from assay.access.attempt import By, NotDone, UndoneError, attempt
from assay.access.end_reset import call_off, complete
from assay.access.own_steps import ResetShown
from assay.access.premises import Premises
from assay.access.reset_session import began_by_link
from assay.access.visitor import Visitor
from assay.identities.records import resets, users
from assay.sessions.session import Session
from assay.store import Reader, Transaction
from assay.values import Reason, UserId

FindSession = Callable[[Visitor], Awaitable[Session | None]]


class OwnResets:
    """The flow behind "this was not me", and behind the end of a reset."""

    def __init__(self, premises: Premises, *, session: FindSession) -> None:
        self._premises = premises
        self._session = session

    async def cancel(self, visitor: Visitor) -> None:
        """Call the open reset off, from any living session of the person."""
        session = await self._session(visitor)
        if session is None:
            return

        def stop(transaction: Transaction) -> None:
            user = users.get(transaction, session.user_id)
            found = resets.open_of(transaction, session.user_id, self._premises.now())
            if user is None or found is None:
                raise UndoneError(Reason.of("resetOver"))
            by = By(actor=actor_of(user, session.id), reason=Reason.of("notByPerson"))
            call_off(self._premises, transaction, found, user, by)

        await attempt(self._premises.store, stop, urgent=True)

    async def seen(self, visitor: Visitor) -> None:
        """The person knows of the reset that was completed."""
        session = await self._session(visitor)
        if session is not None:
            at = self._premises.now()
            await self._premises.store.write(lambda transaction: resets.seen(transaction, session.user_id, at))

    async def finish(self, session: Session) -> bool:
        """Whether the methods that were registered in this session complete a reset; then it has ended."""
        if not began_by_link(session.proofs):
            return False

        def end(transaction: Transaction) -> bool:
            found = resets.of_session(transaction, session.id)
            user = users.get(transaction, session.user_id)
            if found is None or user is None or not user.enabled:
                return False
            by = By(actor=actor_of(user, session.id), reason=Reason.of("methodReset", reset=found.id))
            return complete(self._premises, transaction, found, user, by)

        done = await attempt(self._premises.store, end)
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

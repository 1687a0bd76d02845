"""A one-time link is used up: the session in which methods can be registered, and what the log says of it."""

from assay.access.admission import Admission, actor_of, may_hold_session, source_of
from assay.access.attempt import UndoneError
from assay.access.enrolment_links import takes_over
from assay.access.guessing import Guessing
from assay.access.notices import tell
from assay.access.premises import Premises
from assay.access.visitor import Visitor
from assay.events import About, change
from assay.events.types import ENROLMENT_LINK_REFUSED, ENROLMENT_LINK_USED
from assay.identities.methods.enrolment import EnrolmentPurpose, pass_refusal
from assay.identities.records import enrolments, resets, users
from assay.messages.notice import Notice
from assay.policy import Method, Proof
from assay.sessions.issued import Issued
from assay.sessions.session import Session
from assay.store import Transaction
from assay.values import Reason


class LinkUse:
    """Uses links up, in the transaction of the caller."""

    def __init__(self, premises: Premises, admission: Admission, guessing: Guessing) -> None:
        self._premises = premises
        self._admission = admission
        self._guessing = guessing

    def use(self, transaction: Transaction, digest: bytes, visitor: Visitor, former: Session | None) -> Issued | Reason:
        """A session for the link, which is used up with it; raises UndoneError where its reset has ended."""
        at = self._premises.now()
        used = enrolments.use(transaction, digest, at)
        user = users.get(transaction, used.user_id) if used is not None else None
        if user is None:
            return Reason.of("passInvalid")
        proof = Proof(method=Method.TEMPORARY_ACCESS_PASS_ONE_TIME, at=at)
        issued = self._admission.start(transaction, user.id, proof, visitor, replaced=former, at=at)
        if isinstance(issued, Reason):
            return issued
        if used is not None and used.purpose is EnrolmentPurpose.RESET:
            self._begin_reset(transaction, used.id, issued.session)
        if used is not None and used.purpose is not EnrolmentPurpose.ENROL:
            self._guessing.recovered(transaction, user, issued.session.id)
        if used is not None and takes_over(transaction, user, used.purpose):
            tell(self._premises, transaction, user, Notice.RECOVERY_LINK_USED, at=at, address=visitor.address)
        self._premises.record(
            transaction,
            change(
                ENROLMENT_LINK_USED,
                at=at,
                actor=actor_of(user, issued.session.id),
                about=About(user_id=user.id, user_name=user.user_name, session_id=issued.session.id),
                before=None,
                after=None,
                reason=Reason.of("usedByPerson"),
                source=source_of(visitor),
            ),
        )
        return issued

    def refused(self, transaction: Transaction, digest: bytes, visitor: Visitor) -> None:
        """Keep that a link of ours was tried in vain, and why."""
        found = enrolments.by_digest(transaction, digest)
        if found is None:
            return
        admitted = may_hold_session(transaction, found.user_id)
        reason = admitted if isinstance(admitted, Reason) else pass_refusal(found, self._premises.now())
        user = users.get(transaction, found.user_id)
        self._guessing.repeated.occurred(
            transaction, ENROLMENT_LINK_REFUSED, visitor, reason or Reason.of("passInvalid"), user
        )

    def _begin_reset(self, transaction: Transaction, pass_id: str, session: Session) -> None:
        """Tie the session to its reset; raises UndoneError, which leaves the link unused, where that has ended."""
        reset = resets.of_pass(transaction, pass_id)
        held = resets.marks(transaction, session.user_id)
        if reset is None or not resets.begin(transaction, reset.id, session.id, held=held, until=session.ends_at):
            raise UndoneError(Reason.of("passInvalid"))

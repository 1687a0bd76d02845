"""What is proved before a page on which much is at stake: what policies ask, and two factors of the last minutes."""

from assay.access.decide import BROWSER_FLOWS, judge
from assay.access.fresh_proof import fresh_step
from assay.access.next_step import next_step
from assay.access.premises import Premises
from assay.access.sign_in_log import SignInLog
from assay.access.signals import Signals, Subject
from assay.access.steps import Outcome
from assay.access.visitor import Visitor
from assay.events.decision import short_code
from assay.identities.records import methods
from assay.policy import AppTarget
from assay.policy import Outcome as Verdict
from assay.policy.request import TransferMethod
from assay.sessions.session import Session
from assay.values import AppId, Reason


class FreshVisits:
    """Judges who comes to one such page as if they opened `app_id`, which pages call `app_name`.

    `why`: what a person is told who has to prove two factors again. `flows`: how what they let in will come.
    """

    def __init__(
        self,
        premises: Premises,
        signals: Signals,
        *,
        app_id: AppId,
        app_name: str,
        why: Reason,
        flows: frozenset[TransferMethod] = BROWSER_FLOWS,
    ) -> None:
        self._premises = premises
        self._signals = signals
        self._app_id = app_id
        self._app_name = app_name
        self._why = why
        self._flows = flows
        self._log = SignInLog(premises, signals)

    async def unmet(self, session: Session, subject: Subject, visitor: Visitor) -> Outcome | None:
        """What this person meets instead of the page; None where nothing is left to prove."""
        at = self._premises.now()
        held = await self._premises.store.read(lambda reader: methods.summary(reader, session.user_id))
        judgement = judge(
            self._signals,
            subject,
            AppTarget(app_id=self._app_id),
            proofs=session.proofs,
            address=visitor.ip,
            user_agent=visitor.user_agent,
            at=at,
            flows=self._flows,
        )
        if judgement.decision.outcome is Verdict.ALLOW:
            step = fresh_step(session.proofs, held, subject.user.user_name, at, why=self._why)
            return None if step is None else Outcome(step=step)
        decision = await self._premises.store.write(
            lambda transaction: self._log.decided(transaction, judgement, session, subject, visitor)
        )
        refused = next_step(
            judgement.decision,
            held=held.methods,
            user=subject.user,
            app_name=self._app_name,
            short_code=short_code(decision),
            at=at,
        )
        return Outcome(step=refused)

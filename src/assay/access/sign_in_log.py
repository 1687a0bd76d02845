"""What the log says of a step on the way in: the engine's answer with its decision."""

from collections.abc import Sequence

from assay.access.admission import actor_of, source_of
from assay.access.decide import Judgement, entry_of
from assay.access.premises import Premises
from assay.access.signals import Signals, Subject
from assay.access.visitor import Visitor
from assay.events import About, Event, EventType, occurrence
from assay.events.decision import DecisionId
from assay.events.decision_log import record_decision
from assay.events.types import SIGN_IN_FAILED, SIGN_IN_INTERRUPTED, SIGN_IN_SUCCEEDED
from assay.policy import AppTarget, Outcome
from assay.policy.targets import NAMED_TARGETS
from assay.sessions.session import Session
from assay.store import Transaction

EVENT_OF: dict[Outcome, EventType] = {
    Outcome.ALLOW: SIGN_IN_SUCCEEDED,
    Outcome.STEP_UP: SIGN_IN_INTERRUPTED,
    Outcome.BLOCK: SIGN_IN_FAILED,
}


class SignInLog:
    """Records sign-in decisions, in the transaction that they belong to."""

    def __init__(self, premises: Premises, signals: Signals) -> None:
        self._premises = premises
        self._signals = signals

    def decided(
        self,
        transaction: Transaction,
        judgement: Judgement,
        session: Session,
        subject: Subject,
        visitor: Visitor,
        *,
        noted: Sequence[Event] = (),
    ) -> DecisionId:
        """Keep a decision with its event, after the events that led to it; the id by which it is explained."""
        target = judgement.request.target
        app_id = target.app_id if isinstance(target, AppTarget) else None
        app = self._signals.apps.get(app_id) if app_id is not None else None
        event = occurrence(
            EVENT_OF[judgement.decision.outcome],
            at=judgement.request.at,
            actor=actor_of(subject.user, session.id),
            about=About(
                user_id=subject.user.id,
                user_name=subject.user.user_name,
                app_id=app_id,
                app_name=app.display_name if app is not None else NAMED_TARGETS.get(app_id, "") if app_id else "",
                session_id=session.id,
            ),
            source=source_of(visitor),
            reason=judgement.decision.reasons[0] if judgement.decision.reasons else None,
        )
        return record_decision(
            transaction, event, entry_of(judgement, session.id), random=self._premises.random, noted=noted
        )

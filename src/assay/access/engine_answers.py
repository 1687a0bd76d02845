"""What the engine says of a destination on the way in, kept, and the step that follows from it."""

import asyncio
from collections.abc import Sequence

from msgspec.structs import replace

from assay.access.admission import Admission
from assay.access.decide import Judgement, judge
from assay.access.next_step import REMEDIES, next_step, refused
from assay.access.premises import Premises
from assay.access.seen_by_app import judge_as_seen_by_app
from assay.access.sign_in_log import SignInLog
from assay.access.signals import Signals, Subject
from assay.access.steps import Enter, Refused, Step
from assay.access.visitor import Destination, Visitor
from assay.access.ways_in import means_of, remedies_of
from assay.apps import App
from assay.events import Event
from assay.events.decision import short_code
from assay.identities.records import methods
from assay.policy import AppTarget, Method, Proof
from assay.policy import Outcome as Verdict
from assay.policy.targets import OWN_PAGES
from assay.policy.way_in import way_in
from assay.sessions.session import Session
from assay.store import Transaction
from assay.values import AppId, Reason, UserId, Value


class Judged(Value, frozen=True, kw_only=True):
    """The engine's answer about a destination; `app` None is the own pages, and of these `own_path`."""

    subject: Subject
    app: App | None
    judgement: Judgement
    elsewhere: tuple[Reason, ...] = ()
    own_path: str = "/"

    @property
    def allowed(self) -> bool:
        return self.judgement.decision.outcome is Verdict.ALLOW


class Kept(Value, frozen=True, kw_only=True):
    """What the transaction left: the decision's short code, and the ticket or why there is none.

    `held`: the methods of somebody who is not in yet, for the next page. `device`: its new secret, None to leave it.
    """

    code: str
    ticket: str | Reason = ""
    device: str | None = None
    held: frozenset[Method] = frozenset()


class EngineAnswers:
    """Asks the engine, keeps what it says in the transaction that acts on it, and turns it into the next step."""

    def __init__(self, premises: Premises, *, signals: Signals, admission: Admission) -> None:
        self._premises = premises
        self._signals = signals
        self._admission = admission
        self._log = SignInLog(premises, signals)

    async def judge(
        self,
        user_id: UserId,
        proofs: tuple[Proof, ...],
        session: Session | None,
        visitor: Visitor,
        destination: Destination,
    ) -> Judged | None:
        """The engine's answer about the destination, for what is proved; None where there is no such person."""
        app = self._signals.apps.get(AppId(destination.safe.app))
        subject = self._signals.subject(user_id)
        if subject is None:
            return None
        judgement = judge(
            self._signals,
            subject,
            AppTarget(app_id=app.id if app is not None else OWN_PAGES),
            proofs=proofs,
            address=visitor.ip,
            user_agent=visitor.user_agent,
            at=self._premises.now(),
        )
        elsewhere: tuple[Reason, ...] = ()
        allowed = judgement.decision.outcome is Verdict.ALLOW
        if allowed and session is not None and destination.safe.refused:
            judgement = await judge_as_seen_by_app(
                self._premises, self._signals, subject, session, judgement, destination.refused
            )
            elsewhere = _elsewhere(judgement, visitor)
        own_path = "/" if destination.safe.app else destination.safe.path
        return Judged(subject=subject, app=app, judgement=judgement, elsewhere=elsewhere, own_path=own_path)

    def keep(
        self,
        transaction: Transaction,
        judged: Judged,
        session: Session,
        visitor: Visitor,
        destination: Destination,
        *,
        noted: Sequence[Event] = (),
    ) -> Kept:
        """Keep the engine's answer, after the events that led to it, and issue the ticket that it allows."""
        decision = self._log.decided(transaction, judged.judgement, session, judged.subject, visitor, noted=noted)
        if not judged.allowed:
            held = methods.summary(transaction, session.user_id).methods
            return Kept(code=short_code(decision), held=held)
        if judged.app is None:
            return Kept(code=short_code(decision))
        ticket = self._admission.ticket(
            transaction, session, judged.app, path=destination.path, state=destination.state
        )
        return Kept(code=short_code(decision), ticket=ticket)

    async def step(self, judged: Judged, kept: Kept) -> Step:
        """What the person meets next."""
        user, app, at = judged.subject.user, judged.app, judged.judgement.request.at
        if isinstance(kept.ticket, Reason):
            return refused((kept.ticket,), user=user, app_name="", short_code=kept.code, at=at)
        if judged.allowed and app is not None:
            origin = self._premises.addresses.origin(app.host(self._premises.addresses.base))
            return Enter(location=f"{origin}/.assay/ticket?ticket={kept.ticket}")
        if judged.allowed:
            return Enter(location=judged.own_path)
        step = next_step(
            judged.judgement.decision,
            elsewhere=judged.elsewhere,
            held=kept.held,
            user=user,
            app_name=app.display_name if app is not None else "",
            short_code=kept.code,
            at=at,
        )
        return await self._with_way_in(step, judged, kept) if isinstance(step, Refused) else step

    async def _with_way_in(self, step: Refused, judged: Judged, kept: Kept) -> Refused:
        """A refusal by policies, with what this person can do about it; other refusals have remedies of their own."""
        if any(reason.code in REMEDIES for reason in step.reasons):
            return step
        request, compiled = judged.judgement.request, self._signals.compiled
        # Beside the event loop: some hundred changed requests are decided where nothing helps.
        found = await asyncio.to_thread(lambda: way_in(compiled, request, means_of(kept.held, request)))
        return replace(step, remedies=remedies_of(found) or step.remedies)


def _elsewhere(judgement: Judgement, visitor: Visitor) -> tuple[Reason, ...]:
    """That the app sees another address than this page: else nobody understands why it says something else."""
    address = judgement.request.address
    return () if address is None or address == visitor.ip else (Reason.of("otherAddress", address=str(address)),)

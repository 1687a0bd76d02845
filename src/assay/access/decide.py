"""One judgement: gather the signals of this moment, ask the policy engine."""

from datetime import datetime
from functools import lru_cache
from ipaddress import ip_address
from typing import Final

from assay import __version__
from assay.access.client import read_client
from assay.access.signals import Signals, Subject
from assay.access.snapshot import encode_snapshot
from assay.events import DecisionEntry
from assay.policy import (
    AccessRequest,
    Account,
    Address,
    AppTarget,
    Assignment,
    ConditionalAccessStatus,
    Decision,
    Outcome,
    Proof,
    Target,
    answer_of,
)
from assay.policy.request import TransferMethod
from assay.sessions.session import SessionKind
from assay.values import Reason, SessionId, Value

BROWSER_FLOWS: Final[frozenset[TransferMethod]] = frozenset()
DEVICE_CODE_FLOWS: Final = frozenset({TransferMethod.DEVICE_CODE_FLOW})


class Judgement(Value, frozen=True, kw_only=True):
    """A decision and exactly what was asked, so that it can be recorded and asked again."""

    request: AccessRequest
    decision: Decision
    # From when the picture was that this was judged on, where it was not the present one.
    known_at: datetime | None = None
    # Until when the same question has the same answer while nothing is changed; None: at this instant alone.
    until: datetime | None = None


def judge(
    signals: Signals,
    subject: Subject,
    target: Target,
    *,
    proofs: tuple[Proof, ...],
    address: Address | None,
    user_agent: str,
    at: datetime,
    flows: frozenset[TransferMethod] = BROWSER_FLOWS,
) -> Judgement:
    """Judge one request of a person; a state of affairs that may have been replaced denies everything.

    `flows`: how the session was handed over (`flows_of`).
    """
    client = read_client(user_agent)
    request = AccessRequest(
        principal=subject.principal,
        assigned=subject.assigned(target.app_id) if isinstance(target, AppTarget) else True,
        target=target,
        client_app=client.app,
        platform=client.platform,
        address=address,
        proofs=proofs,
        at=at,
        flows=flows,
    )
    return judge_request(signals, subject, request)


def flows_of(kind: SessionKind) -> frozenset[TransferMethod]:
    """A command line is let in by a code (RFC 8628), and stays so however it asks later (protocol tracking, D FLOW)."""
    return DEVICE_CODE_FLOWS if kind is SessionKind.COMMAND_LINE else BROWSER_FLOWS


def judge_request(signals: Signals, subject: Subject, request: AccessRequest) -> Judgement:
    """Ask the engine, unless nothing may be granted at all."""
    if not subject.user.enabled:
        return Judgement(request=request, decision=refusal(signals, Reason.of("userDisabled")))
    standing, withheld = signals.standing, signals.withheld
    if withheld is not None:
        return Judgement(request=request, decision=refusal(signals, withheld), known_at=standing.known_at)
    answer = answer_of(signals.compiled, subject.mask, request)
    if not standing.degraded:
        return Judgement(request=request, decision=answer.decision, until=answer.until)
    decision = answer.decision
    if decision.session.disable_resilience_defaults:
        decision = refusal(signals, Reason.of("notInAnOutage"))
    return Judgement(request=request, decision=decision, known_at=standing.known_at)


@lru_cache(maxsize=8_192)
def read_address(text: str) -> Address:
    """The address of a connection's peer."""
    return ip_address(text)


def refusal(signals: Signals, reason: Reason) -> Decision:
    """A refusal that no policy was asked for."""
    return Decision(
        outcome=Outcome.BLOCK,
        assignment=Assignment.NOT_EVALUATED,
        conditional_access=ConditionalAccessStatus.NOT_APPLIED,
        account=Account.of(reason),
        policy_set_hash=signals.compiled.hash,
    )


def entry_of(judgement: Judgement, session_id: SessionId | None) -> DecisionEntry:
    """What is kept of a judgement."""
    target = judgement.request.target
    return DecisionEntry.of(
        judgement.decision,
        session_id=session_id,
        user_id=None if judgement.request.principal.kind is None else judgement.request.principal.id,
        app_id=target.app_id if isinstance(target, AppTarget) else None,
        snapshot=encode_snapshot(judgement.request, known_at=judgement.known_at),
        engine_version=__version__,
    )


class KeptJudgement:
    """The last judgement of a session on an app, for the next request that asks the same.

    INVARIANT: whatever can change a judgement is compared in `holds`, by identity where a change makes a new value: any
    change of people, groups, roles and assignments makes a new subject, any of policies and locations a new set, any of
    the session's proofs a new tuple.
    """

    __slots__ = ("_client_ip", "_compiled", "_subject", "_until", "_user_agent", "judgement")

    def __init__(
        self, judgement: Judgement, signals: Signals, subject: Subject, *, client_ip: str, user_agent: str
    ) -> None:
        self.judgement = judgement
        self._compiled = signals.compiled
        self._subject = subject
        self._client_ip = client_ip
        self._user_agent = user_agent
        self._until = judgement.until or judgement.request.at

    def holds(
        self,
        signals: Signals,
        subject: Subject,
        *,
        proofs: tuple[Proof, ...],
        client_ip: str,
        user_agent: str,
        at: datetime,
    ) -> bool:
        """Whether judging now would give this judgement again."""
        before = self.judgement.request
        return (
            self._subject is subject
            and self._compiled is signals.compiled
            and before.proofs is proofs
            and before.at <= at < self._until
            and self._client_ip == client_ip
            and self._user_agent == user_agent
            and signals.present
        )


class KeptEntry:
    """The log's entry of the last judgement, to be handed in again while nothing but the instant changes."""

    __slots__ = ("_decision", "_known_at", "_request", "entry")

    def __init__(self, entry: DecisionEntry, judgement: Judgement) -> None:
        self.entry = entry
        self._request = judgement.request
        self._decision = judgement.decision
        self._known_at = judgement.known_at

    def describes(self, judgement: Judgement) -> bool:
        """Whether an entry of this judgement would be equal; by identity where the values are kept ones."""
        before, now = self._request, judgement.request
        return (
            self._decision is judgement.decision
            and self._known_at is judgement.known_at
            and (before is now or self._asked_alike(now))
        )

    def _asked_alike(self, now: AccessRequest) -> bool:
        before = self._request
        return (
            before.principal is now.principal
            and before.proofs is now.proofs
            and before.address == now.address
            and before.platform is now.platform
            and before.client_app is now.client_app
            and before.flows is now.flows
            and before.assigned is now.assigned
        )

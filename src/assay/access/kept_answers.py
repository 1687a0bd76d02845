"""What is kept with a session on an app between its requests: the judgement, its entry in the log, its grant."""

from datetime import datetime

from assay.access.decide import Judgement, KeptEntry, KeptJudgement, entry_of, flows_of, judge, read_address
from assay.access.exchange import CheckRequest, Grant
from assay.access.live_sessions import LiveAppSession
from assay.access.signals import Signals, Subject
from assay.events import DecisionEntry
from assay.policy import AppTarget, Decision
from assay.values import RoleId


def judgement_for(
    found: LiveAppSession, signals: Signals, subject: Subject, request: CheckRequest, at: datetime
) -> Judgement:
    """The engine's, which is asked anew unless the last request of this session asked the same, and nothing changed."""
    kept, proofs = found.judged, found.live.session.proofs
    client_ip, user_agent = request.connection.client_ip, request.user_agent
    if kept is not None and kept.holds(
        signals, subject, proofs=proofs, client_ip=client_ip, user_agent=user_agent, at=at
    ):
        return kept.judgement
    judgement = judge(
        signals,
        subject,
        AppTarget(app_id=found.app_id),
        proofs=proofs,
        address=read_address(client_ip),
        user_agent=user_agent,
        at=at,
        flows=flows_of(found.live.session.kind),
    )
    found.judged = KeptJudgement(judgement, signals, subject, client_ip=client_ip, user_agent=user_agent)
    return judgement


def entry_for(found: LiveAppSession, judgement: Judgement) -> DecisionEntry:
    """The entry of the log; made anew only when the signals or the answer differ from the last request's."""
    kept = found.entry
    if kept is None or not kept.describes(judgement):
        entry = entry_of(judgement, found.live.session.id)
        kept = found.entry = KeptEntry(entry, judgement)
    return kept.entry


def grant_for(found: LiveAppSession, decision: Decision, request: CheckRequest, roles: frozenset[RoleId]) -> Grant:
    """As what this request is let through; one object while it stays the same, because every request has one."""
    kept = found.grant
    if kept is None or kept.limits is not decision.limits or not kept.is_for(request, roles):
        kept = found.grant = Grant.of(decision.limits, request, roles)
    return kept

"""The decision: which policies apply, what they demand together, whether that is met."""

from functools import partial
from typing import Final

from msgspec.structs import replace

from assay.policy.break_glass import EVERY_POLICY, compiled_for_break_glass
from assay.policy.compile import CompiledPolicySet, PolicyTable
from assay.policy.conditions import subject as subjects
from assay.policy.conditions.base import ConditionName
from assay.policy.decision import Account, Assignment, ConditionalAccessStatus, Decision, Details, Outcome
from assay.policy.demands import Demands
from assay.policy.freshness import NEVER
from assay.policy.judgement import Judgement
from assay.policy.memo import Answer, place_of
from assay.policy.request import REGISTRATION, AccessRequest, UserActionTarget
from assay.policy.verdict import Verdict, verdict
from assay.values import Reason

ALLOW: Final = Outcome.ALLOW
ASSIGNMENTS: Final = {True: Assignment.ASSIGNED, False: Assignment.NOT_ASSIGNED, None: Assignment.NOT_EVALUATED}


def decide(compiled: CompiledPolicySet, subject: int, request: AccessRequest) -> Decision:
    """Judge one request; `subject` is `compiled.subject(request.principal)`, kept by the caller.

    Pure: the same set, principal and request give the same decision, whatever was asked before.
    """
    return answer_of(compiled, subject, request).decision


def answer_of(compiled: CompiledPolicySet, subject: int, request: AccessRequest) -> Answer:
    """The decision, and from when until when it is the same for a request that differs in nothing but its instant."""
    if request.principal.break_glass:
        # Before anything of the published policies is looked at: they may be what is wrong.
        compiled, subject = compiled_for_break_glass(), EVERY_POLICY
    if subject < 0:
        return _cannot_evaluate(compiled, subjects.name_of(request.principal), request)
    place = place_of(request)
    remembered = compiled.memo.recall(place, subject, request)
    if remembered is not None:
        return remembered
    applicable = subject
    for name, index in compiled.indexes:
        try:
            applicable &= index(request)
        except Exception:  # noqa: BLE001  whatever a condition raises must deny, not let pass
            return _cannot_evaluate(compiled, name, request)
    target = request.target
    registering = isinstance(target, UserActionTarget) and target == REGISTRATION
    demands = compiled.demands.of(applicable, registering=registering)
    found = verdict(demands, request)
    decision = _decision(compiled, applicable, demands, found, request)
    answer = Answer(request.at, found.unchanged_until, decision, subject, request)
    compiled.memo.remember(place, answer)
    return answer


def _cannot_evaluate(compiled: CompiledPolicySet, name: ConditionName, request: AccessRequest) -> Answer:
    decision = Decision(
        outcome=Outcome.BLOCK,
        assignment=ASSIGNMENTS[request.assigned],
        conditional_access=ConditionalAccessStatus.FAILURE,
        account=Account.of(Reason.of("conditionCannotBeEvaluated", condition=name)),
        policy_set_hash=compiled.hash,
    )
    # Of no time: what failed once may do so differently at the next request.
    return Answer(since=request.at, until=request.at, decision=decision)


def _decision(
    compiled: CompiledPolicySet, applicable: int, demands: Demands, found: Verdict, request: AccessRequest
) -> Decision:
    outcome, assigned = found.outcome, request.assigned
    alike = demands.decisions.get((outcome, assigned))
    if alike is None:
        alike = demands.decisions[outcome, assigned] = _without_times(compiled, demands, outcome, assigned=assigned)
    ends = alike.outcome is ALLOW and found.valid_until is not NEVER
    return replace(
        alike,
        valid_until=found.valid_until if ends else None,
        # Who is let in seldom asks why; whoever does reads it from the policies one by one.
        account=Account(alike.account.tell, applicable, request),
    )


def _without_times(
    compiled: CompiledPolicySet, demands: Demands, outcome: Outcome, *, assigned: bool | None
) -> Decision:
    """All of a decision that is the same for every request of which as much is demanded; its account is of none."""
    status = ConditionalAccessStatus.NOT_APPLIED
    if demands.any:
        status = ConditionalAccessStatus.SUCCESS if outcome is ALLOW else ConditionalAccessStatus.FAILURE
    return Decision(
        outcome=Outcome.BLOCK if assigned is False else outcome,
        assignment=ASSIGNMENTS[assigned],
        conditional_access=status,
        limits=demands.limits,
        session=demands.session,
        policy_set_hash=compiled.hash,
        account=Account(partial(_details, compiled.table)),
    )


def _details(table: PolicyTable, applicable: int, request: AccessRequest) -> Details:
    return Judgement(table, applicable, request).details()

"""The decision: which policies apply, what they demand together, whether that is met."""

from functools import partial
from typing import Final

from assay.policy.break_glass import EVERY_POLICY, compiled_for_break_glass
from assay.policy.compile import CompiledPolicySet
from assay.policy.conditions import subject as subjects
from assay.policy.conditions.base import ConditionName
from assay.policy.decision import Account, Assignment, ConditionalAccessStatus, Decision, Details, Outcome
from assay.policy.demands import Demands
from assay.policy.freshness import NEVER
from assay.policy.judgement import Judgement
from assay.policy.memo import Answer
from assay.policy.request import REGISTRATION, AccessRequest, UserActionTarget
from assay.policy.verdict import Verdict, verdict
from assay.values import Reason

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
    remembered = compiled.memo.recall(subject, request)
    if remembered is not None:
        return remembered
    applicable = subject
    for name, index in compiled.indexes:
        try:
            applicable &= index(request)
        except Exception:  # noqa: BLE001  whatever a condition raises must deny, not let pass
            return _cannot_evaluate(compiled, name, request)
    registering = isinstance(request.target, UserActionTarget) and request.target == REGISTRATION
    demands = compiled.demands.of(applicable, registering=registering)
    found = verdict(demands, request)
    decision = _decision(compiled, applicable, demands, found, request)
    answer = Answer(request.at, found.unchanged_until, decision, subject, request)
    compiled.memo.remember(answer, request)
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
    outcome, status = found.outcome, ConditionalAccessStatus.NOT_APPLIED
    if demands.any:
        allowed = outcome is Outcome.ALLOW
        status = ConditionalAccessStatus.SUCCESS if allowed else ConditionalAccessStatus.FAILURE
    if request.assigned is False:
        outcome = Outcome.BLOCK
    return Decision(
        outcome=outcome,
        assignment=ASSIGNMENTS[request.assigned],
        conditional_access=status,
        limits=demands.limits,
        session=demands.session,
        valid_until=found.valid_until if outcome is Outcome.ALLOW and found.valid_until is not NEVER else None,
        policy_set_hash=compiled.hash,
        # Who is let in seldom asks why; whoever does reads it from the policies one by one.
        account=Account(partial(_details, compiled, applicable, request)),
    )


def _details(compiled: CompiledPolicySet, applicable: int, request: AccessRequest) -> Details:
    return Judgement(compiled, applicable, request).details()

"""The whole account of a decision: every policy, every condition, the value seen, every control."""

from collections.abc import Callable
from functools import partial

from assay.policy.break_glass import compiled_for_break_glass
from assay.policy.compile import CompiledPolicy, CompiledPolicySet
from assay.policy.conditions import subject
from assay.policy.conditions.base import ConditionName, Match, RuleMatch
from assay.policy.controls import Alternative
from assay.policy.decide import decide
from assay.policy.decision import Decision, PolicyResult
from assay.policy.definition import ConditionalAccessPolicy, PolicyState, Undecided
from assay.policy.enforcement import Control, SessionControl
from assay.policy.freshness import Ages, Freshness
from assay.policy.judgement import Judgement
from assay.policy.request import AccessRequest, Method
from assay.policy.satisfaction import AUTHENTICATION, missing_of, satisfied_by, satisfied_until
from assay.values import PolicyId, Value


class ConditionExplanation(Value, frozen=True, kw_only=True):
    """One condition: the value seen, and the rules that it satisfied in Graph's conditionalAccessRule names.

    `undecided`: parts that cannot be evaluated here, because of which the condition counts as satisfied.
    """

    condition: ConditionName
    configured: bool
    value: str
    satisfied: bool
    include: tuple[RuleMatch, ...] = ()
    exclude: tuple[RuleMatch, ...] = ()
    undecided: tuple[str, ...] = ()
    supplied: bool = True


class ControlExplanation(Value, frozen=True, kw_only=True):
    """One control: satisfied by which methods, or what the shortest way lacks. `group`: one of each is enough.

    `subject`: the id of the strength, the terms of use or the custom factor that it names.
    """

    control: str
    group: int
    satisfied: bool
    subject: str | None = None
    satisfied_by: tuple[Method, ...] = ()
    missing: tuple[Method, ...] = ()


class PolicyExplanation(Value, frozen=True, kw_only=True):
    """One policy of the set; controls only where all its conditions are satisfied."""

    policy: PolicyId
    display_name: str
    state: PolicyState
    result: PolicyResult
    conditions: tuple[ConditionExplanation, ...]
    controls: tuple[ControlExplanation, ...] = ()
    undecided: tuple[str, ...] = ()


class Explanation(Value, frozen=True, kw_only=True):
    """The decision and all that led to it, in the order of the policy set."""

    decision: Decision
    policies: tuple[PolicyExplanation, ...]


def explain(compiled: CompiledPolicySet, request: AccessRequest, *, applied_only: bool = False) -> Explanation:
    """Explain a request completely; slower than `decide`, for people and records.

    Conditions are matched one by one and not by the index: where the two differ, one of them is wrong.
    `applied_only`: no word about the policies that do not apply, which takes most of the time.
    """
    decision = decide(compiled, compiled.subject(request.principal), request)
    if request.principal.break_glass:
        compiled = compiled_for_break_glass()
    bits = {found.policy.id: bit for bit, found in enumerate(compiled.policies)}
    policies = compiled.policy_set.policies
    if applied_only:
        applied = frozenset(found.policy for found in (*decision.applied, *decision.report_only))
        policies = tuple(compiled.policies[bits[each]].policy for each in bits if each in applied)
    conditions = {
        policy.id: _conditions(
            compiled,
            policy,
            compiled.policies[bits[policy.id]].undecided if policy.id in bits else (),
            request,
        )
        for policy in policies
    }
    applicable = sum(1 << bits[each] for each in conditions if each in bits and _applies(conditions[each]))
    judgement = Judgement(compiled, applicable, request)
    return Explanation(
        decision=decision,
        policies=tuple(
            _policy(
                policy,
                compiled.policies[bits[policy.id]] if policy.id in bits else None,
                conditions[policy.id],
                judgement,
            )
            for policy in policies
        ),
    )


def _applies(conditions: tuple[ConditionExplanation, ...]) -> bool:
    return all(found.satisfied for found in conditions)


def _policy(
    policy: ConditionalAccessPolicy,
    found: CompiledPolicy | None,
    conditions: tuple[ConditionExplanation, ...],
    judgement: Judgement,
) -> PolicyExplanation:
    controls: tuple[ControlExplanation, ...] = ()
    if found is None:
        result = PolicyResult.NOT_ENABLED
    elif _applies(conditions):
        result = judgement.result(found)
        controls = _controls(found, judgement)
    elif policy.state is PolicyState.REPORT_ONLY:
        result = PolicyResult.REPORT_ONLY_NOT_APPLIED
    else:
        result = PolicyResult.NOT_APPLIED
    return PolicyExplanation(
        policy=policy.id,
        display_name=policy.display_name,
        state=policy.state,
        result=result,
        conditions=conditions,
        controls=controls,
        undecided=tuple(part.where for part in found.undecided) if found else (),
    )


def _conditions(
    compiled: CompiledPolicySet,
    policy: ConditionalAccessPolicy,
    parts: tuple[Undecided, ...],
    request: AccessRequest,
) -> tuple[ConditionExplanation, ...]:
    return (
        _condition(
            parts,
            subject.name_of(request.principal),
            (subject.PART, subject.AGENTS)
            if request.principal.kind is not None
            else (subject.PART, subject.AGENTS, subject.WORKLOADS),
            partial(subject.match, policy, request.principal, compiled.subject_kinds),
        ),
        *(
            _condition(
                parts,
                condition.name,
                (condition.part, *condition.also),
                partial(condition.match, policy, request, compiled.locations),
            )
            for condition in compiled.conditions
        ),
    )


def _condition(
    parts: tuple[Undecided, ...], name: ConditionName, keys: tuple[str, ...], match: Callable[[], Match]
) -> ConditionExplanation:
    undecided = tuple(found.where for found in parts if found.path[:2] in {("conditions", key) for key in keys})
    try:
        seen = match()
    except Exception:  # noqa: BLE001  the account goes on, and says which condition failed
        return ConditionExplanation(condition=name, configured=True, value="cannotBeEvaluated", satisfied=True)
    return ConditionExplanation(
        condition=name,
        configured=seen.configured,
        value=seen.value,
        satisfied=seen.satisfied or bool(undecided),
        include=seen.include,
        exclude=seen.exclude,
        undecided=undecided,
        supplied=seen.supplied,
    )


def _controls(found: CompiledPolicy, judgement: Judgement) -> tuple[ControlExplanation, ...]:
    controls = [ControlExplanation(control="block", group=0, satisfied=False)] if found.blocks else []
    ages = judgement.ages if found.policy.state is PolicyState.ENABLED else found.ages
    fresh = judgement.freshness(ages)
    groups = judgement.groups(found)
    for number, group in enumerate(groups):
        controls += (_control(alternative, number, fresh, judgement.request) for alternative in group)
    if found.ages != Ages():
        own = judgement.frequency_satisfied(found)
        controls.append(ControlExplanation(control=Control.SIGN_IN_FREQUENCY, group=len(controls), satisfied=own))
    unenforced = judgement.unenforced(found)
    for kept in sorted(found.session_controls - {SessionControl.SIGN_IN_FREQUENCY}):
        controls.append(ControlExplanation(control=kept, group=len(controls), satisfied=kept not in unenforced))
    return tuple(controls)


def _control(alternative: Alternative, group: int, fresh: Freshness, request: AccessRequest) -> ControlExplanation:
    authentication = alternative.control in AUTHENTICATION
    ways = [missing_of(alternative, way, fresh) for way in alternative.combinations]
    return ControlExplanation(
        control=alternative.control,
        group=group,
        satisfied=satisfied_until((alternative,), fresh, request) is not None,
        subject=alternative.subject,
        satisfied_by=satisfied_by(alternative, fresh) if authentication else (),
        missing=min(ways, key=len, default=()),
    )

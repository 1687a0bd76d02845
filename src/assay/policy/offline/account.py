"""The answer to a sign-in of a document: the decision, and every policy in Graph's result vocabulary."""

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta

from msgspec import UNSET
from msgspec.structs import replace

from assay.policy.conditions.base import RuleMatch
from assay.policy.controls import session_controls_of
from assay.policy.decision import ConditionalAccessStatus, Decision, Outcome, PolicyResult, Unmet, UnmetControl
from assay.policy.definition import ConditionalAccessPolicy
from assay.policy.enforcement import Control, SessionControl
from assay.policy.explain import explain
from assay.policy.explanation import ConditionExplanation, PolicyExplanation
from assay.policy.offline.expected import Expected, Verdict
from assay.policy.offline.given_set import UNREADABLE, GivenSet
from assay.policy.offline.shapes import (
    Account,
    AppliedShape,
    DemandShape,
    ReasonShape,
    RuleShape,
    SessionShape,
    StrengthShape,
    WayShape,
)
from assay.policy.offline.sign_in_document import SignIn
from assay.policy.offline.ways_in import way_in_shape
from assay.policy.request import Method, ease
from assay.policy.strengths import BUILT_IN
from assay.values import PolicyId, Reason

VERDICTS = {Outcome.ALLOW: Verdict.GRANTED, Outcome.STEP_UP: Verdict.INTERRUPTED, Outcome.BLOCK: Verdict.BLOCKED}
NOT_APPLIED = (PolicyResult.NOT_APPLIED, PolicyResult.REPORT_ONLY_NOT_APPLIED, PolicyResult.NOT_ENABLED)
UNREADABLE_SET = "policySetCannotBeRead"
_SESSION_CONTROLS = frozenset(control.value for control in SessionControl)


def account(
    given: GivenSet,
    sign_in: SignIn,
    sentence: Callable[[Reason], str],
    *,
    applied_only: bool,
    problems: bool = True,
    way_in: bool = False,
) -> Account:
    """Decide and account for a sign-in; `sentence` says a reason in words, `problems` leaves out those of the set.

    `way_in`: where it is not granted, say what would let it in. Not of a set that was read in part: nothing would.
    """
    found = explain(given.compiled, sign_in.request)
    told = found.policies if applied_only else found.every()
    policies = {policy.id: policy for policy in given.compiled.policy_set.policies}
    decision, broken = found.decision, not given.whole
    called = {each.id: each.display_name for each in (*given.compiled.policy_set.strengths, *BUILT_IN.values())}
    refused = decision.outcome is not Outcome.ALLOW and not broken
    verdict = Verdict.BLOCKED if broken else VERDICTS[decision.outcome]
    # What could not be read may be what refuses: nothing is granted on the rest.
    reasons = (Reason.of(UNREADABLE_SET, files=_unreadable(given)),) if broken else decision.reasons
    ask_for = () if broken else tuple(_demand(demand, policies, called) for demand in decision.unmet)
    answer = Account(
        decision=verdict,
        assignment=decision.assignment,
        conditional_access_status=ConditionalAccessStatus.FAILURE if broken else decision.conditional_access,
        reasons=tuple(ReasonShape(code=reason.code, message=sentence(reason)) for reason in reasons),
        ask_for=ask_for,
        session_controls=_session(decision),
        applied_conditional_access_policies=tuple(_applied(each, policies[each.policy], called) for each in told),
        notes=sign_in.notes,
        set_problems=given.problems if problems else (),
        policy_set_hash=decision.policy_set_hash,
        description=sign_in.description or UNSET,
        way_in=way_in_shape(given.compiled, sign_in.request) if way_in and refused else UNSET,
    )
    return answer if sign_in.expected is None else _held_against(answer, sign_in.expected)


def _unreadable(given: GivenSet) -> str:
    return ", ".join(dict.fromkeys(each.source for each in given.problems if each.kind == UNREADABLE))


def _held_against(answer: Account, expected: Expected) -> Account:
    differs = tuple(_differences(answer, expected))
    return replace(answer, as_expected=not differs, differs=differs or UNSET)


def _differences(answer: Account, expected: Expected) -> Iterable[str]:
    if expected.decision is not None and expected.decision is not answer.decision:
        yield f"decision: expected {expected.decision}, it is {answer.decision}"
    asked = tuple(demand.any_of[0].control for demand in answer.ask_for)
    if expected.ask_for is not None and expected.ask_for != asked:
        yield f"askFor: expected {', '.join(expected.ask_for) or 'nothing'}, it is {', '.join(asked) or 'nothing'}"
    if expected.applied is not None:
        applied = {
            name
            for each in answer.applied_conditional_access_policies
            if each.result not in NOT_APPLIED
            for name in (each.id if each.id in expected.applied else each.display_name,)
        }
        for name in sorted(applied - expected.applied):
            yield f"appliedPolicies: {name} applies, and is not expected to"
        for name in sorted(expected.applied - applied):
            yield f"appliedPolicies: {name} is expected to apply, and does not"


def _demand(
    demand: Unmet, policies: Mapping[PolicyId, ConditionalAccessPolicy], called: Mapping[str, str]
) -> DemandShape:
    return DemandShape(
        any_of=tuple(_way(each, called) for each in demand.alternatives),
        policies=tuple(policies[name].display_name for name in demand.policies),
    )


def _way(control: UnmetControl, called: Mapping[str, str]) -> WayShape:
    shortest = min((option.missing for option in control.options), key=ease, default=())
    return WayShape(
        control=control.control.value,
        subject=control.subject or control.strength,
        display_name=called.get(control.strength or ""),
        missing=tuple(method.value for method in shortest),
        combinations=tuple(tuple(method.value for method in option.combination) for option in control.options),
        max_age_minutes=_minutes(control.max_age),
    )


def _minutes(age: timedelta | None) -> float | None:
    return None if age is None else age.total_seconds() / 60


def _session(decision: Decision) -> SessionShape:
    session = decision.session
    methods = decision.limits.methods
    return SessionShape(
        sign_in_frequency_minutes=_minutes(session.primary_max_age),
        secondary_authentication_minutes=_minutes(session.secondary_max_age),
        persistent_browser=session.persistent_browser,
        application_enforced_restrictions=session.application_enforced_restrictions,
        cloud_app_security=session.cloud_app_security,
        continuous_access_evaluation=session.continuous_access_evaluation,
        disable_resilience_defaults=session.disable_resilience_defaults,
        secure_sign_in_session=session.secure_sign_in_session,
        network_access_security=session.network_access_security,
        global_secure_access_filtering_profiles=session.global_secure_access_filtering_profiles,
        read_only=decision.limits.read_only,
        methods=None if methods is None else tuple(sorted(methods)),
    )


def _applied(found: PolicyExplanation, policy: ConditionalAccessPolicy, called: Mapping[str, str]) -> AppliedShape:
    satisfied = [each for each in found.conditions if each.configured and each.satisfied]
    failed = [each for each in found.conditions if not each.satisfied]
    shown = AppliedShape(
        id=found.policy,
        display_name=found.display_name,
        result=found.result,
        conditions_satisfied=_names(satisfied),
        conditions_not_satisfied=_names(failed),
        include_rules_satisfied=_rules(found.conditions, lambda each: each.include),
        exclude_rules_satisfied=_rules(found.conditions, lambda each: each.exclude),
        not_decided=found.undecided or UNSET,
    )
    if found.result in NOT_APPLIED:
        return shown
    return replace(
        shown,
        enforced_grant_controls=_grants(policy),
        enforced_session_controls=tuple(sorted(map(_session_word, session_controls_of(policy)))),
        session_controls_not_satisfied=tuple(
            _session_word(control.control)
            for control in found.controls
            if control.control in _SESSION_CONTROLS and not control.satisfied
        ),
        authentication_strength=_strength(found, policy, called) or UNSET,
    )


def _names(conditions: Iterable[ConditionExplanation]) -> str:
    return ",".join(each.condition for each in conditions) or "none"


def _rules(
    conditions: Iterable[ConditionExplanation], of: Callable[[ConditionExplanation], tuple[RuleMatch, ...]]
) -> tuple[RuleShape, ...]:
    return tuple(
        RuleShape(conditional_access_condition=each.condition, rule_satisfied=rule.rule, value=rule.value)
        for each in conditions
        if each.configured
        for rule in of(each)
    )


def _grants(policy: ConditionalAccessPolicy) -> tuple[str, ...]:
    """As Graph's sign-in log names them (X)."""
    grant = policy.grant_controls
    if grant is None:
        return ()
    return (
        *(_pascal(control) for control in grant.built_in_controls),
        *(("RequireAuthenticationStrength",) if grant.authentication_strength else ()),
        *(("TermsOfUse",) if grant.terms_of_use else ()),
        *(("CustomAuthenticationFactor",) if grant.custom_authentication_factors else ()),
    )


def _session_word(control: str) -> str:
    """As Graph's sign-in log names it."""
    return "SignInTokenProtection" if control == SessionControl.SECURE_SIGN_IN_SESSION else _pascal(control)


def _pascal(name: str) -> str:
    return name[0].upper() + name[1:]


def _strength(
    found: PolicyExplanation, policy: ConditionalAccessPolicy, called: Mapping[str, str]
) -> StrengthShape | None:
    named = (policy.grant_controls.authentication_strength if policy.grant_controls else None) or ""
    for control in found.controls:
        if control.control == Control.AUTHENTICATION_STRENGTH:
            return StrengthShape(
                authentication_strength_id=named,
                display_name=called.get(named, ""),
                authentication_strength_result="satisfied" if control.satisfied else _challenges(control.missing),
            )
    return None


def _challenges(missing: tuple[Method, ...]) -> str:
    """In Graph's authenticationStrengthResult; what is registered nobody knows here."""
    return "multipleChallengesRequired" if len(missing) > 1 else "singleChallengeRequired"

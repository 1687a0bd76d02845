"""The engine and the slow interpreter give the same answer; without any one condition's index they do not.

Twenty-five times as many cases: `./run test tests/policy/test_differential.py --hypothesis-profile=deep`.
"""

from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from assay.policy import BREAK_GLASS_SET, Decision, PolicySet, compile_policies, decide, explain
from assay.policy.compile import CompiledPolicySet
from assay.policy.conditions import CONDITIONS, SUBJECT_KINDS, Condition
from assay.policy.conditions.base import ConditionName
from assay.policy.request import AccessRequest
from tests.policy.cases import ROLES, control_sets, policy_sets, requests, sets_about
from tests.policy.reference import Missing, Verdict, judge

Case = tuple[PolicySet, AccessRequest]
cases: st.SearchStrategy[Case] = st.tuples(policy_sets(), requests)
control_cases: st.SearchStrategy[Case] = st.tuples(control_sets(), requests)
# A hundred, unless the profile is another.
MANY = settings().max_examples
thorough = settings(max_examples=2 * MANY, deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow])


def verdict_of(decision: Decision) -> Verdict:
    """The decision as far as order and wording do not matter."""
    return Verdict(
        outcome=decision.outcome,
        assignment=decision.assignment,
        conditional_access=decision.conditional_access,
        applied={found.policy: found.result for found in decision.applied},
        report_only={found.policy: found.result for found in decision.report_only},
        unmet=frozenset(
            (
                frozenset(unmet.policies),
                frozenset[Missing](
                    (
                        control.control.value,
                        control.strength,
                        control.subject,
                        frozenset((option.combination, option.missing) for option in control.options),
                        frozenset(control.too_old),
                        control.max_age,
                    )
                    for control in unmet.alternatives
                ),
            )
            for unmet in decision.unmet
        ),
        read_only=decision.limits.read_only,
        methods=decision.limits.methods,
        ages=(decision.session.primary_max_age, decision.session.secondary_max_age),
        persistent_browser=decision.session.persistent_browser,
        valid_until=decision.valid_until,
    )


def ask(compiled: CompiledPolicySet, request: AccessRequest) -> Decision:
    return decide(compiled, compiled.subject(request.principal), request)


@thorough
@given(cases)
def test_engine_equals_reference_and_its_explanation_what_it_decided(case: Case) -> None:
    """All of it of each case: to make one takes ten times as long as to look at it."""
    policy_set, request = case
    assert verdict_of(ask(compile_policies(policy_set), request)) == judge(policy_set, request)
    explanation_matches_the_index(policy_set, request)
    what_is_told_at_once_and_what_on_demand_are_the_whole_matrix(policy_set, request)


@thorough
@given(control_cases)
def test_controls_equal_reference(case: Case) -> None:
    policy_set, request = case
    assert verdict_of(ask(compile_policies(policy_set), request)) == judge(policy_set, request)


@settings(thorough, max_examples=MANY)
@given(control_sets(), st.lists(requests, min_size=2, max_size=3), st.data())
def test_what_was_asked_before_changes_nothing(
    policy_set: PolicySet, several: list[AccessRequest], data: st.DataObject
) -> None:
    """One engine that remembers, asked at many instants in any order, answers like a new one each time."""
    remembering = compile_policies(policy_set)
    for _ in range(8):
        request = data.draw(st.sampled_from(several))
        shift = timedelta(minutes=data.draw(st.sampled_from([-61, -30, 0, 1, 29, 55, 60, 1439])))
        moved = replace(request, at=request.at + shift)
        assert ask(remembering, moved) == ask(compile_policies(policy_set), moved)


def explanation_matches_the_index(policy_set: PolicySet, request: AccessRequest) -> None:
    """Conditions matched one by one lead to the policies, and the results, that the index found."""
    explanation = explain(compile_policies(policy_set), request)
    judged_by = BREAK_GLASS_SET if request.principal.break_glass else policy_set
    assert [found.policy for found in explanation.every()] == [policy.id for policy in judged_by.policies]
    results = {
        found.policy: found.result
        for found in explanation.every()
        if all(condition.satisfied for condition in found.conditions) and found.result != "notEnabled"
    }
    decided = (*explanation.decision.applied, *explanation.decision.report_only)
    assert results == {found.policy: found.result for found in decided}
    for found in explanation.every():
        assert len(found.conditions) == len(CONDITIONS) + 1
        assert all(condition.value for condition in found.conditions)


def what_is_told_at_once_and_what_on_demand_are_the_whole_matrix(policy_set: PolicySet, request: AccessRequest) -> None:
    """Nothing is shared between policies that differ: each is also explained alone, with a set of itself."""
    compiled = compile_policies(policy_set)
    explanation = explain(compiled, request)
    every = explanation.every()
    decided = {found.policy for found in (*explanation.decision.applied, *explanation.decision.report_only)}
    assert explanation.policies == tuple(found for found in every if found.policy in decided)
    others = tuple(found for found in every if found.policy not in decided)
    pages = [explanation.others.page(skip, 2) for skip in range(0, len(others), 2)]
    assert tuple(found for page in pages for found in page) == others
    assert len(explanation.others) == len(others)
    off = [found for found in others if found.result == "notEnabled"]
    against = Counter(
        next(condition.condition for condition in found.conditions if not condition.satisfied)
        for found in others
        if found not in off
    )
    assert (explanation.others.by_condition, explanation.others.disabled) == (against, len(off))
    named = [found.policy for found in others[:1]]
    assert [found for found in explain(compiled, request, about=named).policies if found.policy in named] == [
        *others[:1]
    ]
    for policy, found in zip(policy_set.policies, every, strict=False):
        alone = compile_policies(replace(policy_set, policies=(policy,)))
        if not request.principal.break_glass:
            assert explain(alone, request).every()[0].conditions == found.conditions


SEARCH = settings(
    max_examples=4000, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
)


def differs(case: Case, compiled: CompiledPolicySet) -> bool:
    policy_set, request = case
    return verdict_of(ask(compiled, request)) != judge(policy_set, request)


@pytest.mark.parametrize("left_out", CONDITIONS, ids=lambda condition: condition.name)
def test_without_a_condition_the_difference_shows(left_out: Condition) -> None:
    kept = [condition for condition in CONDITIONS if condition is not left_out]
    about = st.tuples(sets_about(left_out.name), requests)
    assert find(about, lambda case: differs(case, compile_policies(case[0], conditions=kept)), settings=SEARCH)


KINDS = dict(zip(("users", "groups", "roles", "guests", "agents"), SUBJECT_KINDS, strict=True))
# Of the others there are enough among all requests.
CONCERNED: dict[str, dict[str, object]] = {"roles": {"roles": frozenset(ROLES)}, "agents": {"agent": True}}


@pytest.mark.parametrize("left_out", KINDS)
def test_without_a_kind_of_subject_the_difference_shows(left_out: str) -> None:
    kept = [kind for name, kind in KINDS.items() if name != left_out]
    concerned = requests.map(
        lambda found: replace(found, principal=replace(found.principal, **CONCERNED.get(left_out, {})))
    )
    about = st.tuples(sets_about(ConditionName.USERS), concerned)
    assert find(about, lambda case: differs(case, compile_policies(case[0], subject_kinds=kept)), settings=SEARCH)

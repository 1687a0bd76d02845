"""Decided by columns, every request gets the answer that it gets alone: for generated sets and for the real packs."""

from collections.abc import Sequence
from datetime import timedelta
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from assay.policy import Decision, PolicySet, compile_policies, decide
from assay.policy.columns import ALONE, OTHERS, Columns
from assay.policy.compile import CompiledPolicySet
from assay.policy.conditions import CONDITIONS
from assay.policy.conditions.base import Condition
from assay.policy.request import AccessRequest
from assay.policy.simulate import BY_OTHERS, BY_PLACE, BY_TARGET, simulate
from assay.values import PolicyId
from tests.policy.cases import control_sets, policy_sets, requests, sets_about

# Nothing is made smaller: that takes minutes, and the case is printed.
phases = [phase for phase in Phase if phase is not Phase.shrink]
many = settings(phases=phases, max_examples=25, deadline=None, print_blob=True, suppress_health_check=list(HealthCheck))
several = st.lists(requests, min_size=2, max_size=12)
moments = st.lists(st.sampled_from([-61, -30, -1, 0, 1, 29, 55, 60, 1439]), min_size=12, max_size=12)


def said(decision: Decision) -> object:
    """All but until when it holds, which differs within a sort."""
    return replace(decision.whole, valid_until=None)


def alone(compiled: CompiledPolicySet, asked: Sequence[AccessRequest]) -> list[object]:
    return [said(decide(compiled, compiled.subject(request.principal), request)) for request in asked]


def by_columns(compiled: CompiledPolicySet, asked: Sequence[AccessRequest]) -> list[object]:
    answers = simulate(compiled, Columns(asked))
    return [said(answers.of(row)) for row in range(len(asked))]


def moved(asked: Sequence[AccessRequest], minutes: Sequence[int]) -> list[AccessRequest]:
    """Each request at several instants, so that there are several of a sort, and proofs on both sides of an age."""
    return [
        replace(request, at=request.at + timedelta(minutes=shift, microseconds=place % 2))
        for request in asked
        for place, shift in enumerate(minutes)
    ]


@many
@given(policy_sets(), several, moments)
def test_columns_answer_as_the_engine_does(
    policy_set: PolicySet, asked: list[AccessRequest], minutes: list[int]
) -> None:
    compiled, rows = compile_policies(policy_set), moved(asked, minutes)
    assert by_columns(compiled, rows) == alone(compile_policies(policy_set), rows)


@settings(many, max_examples=15)
@given(control_sets(), several, moments)
def test_signals_that_were_judged_several_times_are_looked_at_once(
    policy_set: PolicySet, asked: list[AccessRequest], minutes: list[int]
) -> None:
    compiled, rows = compile_policies(policy_set), moved(asked, minutes)
    places = [place for place in range(len(asked)) for _ in minutes]
    answers = simulate(compiled, Columns(asked, places, [request.at for request in rows]))
    assert [said(answers.of(row)) for row in range(len(rows))] == alone(compile_policies(policy_set), rows)


@many
@given(control_sets(), several, moments)
def test_columns_meet_demands_as_the_engine_does(
    policy_set: PolicySet, asked: list[AccessRequest], minutes: list[int]
) -> None:
    compiled, rows = compile_policies(policy_set), moved(asked, minutes)
    assert by_columns(compiled, rows) == alone(compile_policies(policy_set), rows)


@settings(many, max_examples=8)
@given(policy_sets(), several)
def test_more_policies_than_a_word_has_bits(policy_set: PolicySet, asked: list[AccessRequest]) -> None:
    policies = tuple(
        replace(policy, id=PolicyId(f"{place}-{policy.id}")) for place in range(50) for policy in policy_set.policies
    )
    compiled = compile_policies(replace(policy_set, policies=policies))
    assert by_columns(compiled, asked) == alone(compiled, asked)


@pytest.mark.parametrize("condition", CONDITIONS, ids=lambda condition: condition.name)
@settings(many, max_examples=10)
@given(data=st.data(), request_=requests)
def test_a_condition_reads_nothing_but_its_column(
    condition: Condition, data: st.DataObject, request_: AccessRequest
) -> None:
    """The column is made of these signals alone: a condition that read another would be answered wrongly."""
    policy_set = data.draw(sets_about(condition.name))
    compiled = compile_policies(policy_set)
    index = dict(compiled.indexes).get(condition.name)
    if index is None:
        return
    reads = ("target",) if condition.name in BY_TARGET else OTHERS
    if condition.name in BY_PLACE:
        reads = ("address", *OTHERS)
    shown = SimpleNamespace(**{name: getattr(request_, name) for name in reads})
    assert index(shown) == index(request_)  # type: ignore[arg-type]  # a request of which only these signals are there


def test_every_condition_has_its_column() -> None:
    assert {condition.name for condition in CONDITIONS} == BY_TARGET | BY_OTHERS | BY_PLACE
    assert set(OTHERS) | ALONE == set(AccessRequest.__struct_fields__)


@settings(many, max_examples=10)
@given(policy_sets(), several)
def test_a_condition_that_fails_is_answered_alone(policy_set: PolicySet, asked: list[AccessRequest]) -> None:
    """Of a million requests those refuse that cannot be evaluated, and no others."""

    def fails(*_: object) -> object:
        def index(request: AccessRequest) -> int:
            if request.platform is None:
                raise ValueError
            return -1

        return index

    broken = [replace(each, index=fails) if each.name == "devicePlatform" else each for each in CONDITIONS]
    compiled = compile_policies(policy_set, conditions=broken)
    assert by_columns(compiled, asked) == alone(compiled, asked)


@settings(many, max_examples=10)
@given(policy_sets(), several)
def test_a_condition_without_a_column_is_asked_each_time(policy_set: PolicySet, asked: list[AccessRequest]) -> None:
    def odd(*_: object) -> object:
        return lambda request: -1 if request.at.microsecond % 2 else 0

    unknown = [replace(each, name="moon", index=odd) if each.name == "devicePlatform" else each for each in CONDITIONS]
    compiled, rows = compile_policies(policy_set, conditions=unknown), moved(asked, [0, 0])
    assert simulate(compiled, Columns(rows)).one_by_one == len(rows)
    assert by_columns(compiled, rows) == alone(compile_policies(policy_set, conditions=unknown), rows)

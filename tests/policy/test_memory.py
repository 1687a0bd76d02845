"""What the engine remembers changes no answer: not for another question at the same place, not after a flood."""

import weakref
from datetime import timedelta
from ipaddress import ip_address

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from assay.policy import Decision, PolicySet, compile_policies, decide
from assay.policy.compile import CompiledPolicySet
from assay.policy.device import Device
from assay.policy.enforcement import EVERYTHING
from assay.policy.freshness import NEVER
from assay.policy.memo import REMEMBERED, Answer, Memo, place_of
from assay.policy.request import (
    AccessRequest,
    AppTarget,
    ClientApp,
    InsiderRiskLevel,
    Platform,
    Principal,
    RiskLevel,
    Satisfied,
    TransferMethod,
    UserKind,
)
from assay.values import AppId, UserId
from tests.policy.build import MFA, PASSKEY, PASSWORD, graph, judge, read, request
from tests.policy.cases import LOCATIONS, PLACES, STRENGTHS, control_sets, policy_sets, requests
from tests.policy.reference import judge as judge_slowly
from tests.policy.test_differential import verdict_of

thorough = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def ask(compiled: CompiledPolicySet, asked: AccessRequest) -> Decision:
    return decide(compiled, compiled.subject(asked.principal), asked)


OTHERS: dict[str, object] = {
    "principal": Principal(id=UserId("another"), kind=UserKind.MEMBER),
    "assigned": False,
    "target": AppTarget(app_id=AppId("another")),
    "client_app": ClientApp.OTHER,
    "platform": Platform.IOS,
    "address": ip_address("203.0.113.9"),
    "proofs": (PASSWORD,),
    "country": "BE",
    "gps_country": "BE",
    "compliant_network": True,
    "device": Device(is_compliant=True),
    "flows": frozenset({TransferMethod.DEVICE_CODE_FLOW}),
    "sign_in_risk": RiskLevel.HIGH,
    "user_risk": RiskLevel.HIGH,
    "service_principal_risk": RiskLevel.HIGH,
    "agent_id_risk": RiskLevel.HIGH,
    "insider_risk": InsiderRiskLevel.ELEVATED,
    "agent_context": "another",
    "satisfied": Satisfied(terms_of_use=frozenset({"another"})),
    "enforced_by": EVERYTHING,
}


@pytest.mark.parametrize("field", sorted(set(AccessRequest.__struct_fields__) - {"at"}))
def test_what_differs_in_anything_is_asked_anew(field: str) -> None:
    """Proofs and target are where an answer is looked for; everything else is compared."""
    asked = request(PASSKEY)
    memo, decision = Memo(), judge(read(graph()), asked)
    memo.remember(place_of(asked), Answer(asked.at, NEVER, decision, 1, asked))

    def recalled(subject: int, again: AccessRequest) -> Answer | None:
        return memo.recall(place_of(again), subject, again)

    same = recalled(1, replace(asked, at=asked.at + timedelta(minutes=1)))
    assert same is not None
    assert recalled(1, replace(asked, **{field: OTHERS[field]})) is None
    assert recalled(2, asked) is None
    assert recalled(1, replace(asked, at=asked.at - timedelta(minutes=1))) is None


@thorough
@given(control_sets(), requests, requests)
def test_reasons_that_are_read_later_are_those_of_then(
    policy_set: PolicySet, first: AccessRequest, second: AccessRequest
) -> None:
    remembering = compile_policies(policy_set)
    decision = ask(remembering, first)
    ask(remembering, replace(second, proofs=first.proofs, target=first.target)).reasons  # noqa: B018  told at once
    at_once = ask(compile_policies(policy_set), first)
    assert at_once.reasons == decision.reasons
    assert at_once == decision


def test_who_asks_again_is_remembered_through_a_flood() -> None:
    compiled = compile_policies(read(graph(grantControls=MFA)))
    kept = request(PASSWORD, PASSKEY)
    decision = ask(compiled, kept)
    for _ in range(3 * REMEMBERED // 1_000):
        for _ in range(1_000):
            ask(compiled, replace(kept, proofs=(replace(PASSWORD), replace(PASSKEY))))
        assert ask(compiled, kept) is decision


def variants(policy_set: PolicySet) -> list[PolicySet]:
    """The set, and others with the same policies among them: what is remembered of one is at hand for the next."""
    swapped = tuple(replace(each, id=other.id) for each, other in zip(STRENGTHS, reversed(STRENGTHS), strict=True))
    return [
        policy_set,
        replace(policy_set, strengths=swapped),
        replace(policy_set, strengths=()),
        replace(policy_set, locations=LOCATIONS if policy_set.locations == PLACES else PLACES),
        replace(policy_set, locations=()),
        replace(policy_set, policies=policy_set.policies[::-1]),
        replace(policy_set, policies=policy_set.policies[1:]),
    ]


@thorough
@given(policy_sets(), st.lists(requests, min_size=2, max_size=3), st.data())
def test_what_was_compiled_before_changes_nothing(
    policy_set: PolicySet, several: list[AccessRequest], data: st.DataObject
) -> None:
    """Sets that share policies, compiled one after the other and asked in turns, are each decided as itself."""
    sets = variants(policy_set)
    compiled = [compile_policies(each) for each in sets]
    for _ in range(8):
        number = data.draw(st.integers(0, len(sets) - 1))
        asked = data.draw(st.sampled_from(several))
        moved = replace(asked, at=asked.at + timedelta(minutes=data.draw(st.sampled_from([-30, 0, 29, 60, 1439]))))
        assert verdict_of(ask(compiled[number], moved)) == judge_slowly(sets[number], moved)
        # A set that is equal and no same object: what comes anew from the database.
        again = compile_policies(msgspec.json.decode(msgspec.json.encode(sets[number]), type=PolicySet))
        assert ask(again, moved) == ask(compiled[number], moved)


def test_a_set_that_is_replaced_is_let_go() -> None:
    """Answers are not looked at by the collector of cycles: none of them may lead back to the set that holds it."""
    compiled = compile_policies(read(graph(grantControls=MFA)))
    decision = ask(compiled, request(PASSWORD))
    held = weakref.ref(compiled)
    del compiled
    assert held() is None
    assert decision.reasons


def test_words_are_hashed_as_the_text_that_they_are() -> None:
    assert {Platform.IOS: 1}["iOS"] == 1  # type: ignore[index]  # equal, so found
    assert hash(replace(AppTarget(app_id=AppId("a")), app_id=AppId("b"))) == hash(AppTarget(app_id=AppId("b")))

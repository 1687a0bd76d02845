"""What the engine remembers changes no answer: not for another question at the same place, not after a flood."""

from datetime import timedelta
from ipaddress import ip_address

import pytest
from hypothesis import HealthCheck, given, settings
from msgspec.structs import replace

from assay.policy import Decision, PolicySet, compile_policies, decide
from assay.policy.compile import CompiledPolicySet
from assay.policy.device import Device
from assay.policy.enforcement import EVERYTHING
from assay.policy.freshness import NEVER
from assay.policy.memo import REMEMBERED, Answer, Memo
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
from tests.policy.cases import control_sets, requests

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
    memo.remember(Answer(asked.at, NEVER, decision, subject=1, request=asked), asked)
    same = memo.recall(1, replace(asked, at=asked.at + timedelta(minutes=1)))
    assert same is not None
    assert memo.recall(1, replace(asked, **{field: OTHERS[field]})) is None
    assert memo.recall(2, asked) is None
    assert memo.recall(1, replace(asked, at=asked.at - timedelta(minutes=1))) is None


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

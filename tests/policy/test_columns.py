"""Columns of requests: numbers for what differs, and one decision for each sort of request, no more and no fewer."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import Final

import numpy as np
import pytest
from msgspec.structs import replace

from assay.policy import (
    AccessRequest,
    AppTarget,
    ClientApp,
    Decision,
    Method,
    NamedLocation,
    Platform,
    PolicySet,
    UserAction,
    UserActionTarget,
    UserKind,
    compile_policies,
    decide,
)
from assay.policy.columns import EPOCH, ROOM, Columns, coded, combined, firsts, renumbered
from assay.policy.device import Device
from assay.policy.enforcement import EVERYTHING
from assay.policy.request import GuestType, InsiderRiskLevel, RiskLevel, Satisfied, TransferMethod
from assay.policy.simulate import Answers, simulate
from assay.values import AppId, GroupId, LocationId
from tests.policy.build import ALICE, BLOCK, MFA, PASSWORD, TOTP, graph, proof, read
from tests.policy.build import request as asking


def test_each_value_has_the_number_of_when_it_came_first() -> None:
    codes, distinct = coded(["b", "a", "b", "c"], 4)
    assert (codes.tolist(), distinct) == ([0, 1, 0, 2], ["b", "a", "c"])
    assert firsts((codes, 3)) == [0, 1, 3]
    assert firsts((np.array([1, 1, 0]), 2)) == [2, 0]
    assert coded([], 0)[1] == []


def test_columns_together_differ_where_any_of_them_does() -> None:
    one = (np.array([0, 0, 1, 1, 2]), 3)
    two = (np.array([0, 1, 0, 0, 1]), 2)
    same = (np.zeros(5, dtype=np.int64), 1)
    for columns in ([one, two], [one, same, two], [same, one, two]):
        codes, size = combined(columns)
        assert (codes.tolist(), size) == ([0, 1, 2, 2, 3], 4)
    assert combined([one])[0].tolist() == one[0].tolist()
    codes, size = renumbered(np.array([70, -3, 70]))
    assert (codes.tolist(), size) == ([1, 0, 1], 2)


def test_more_combinations_than_a_number_holds_are_counted_anew_between() -> None:
    """As far as 2^63: beyond it two columns that differ could come out as one."""
    half = 2**31
    for size in (half, ROOM):
        large = (np.array([0, size - 1, size - 1, 0]), size)
        codes, distinct = combined([large, (np.array([0, 0, half - 1, half - 1]), half), large])
        assert (len({*codes.tolist()}), distinct) == (4, 4)
    assert ROOM <= 2**62


MOMENT: Final = datetime(2026, 3, 2, 9, 0, 0, 250_001, tzinfo=UTC)


def test_signals_and_instants_as_numbers() -> None:
    v4, v6, nowhere = (asking(address=each) for each in ("198.51.100.7", "2001:db8::7", None))
    columns = Columns([v4, v6, nowhere], [2, 0, 0], [MOMENT, EPOCH, EPOCH - timedelta(microseconds=1)])
    assert columns.addresses.tolist() == [int(ip_address("198.51.100.7")), -1, -1]
    assert columns.at.tolist() == [(MOMENT - EPOCH) // timedelta(microseconds=1), 0, -1]
    assert len(columns) == 3
    assert [columns.request(row) for row in range(3)] == [
        replace(nowhere, at=MOMENT),
        replace(v4, at=EPOCH),
        replace(v4, at=EPOCH - timedelta(microseconds=1)),
    ]
    whole = Columns([v4, v6])
    assert (len(whole), whole.request(1), whole.rows.tolist()) == (2, v6, [0, 1])
    assert len(Columns([])) == 0


def test_proofs_look_alike_but_for_their_instants() -> None:
    several = ((), (PASSWORD,), (proof(Method.PASSWORD, 5),), (PASSWORD, TOTP), (TOTP, PASSWORD), (PASSWORD,))
    columns = Columns([asking(*proofs) for proofs in several])
    looks, distinct = columns.looks
    assert (looks.tolist(), distinct) == ([0, 1, 1, 2, 3, 1], 4)
    at = columns.proved_at[columns.proofs]
    now = (PASSWORD.at - EPOCH) // timedelta(microseconds=1)
    assert at.tolist() == [[0, 0], [now, 0], [now - 300_000_000, 0], [now, now], [now, now], [now, 0]]


LOCATION: Final = NamedLocation(
    id=LocationId("office"), display_name="Office", ranges=("192.0.2.0/24", "2001:db8::/32")
)
POLICIES: Final = (
    graph("group", conditions={"users": {"includeGroups": ["g"]}}, grantControls=BLOCK),
    graph("app", conditions={"applications": {"includeApplications": ["app-1"]}}, grantControls=BLOCK),
    graph("place", conditions={"locations": {"includeLocations": ["office"]}}, grantControls=BLOCK),
    graph("mobile", conditions={"platforms": {"includePlatforms": ["iOS"]}}, grantControls=BLOCK),
    graph("risk", conditions={"signInRiskLevels": ["high"]}, grantControls=BLOCK),
    graph("insider", conditions={"insiderRiskLevels": "elevated"}, grantControls=BLOCK),
    graph("code", conditions={"authenticationFlows": {"transferMethods": "deviceCodeFlow"}}, grantControls=BLOCK),
    graph(
        "frequent",
        grantControls={"operator": "OR", "builtInControls": ["mfa", "compliantDevice", "compliantApplication"]},
        sessionControls={
            "signInFrequency": {"isEnabled": True, "value": 1, "type": "hours", "frequencyInterval": "timeBased"}
        },
    ),
)
ORDINARY: Final = asking(PASSWORD, TOTP)
GROUP: Final = replace(ORDINARY.principal, groups=frozenset({GroupId("g")}))
GUEST: Final = replace(ORDINARY.principal, kind=UserKind.GUEST, guest_type=GuestType.B2B_DIRECT_CONNECT_USER)
LATER: Final = ORDINARY.at + timedelta(minutes=60)
# What may differ of a request; whether anything in the set, or any demand, looks at it.
DIFFERING: Final[dict[str, tuple[dict[str, object], bool]]] = {
    "in the group": ({"principal": GROUP}, True),
    "a guest": ({"principal": GUEST}, True),
    "another person": ({"principal": replace(ORDINARY.principal, id="b0b", roles=frozenset({"r"}))}, False),
    "not assigned": ({"assigned": False}, True),
    "the app": ({"target": AppTarget(app_id=AppId("app-1"))}, True),
    "another app": ({"target": AppTarget(app_id=AppId("app-2"))}, False),
    "registering": ({"target": UserActionTarget(action=UserAction.REGISTER_SECURITY_INFO)}, True),
    "an old client": ({"client_app": ClientApp.OTHER}, True),
    "the platform": ({"platform": Platform.IOS}, True),
    "another platform": ({"platform": Platform.MACOS}, False),
    "the office": ({"address": ip_address("192.0.2.9")}, True),
    "the office by IPv6": ({"address": ip_address("2001:db8::9")}, True),
    "elsewhere by IPv6": ({"address": ip_address("2001:db9::9")}, None),
    "elsewhere": ({"address": ip_address("198.51.100.8")}, False),
    "a proof more": ({"proofs": (PASSWORD, TOTP, proof(Method.FIDO2))}, True),
    "another proof": ({"proofs": (PASSWORD, proof(Method.SMS))}, True),
    "an older proof": ({"proofs": (proof(Method.PASSWORD, 30), TOTP)}, False),
    "a proof that is too old": ({"proofs": (proof(Method.PASSWORD, 60), TOTP)}, True),
    "a moment later": ({"at": ORDINARY.at + timedelta(minutes=59)}, False),
    "an hour later": ({"at": LATER}, True),
    "the country": ({"country": "NO"}, False),
    "risk": ({"sign_in_risk": RiskLevel.HIGH}, True),
    "another risk": ({"user_risk": RiskLevel.HIGH}, False),
    "an insider": ({"insider_risk": InsiderRiskLevel.ELEVATED}, True),
    "by code": ({"flows": frozenset({TransferMethod.DEVICE_CODE_FLOW})}, True),
    "an agent's context": ({"agent_context": "desk"}, False),
    "a compliant device": ({"device": Device(device_id="d", is_compliant=True)}, True),
    "a device": ({"device": Device(device_id="d", is_managed=True)}, False),
    "a protected app": ({"satisfied": Satisfied(compliant_application=True)}, True),
    "enforced elsewhere": ({"enforced_by": EVERYTHING}, True),
}


def said(decision: Decision) -> object:
    return replace(decision.whole, valid_until=None)


def answered(policy_set: PolicySet, *asked: AccessRequest) -> Answers:
    """Each as the engine answers it alone."""
    compiled = compile_policies(policy_set)
    answers = simulate(compiled, Columns(asked))
    for row, request in enumerate(asked):
        assert said(answers.of(row)) == said(decide(compiled, compiled.subject(request.principal), request))
    return answers


@pytest.mark.parametrize("case", DIFFERING)
def test_two_requests_are_of_one_sort_where_nothing_tells_them_apart(case: str) -> None:
    changed, differs = DIFFERING[case]
    other = replace(ORDINARY, **changed)
    answers = answered(read(*POLICIES, locations=(LOCATION,)), ORDINARY, other, ORDINARY, other)
    assert answers.sorts.tolist()[:2] == answers.sorts.tolist()[2:]
    if differs is not None:
        assert len(answers.decisions) == (2 if differs else 1)
    assert answers.one_by_one == 0


def test_who_is_judged_by_other_policies_is_decided_alone() -> None:
    emergency = replace(ORDINARY, principal=replace(ORDINARY.principal, break_glass=True))
    answers = answered(read(*POLICIES, locations=(LOCATION,)), ORDINARY, emergency, ORDINARY, emergency)
    assert (answers.one_by_one, len(answers.decisions)) == (2, 3)


@pytest.mark.parametrize("count", [0, 1, 63, 64, 65, 129])
def test_a_policy_counts_wherever_it_stands(count: int) -> None:
    """The bits of policies stand in words of 64: the last of each is a bit as well."""
    first = [graph(f"first {number}", state="disabled") for number in range(count)]
    groups = [
        graph(f"group {name}", conditions={"users": {"includeGroups": [name]}}, grantControls=found)
        for name, found in (("g", BLOCK), ("h", MFA))
    ]
    people = [replace(ORDINARY.principal, groups=frozenset(map(GroupId, each))) for each in ((), "g", "h", "gh")]
    asked = [replace(ORDINARY, principal=found) for found in people]
    assert len(answered(read(*first, *groups), *asked, *asked).decisions) == 4
    assert people[0].id == ALICE


def test_without_policies_everybody_is_answered_alike() -> None:
    answers = answered(PolicySet(), ORDINARY, replace(ORDINARY, platform=Platform.IOS))
    assert len(answers.decisions) == 1
    assert simulate(compile_policies(PolicySet()), Columns([])).decisions == []

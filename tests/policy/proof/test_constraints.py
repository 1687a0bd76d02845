"""What no sign-in can be: each impossible one is left out, and the possible one beside it is not."""

from typing import Final

import pytest

from assay.policy import compile_policies
from assay.policy.app_groups import APP_GROUPS, groups_of_app
from assay.policy.proof.constraints import implies
from assay.policy.proof.ground import Ground
from assay.policy.symbolic import FALSE, TRUE, Is, Thing, Vocabulary, true_of
from tests.policy.build import graph, read
from tests.policy.proof.test_documents import PEOPLE, PROGRAMS

OFFICE: Final = "Office365"
EXCHANGE: Final = "00000002-0000-0ff1-ce00-000000000000"  # one of its apps (D APPS)
ONE: Final = graph(
    "one",
    conditions={
        "applications": {
            "includeApplications": ["wiki", EXCHANGE],
            "includeAuthenticationContextClassReferences": [],
        }
    },
)


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return Ground(compile_policies(read(PEOPLE, PROGRAMS, ONE))).vocabulary


PROGRAM: Final[dict[str, Thing]] = {"sort": "workloadIdentity"}
REGISTERED: Final[dict[str, Thing]] = {"device.registered": True}
ROWS: Final[tuple[tuple[dict[str, Thing], bool], ...]] = (
    ({}, True),
    # A workload identity has none of what people have.
    (PROGRAM, True),
    ({"sort": "agentIdentity"}, True),
    (PROGRAM | {"group g1": True}, False),
    (PROGRAM | {"role r1": True}, False),
    (PROGRAM | {"agentAccount": True}, False),
    (PROGRAM | {"tenant": "another-tenant"}, False),
    ({"sort": "agentIdentity", "group g1": True}, False),
    ({"group g1": True, "role r1": True, "agentAccount": True}, True),
    # Whoever is known to come from elsewhere is of an external type.
    ({"tenant": "another-tenant"}, False),
    ({"sort": "guest", "tenant": "another-tenant"}, False),
    ({"sort": "guest"}, True),
    ({"sort": "b2bCollaborationGuest", "tenant": "another-tenant"}, True),
    # Groups of apps are of apps, and hold what they hold.
    ({f"appGroup {OFFICE}": True}, True),
    ({"target": f"app {EXCHANGE}", f"appGroup {OFFICE}": True}, True),
    ({"target": f"app {EXCHANGE}"}, False),
    ({"target": "context", "context": "c99", f"appGroup {OFFICE}": True}, False),
    ({"target": "action urn:user:registerdevice", f"appGroup {OFFICE}": True}, False),
    # A context alone is one, and an action has none.
    ({"context": "c99"}, True),
    ({"target": "context", "context": "c99"}, True),
    ({"target": "context"}, False),
    ({"target": "action urn:user:registerdevice"}, True),
    ({"target": "action urn:user:registerdevice", "context": "c99"}, False),
    # Attributes are of apps and of programs; what holds several texts holds one at least.
    ({"appAttribute Set_Level": "HI"}, True),
    ({"appAttribute Set_Level": True}, False),
    ({"appAttribute Set_Level": True, "appAttribute Set_Level HI": True}, True),
    ({"appAttribute Set_Level": True, "appAttribute Set_Level HI": True, "appAttribute Set_Level X": True}, True),
    ({"appAttribute Set_Level HI": True}, False),
    ({"appAttribute Set_Level": "HI", "appAttribute Set_Level HI": True}, False),
    ({"target": "action urn:user:registerdevice", "appAttribute Set_Level": "HI"}, False),
    ({"target": "context", "context": "c99", "appAttribute Set_Level": "HI"}, False),
    ({"principalAttribute Set_Level": "HI"}, False),
    (PROGRAM | {"principalAttribute Set_Level": "HI"}, True),
    ({"sort": "agentIdentity", "principalAttribute Set_Level": "HI"}, True),
    (PROGRAM | {"appAttribute Set_Level": "HI"}, True),
    # A country is looked up where there is an address.
    ({"country": None}, False),
    ({"address": None, "country": None}, True),
    ({"address": None}, False),
    ({"address": None, "country": "CH"}, True),
    ({"country": "CH"}, True),
    # Of a device that is not registered nothing is known.
    (REGISTERED, True),
    (REGISTERED | {"device.isManaged": True, "device.isCompliant": False, "device.model": "X1"}, True),
    ({"device.isManaged": True}, False),
    ({"device.isCompliant": False}, False),
    ({"device.trustType": "ServerAD"}, False),
    ({"device.model": "X1"}, False),
    ({"device.physicalIds ZONE": True}, False),
)


@pytest.mark.parametrize(("changed", "possible"), ROWS, ids=str)
def test_what_can_be(changed: dict[str, Thing], possible: bool, vocabulary: Vocabulary) -> None:
    ordinary = {name: dimension.values[0] for name, dimension in vocabulary.dimensions.items()}
    assert {*changed} <= {*ordinary}
    assert all(true_of(term, ordinary | changed) for term in vocabulary.constraints) == possible


def test_every_app_of_a_group_is_in_it(vocabulary: Vocabulary) -> None:
    apps = [str(each).removeprefix("app ") for each in vocabulary.values("target") if str(each).startswith("app ")]
    assert EXCHANGE in apps
    ordinary = {name: dimension.values[0] for name, dimension in vocabulary.dimensions.items()}
    for app in apps:
        found = ordinary | {"target": f"app {app}"}
        for group in APP_GROUPS:
            for holds in (True, False):
                said = found | {f"appGroup {each}": each in groups_of_app(app) for each in APP_GROUPS}
                said[f"appGroup {group}"] = holds
                possible = all(true_of(term, said) for term in vocabulary.constraints)
                assert possible == (holds or group not in groups_of_app(app)), (app, group)


def test_implies() -> None:
    one, two = Is("a", True), Is("b", True)
    for a in (True, False):
        for b in (True, False):
            assert true_of(implies(one, two), {"a": a, "b": b}) == (b or not a)
    assert (implies(FALSE, one), implies(one, TRUE)) == (TRUE, TRUE)

"""All that policies name, and what a question names, is told apart; words that mean several are no names."""

from typing import Final

import pytest

from assay.policy import compile_policies
from assay.policy.proof.shown import Evidences, evidences_of
from assay.policy.proof.vocabulary import vocabulary_of
from assay.policy.request import ClientApp, InsiderRiskLevel, Platform, RiskLevel
from assay.policy.symbolic import SORTS, Thing, Vocabulary
from assay.policy.targets import NAMED_TARGETS
from tests.policy.build import graph, read

AZURE: Final = "797f4846-ba00-4fd7-ba43-dac1f8f63013"  # stands for others (D APPS)
ATTRIBUTE: Final = "CustomSecurityAttribute."
PEOPLE: Final = {
    "includeUsers": ["All"],
    "excludeUsers": ["u1", "GuestsOrExternalUsers"],
    "includeGroups": ["g2"],
    "excludeGroups": ["g1"],
    "includeRoles": ["r1"],
    "excludeRoles": ["r2"],
    "includeGuestsOrExternalUsers": {
        "guestOrExternalUserTypes": "b2bCollaborationGuest",
        "externalTenants": {"membershipKind": "enumerated", "members": ["t1"]},
    },
    "excludeGuestsOrExternalUsers": {
        "guestOrExternalUserTypes": "internalGuest",
        "externalTenants": {"membershipKind": "enumerated", "members": ["t2"]},
    },
}
POLICIES: Final = (
    graph("people", conditions={"users": PEOPLE, "agents": {"includeAgentUsers": ["u2"], "excludeAgentUsers": ["u3"]}}),
    graph(
        "programs",
        conditions={
            "users": {"includeUsers": ["None"]},
            "clientApplications": {
                "includeServicePrincipals": ["p1", "ServicePrincipalsInMyTenant"],
                "excludeServicePrincipals": ["p2"],
                "servicePrincipalFilter": {"mode": "include", "rule": f'{ATTRIBUTE}Set_Who -eq "A"'},
            },
        },
    ),
    graph(
        "agents",
        conditions={
            "users": {"includeUsers": ["None"]},
            "clientApplications": {
                "includeAgentIdServicePrincipals": ["p3"],
                "excludeAgentIdServicePrincipals": ["p4"],
                "agentIdServicePrincipalFilter": {"mode": "include", "rule": f'{ATTRIBUTE}Set_Who -eq "B"'},
            },
        },
    ),
    graph(
        "apps",
        conditions={
            "applications": {
                "includeApplications": ["a1", AZURE],
                "excludeApplications": ["a2", "Office365"],
                "applicationFilter": {"mode": "exclude", "rule": f'{ATTRIBUTE}Set_What -startsWith "C"'},
            },
        },
    ),
    graph("context", conditions={"applications": {"includeAuthenticationContextClassReferences": ["c99", "c1"]}}),
    graph("agent", conditions={"agentContext": {"includeAgentContexts": ["desk"]}}),
    graph(
        "devices",
        conditions={
            "devices": {
                "deviceFilter": {
                    "mode": "include",
                    "rule": 'device.model -notIn ["M1", "M2"] -and -not (device.physicalIds -contains "Z" -or '
                    'device.isCompliant -eq True) -and device.trustType -ne "ServerAD" -and device.mdmAppId -ne null',
                }
            }
        },
    ),
)


def seen_by(*policies: dict[str, object], **named: list[str]) -> Vocabulary:
    compiled = compile_policies(read(*policies))
    evidences = evidences_of(compiled.policies)
    assert isinstance(evidences, Evidences)
    return vocabulary_of([compiled], evidences, **named)


@pytest.fixture(scope="module")
def whole() -> Vocabulary:
    return seen_by(*POLICIES, users=["u9"], groups=["g9"], roles=["r9"], apps=["a9"])


VALUES: Final[dict[str, tuple[Thing, ...]]] = {
    "sort": tuple(SORTS),
    "principal": ("somebody", "p1", "p2", "p3", "p4", "u1", "u2", "u3", "u9"),
    "tenant": (None, "another-tenant", "t1", "t2"),
    "agentAccount": (False, True),
    **dict.fromkeys(("group g1", "group g2", "group g9", "role r1", "role r2", "role r9"), (False, True)),
    **{f"appGroup {name}": (False, True) for name in ("Office365", "MicrosoftAdminPortals", "AllAgentIdResources")},
    "context": (None, "c98", "c1", "c99"),
    "principalAttribute Set_Who": (None, "X", "A", "B", True),
    **{f"principalAttribute Set_Who {text}": (False, True) for text in "XAB"},
    "appAttribute Set_What": (None, "X", "C", True),
    **{f"appAttribute Set_What {text}": (False, True) for text in "XC"},
    "client": ("browser", *(each for each in ClientApp if each != "browser"), None),
    "platform": ("windows", *(each for each in Platform if each != "windows"), None),
    **{f"risk {name}": tuple(RiskLevel) for name in ("signInRisk", "userRisk", "servicePrincipalRisk", "agentIdRisk")},
    "risk insiderRisk": tuple(InsiderRiskLevel),
    "flow deviceCodeFlow": (False, True),
    "flow authenticationTransfer": (False, True),
    "agentContext": (None, "another", "desk"),
    "device.registered": (False, True),
    "device.isManaged": (False, True),
    "device.isCompliant": (None, True, False),
    "device.trustType": (None, "AzureAD", "ServerAD", "Workplace"),
    "device.model": (None, "X", "M1", "M2"),
    "device.mdmAppId": (None, "X"),
    "device.physicalIds X": (False, True),
    "device.physicalIds Z": (False, True),
}


@pytest.mark.parametrize("name", VALUES)
def test_what_a_dimension_can_be(name: str, whole: Vocabulary) -> None:
    found = whole.values(name)
    if name == "device.trustType":
        assert (found[0], {*found}) == (None, {*VALUES[name]})
    else:
        assert found == VALUES[name]


def test_there_are_no_other_dimensions(whole: Vocabulary) -> None:
    places = {"address", "country", "gpsCountry", "compliantNetwork"}
    others = {name for name in whole.dimensions if not name.startswith(("proof ", "shown "))}
    assert others - places == {*VALUES, "target"}
    assert whole.elements == {
        "physicalIds": ("X", "Z"),
        "principalAttribute Set_Who": ("X", "A", "B"),
        "appAttribute Set_What": ("X", "C"),
    }


def test_what_can_be_asked_for(whole: Vocabulary) -> None:
    first, *apps, contextless = whole.values("target")
    assert (first, contextless) == ("app another-app", "context")
    named = {f"app {each}" for each in ("a1", "a2", "a9", AZURE, *NAMED_TARGETS)}
    assert named < {*apps}
    actions = {"action urn:user:registersecurityinfo", "action urn:user:registerdevice"}
    assert actions < {*apps}
    # Whatever Azure's management stands for is told apart as well.
    assert all(str(each).startswith("app ") for each in {*apps} - named - actions)
    assert {*apps} - named - actions


def test_a_context_that_no_policy_names_is_there_while_there_is_one() -> None:
    every = [f"c{number}" for number in range(1, 100)]
    named = {"applications": {"includeAuthenticationContextClassReferences": every}}
    assert seen_by(graph("all", conditions=named)).values("context") == (None, *sorted(every))
    assert seen_by(graph()).values("context") == (None, "c99")
    named["applications"]["includeAuthenticationContextClassReferences"] = every[1:]
    assert seen_by(graph("most", conditions=named)).values("context")[:2] == (None, "c1")

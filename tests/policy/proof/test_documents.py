"""A counterexample as a document: each dimension is written where docs/decide.md has it, and nothing else is."""

from typing import Final

import pytest

from assay.policy import compile_policies
from assay.policy.enforcement import EVERYTHING
from assay.policy.graph_json import JsonObject
from assay.policy.offline.sign_in_document import read_sign_in
from assay.policy.proof.ground import Ground
from assay.policy.proof.sign_ins import decided, document
from assay.policy.symbolic import Thing
from tests.policy.build import graph, read

FILTER: Final = {"mode": "include", "rule": 'CustomSecurityAttribute.Set_Level -contains "HI"'}
DEVICE: Final = 'device.model -eq "X1" -or device.physicalIds -contains "ZONE" -or device.deviceOwnership -eq "COMPANY"'
PEOPLE: Final = graph(
    "people",
    grantControls={"operator": "OR", "termsOfUse": ["t1", "t2"], "customAuthenticationFactors": ["f1"]},
    conditions={
        "users": {"includeUsers": ["u1"], "excludeGroups": ["g1", "g2"], "excludeRoles": ["r1"]},
        "applications": {"includeApplications": ["All"], "applicationFilter": FILTER},
        "devices": {"deviceFilter": {"mode": "include", "rule": DEVICE}},
        "agentContext": {"includeAgentContexts": ["desk"]},
    },
)
PROGRAMS: Final = graph(
    "programs",
    conditions={
        "users": {"includeUsers": ["None"]},
        "clientApplications": {
            "includeServicePrincipals": ["ServicePrincipalsInMyTenant"],
            "servicePrincipalFilter": FILTER,
        },
    },
)


@pytest.fixture(scope="module")
def ground() -> Ground:
    return Ground(compile_policies(read(PEOPLE, PROGRAMS)))


ORDINARY: Final[JsonObject] = {
    "signInIdentity": {"userId": "somebody"},
    "signInContext": {"includeApplications": ["another-app"]},
    "signInConditions": {"clientAppType": "browser", "devicePlatform": "windows", "ipAddress": "198.51.100.7"},
    "satisfied": {"authenticationMethods": []},
    "directory": {"users": [{"id": "somebody", "userType": "member"}]},
}
REGISTERED: Final = {"device.registered": True}
PROGRAM: Final = {"sort": "workloadIdentity", "principal": "u1"}
CONTEXT: Final = {"includeApplications": ["another-app"]}
GUEST: Final = {"id": "somebody", "userType": "guest"}
NO_METHODS: Final[JsonObject] = {"authenticationMethods": []}


def somebody(**more: object) -> dict[str, object]:
    return {"users": [{"id": "somebody", "userType": "member"} | more]}


def app(**more: object) -> dict[str, object]:
    return somebody() | {"applications": [{"appId": "another-app", "appGroups": []} | more]}


def attributes(level: object) -> dict[str, object]:
    return {"customSecurityAttributes": {"Set": {"Level": level}}}


# What differs from the ordinary sign-in; the part of the document, and what it is there.
ROWS: Final[tuple[tuple[dict[str, Thing], str, object], ...]] = (
    ({"sort": "guest"}, "directory", {"users": [GUEST]}),
    ({"sort": "internalGuest"}, "directory", {"users": [GUEST | {"externalUserType": "internalGuest"}]}),
    (
        {"sort": "b2bCollaborationMember", "tenant": "another-tenant"},
        "directory",
        {"users": [GUEST | {"externalUserType": "b2bCollaborationMember", "homeTenantId": "another-tenant"}]},
    ),
    ({"agentAccount": True}, "directory", somebody(isAgent=True)),
    ({"group g2": True, "group g1": False}, "directory", somebody(memberOf=["g2"])),
    (
        {"role r1": True},
        "directory",
        somebody() | {"roleAssignments": [{"principalId": "somebody", "roleDefinitionId": "r1"}]},
    ),
    (PROGRAM, "signInIdentity", {"servicePrincipalId": "u1"}),
    (PROGRAM, "directory", {"servicePrincipals": [{"id": "u1", "isAgent": False}]}),
    (PROGRAM | {"sort": "agentIdentity"}, "signInIdentity", {"servicePrincipalId": "u1"}),
    (PROGRAM | {"sort": "agentIdentity"}, "directory", {"servicePrincipals": [{"id": "u1", "isAgent": True}]}),
    (
        PROGRAM | {"principalAttribute Set_Level": "HI"},
        "directory",
        {"servicePrincipals": [{"id": "u1", "isAgent": False} | attributes("HI")]},
    ),
    ({"appAttribute Set_Level": "X"}, "directory", app(**attributes("X"))),
    (
        {"appAttribute Set_Level": True, "appAttribute Set_Level HI": True},
        "directory",
        app(**attributes(["HI"])),
    ),
    ({"appGroup Office365": True}, "directory", app(appGroups=["Office365"])),
    ({"target": "app wiki"}, "signInContext", {"includeApplications": ["wiki"]}),
    ({"context": "c99"}, "signInContext", CONTEXT | {"authenticationContextValue": "c99"}),
    ({"target": "context", "context": "c99"}, "signInContext", {"authenticationContextValue": "c99"}),
    ({"target": "action urn:user:registerdevice"}, "signInContext", {"userAction": "urn:user:registerdevice"}),
    *(
        (changed, "signInConditions", {**ORDINARY["signInConditions"], **written})  # type: ignore[dict-item]  # an object
        for changed, written in (
            ({"client": None}, {"clientAppType": "all"}),
            ({"platform": None}, {"devicePlatform": "all"}),
            ({"platform": "iOS"}, {"devicePlatform": "iOS"}),
            ({"country": "NO", "gpsCountry": "SE"}, {"country": "NO", "gpsCountry": "SE"}),
            ({"compliantNetwork": True}, {"compliantNetwork": True}),
            ({"agentContext": "desk"}, {"agentContext": "desk"}),
            ({"risk signInRisk": "high"}, {"signInRiskLevel": "high"}),
            ({"risk userRisk": "low"}, {"userRiskLevel": "low"}),
            ({"risk servicePrincipalRisk": "low"}, {"servicePrincipalRiskLevel": "low"}),
            ({"risk agentIdRisk": "medium"}, {"agentIdRiskLevel": "medium"}),
            ({"risk insiderRisk": "minor"}, {"insiderRiskLevel": "minor"}),
            (
                {"flow deviceCodeFlow": True, "flow authenticationTransfer": True},
                {"authenticationFlow": {"transferMethod": "deviceCodeFlow,authenticationTransfer"}},
            ),
            ({"device.isManaged": True}, {}),  # of a device that is not registered nothing is said
            (REGISTERED, {"deviceInfo": {"isManaged": False, "isCompliant": None}}),
            (
                REGISTERED | {"device.isManaged": True, "device.isCompliant": True, "device.trustType": "ServerAD"},
                {"deviceInfo": {"isManaged": True, "isCompliant": True, "trustType": "ServerAD"}},
            ),
            (
                REGISTERED | {"device.isCompliant": False, "device.model": "X1", "device.physicalIds ZONE": True},
                {"deviceInfo": {"isManaged": False, "isCompliant": False, "model": "X1", "physicalIds": ["ZONE"]}},
            ),
            (
                REGISTERED | {"device.deviceOwnership": "COMPANY"},
                {"deviceInfo": {"isManaged": False, "isCompliant": None, "ownership": "COMPANY"}},
            ),
        )
    ),
    ({"proof password": 0}, "satisfied", {"authenticationMethods": ["password"]}),
    (
        {"proof password": 0, "proof fido2": 60},
        "satisfied",
        {"authenticationMethods": ["password", {"method": "fido2", "minutesAgo": 60}]},
    ),
    *(
        ({f"shown {control}": True}, "satisfied", NO_METHODS | {control: True})
        for control in ("approvedApplication", "compliantApplication", "passwordChange", "riskRemediation")
    ),
    ({"shown tokenProtection": False}, "satisfied", NO_METHODS | {"tokenProtection": False}),
    ({"shown termsOfUse t2": True}, "satisfied", NO_METHODS | {"termsOfUse": ["t2"]}),
    (
        {"shown customAuthenticationFactor f1": True},
        "satisfied",
        NO_METHODS | {"customAuthenticationFactors": ["f1"]},
    ),
)


@pytest.mark.parametrize(("changed", "part", "written"), ROWS)
def test_each_dimension_is_written_in_its_place(
    changed: dict[str, Thing], part: str, written: object, ground: Ground
) -> None:
    found = {name: dimension.values[0] for name, dimension in ground.vocabulary.dimensions.items()} | changed
    said = document(found, ground.evidences)
    assert said[part] == written
    if "sort" not in changed:
        assert {key: value for key, value in said.items() if key != part} == {
            key: value for key, value in ORDINARY.items() if key != part
        }
    read_sign_in(said, enforced_by=EVERYTHING)


def test_the_ordinary_sign_in(ground: Ground) -> None:
    found = {name: dimension.values[0] for name, dimension in ground.vocabulary.dimensions.items()}
    assert document(found, ground.evidences) == ORDINARY


def test_what_cannot_be_read_is_decided_by_nobody(ground: Ground) -> None:
    assert decided(ground.meaning.compiled, {"signInIdentity": 1}, EVERYTHING) is None

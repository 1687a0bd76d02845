"""What Graph stores no policy with, and what our gateway can never meet: every rule at each of its edges.

Sources: reference/entra-conditional-access.md §2 (D GC, GRANT, WL), §6 for what is asked elsewhere than here.
"""

import pytest
from msgspec.structs import asdict

from assay.policy.definition import NamedLocation, PolicySet
from assay.policy.location_table import LocationTable
from assay.policy.session_controls import LimitControls, SessionControls
from assay.policy.strengths import BUILT_IN
from assay.policy.unenforced import unenforced_paths
from assay.policy.validity import contradiction
from assay.values import LocationId
from tests.policy.build import graph, one, read

STRENGTH = {"id": "00000000-0000-0000-0000-000000000004"}
ALL, SOME = {"includeApplications": ["All"]}, {"includeApplications": ["app-0"]}
PERSISTENT = {"persistentBrowser": {"isEnabled": True, "mode": "always"}}
PROGRAMS = {"users": {"includeUsers": ["None"]}, "clientApplications": {"includeServicePrincipals": ["robot"]}}
RISK = {"userRiskLevels": ["high"]}


def asks(*controls: str, operator: str = "AND", **more: object) -> dict[str, object]:
    return {"operator": operator, "builtInControls": [*controls], **more}


def changed(grant: object, **conditions: object) -> dict[str, object]:
    """A policy that demands a new password."""
    return graph(grantControls=grant, conditions=RISK | conditions)


NEW = asks("mfa", "passwordChange")


@pytest.mark.parametrize(
    ("policy", "code"),
    [
        (graph(), None),
        (graph(grantControls=asks("mfa")), None),
        (graph(grantControls=asks(authenticationStrength=STRENGTH)), None),
        (graph(grantControls=asks("mfa", authenticationStrength=STRENGTH)), "mfaAndStrength"),
        (graph(grantControls=asks("block")), None),
        (graph(grantControls=asks("block", "compliantDevice")), "blockAndMore"),
        (graph(grantControls=asks("block", termsOfUse=["terms"])), "blockAndMore"),
        (graph(grantControls=asks("block", customAuthenticationFactors=["token"])), "blockAndMore"),
        (graph(grantControls=asks("block", authenticationStrength=STRENGTH)), "blockAndMore"),
        (graph(grantControls=asks("mfa", "compliantDevice", termsOfUse=["terms"])), None),
        (changed(NEW), None),
        (changed(asks("passwordChange", authenticationStrength=STRENGTH)), None),
        (changed(asks("passwordChange")), "passwordChangeLoose"),
        (changed(asks("passwordChange", "compliantDevice")), "passwordChangeLoose"),
        (changed(asks("mfa", "passwordChange", "compliantDevice")), "passwordChangeLoose"),
        (changed(asks("mfa", "passwordChange", operator="OR")), "passwordChangeLoose"),
        (changed(NEW, applications=SOME), "passwordChangeLoose"),
        (changed(NEW, applications=ALL | {"excludeApplications": ["app-0"]}), "passwordChangeLoose"),
        (changed(NEW, userRiskLevels=[]), "passwordChangeLoose"),
        (changed(NEW, signInRiskLevels=["high"]), "passwordChangeLoose"),
        (graph(conditions=PROGRAMS), None),
        (graph(conditions=PROGRAMS, grantControls=asks("block")), None),
        (graph(conditions=PROGRAMS, grantControls=asks("compliantDevice")), "programAsked"),
        (graph(conditions={"applications": {"includeUserActions": ["urn:user:registerdevice"]}}), None),
        (graph(conditions={"applications": {"includeAuthenticationContextClassReferences": ["c1"]}}), None),
        (
            graph(conditions={"applications": SOME | {"includeUserActions": ["urn:user:registerdevice"]}}),
            "severalTargets",
        ),
        (
            graph(conditions={"applications": SOME | {"includeAuthenticationContextClassReferences": ["c1"]}}),
            "severalTargets",
        ),
        # As often as once in a year is the most that is read; one day more is malformed (test_import).
        (graph(sessionControls={"signInFrequency": {"isEnabled": True, "value": 366, "type": "days"}}), None),
        (graph(sessionControls={"signInFrequency": {"isEnabled": True, "value": 8784, "type": "hours"}}), None),
        (graph(sessionControls=PERSISTENT), None),
        (graph(sessionControls=PERSISTENT, conditions={"applications": SOME}), "persistentBrowserSomewhere"),
        (graph(sessionControls={"disableResilienceDefaults": True}, conditions={"applications": SOME}), None),
    ],
)
def test_what_contradicts_itself_is_stored_by_nobody(policy: object, code: str | None) -> None:
    found = contradiction(one(policy))
    assert (None if found is None else found.code) == code


ABROAD = NamedLocation(id=LocationId("abroad"), display_name="Abroad", countries=("NO",))
OFFICE = NamedLocation(id=LocationId("office"), display_name="Office", ranges=("192.0.2.0/24",))
FILTER = {"mode": "include", "rule": 'CustomSecurityAttribute.Plant_Zone -eq "red"'}
CARDS = {
    "id": "cards",
    "displayName": "Cards",
    "policyType": "custom",
    "allowedCombinations": ["x509CertificateMultiFactor"],
}
EITHER = CARDS | {"id": "either", "allowedCombinations": ["x509CertificateMultiFactor", "fido2"]}


def demands(*strengths: object, **parts: object) -> tuple[str, ...]:
    found: PolicySet = read(graph(**parts), *strengths, locations=(ABROAD, OFFICE))
    known = BUILT_IN | {strength.id: strength for strength in found.strengths}
    return unenforced_paths(found.policies[0], LocationTable(found.locations).sourceless, known)


@pytest.mark.parametrize(
    ("parts", "paths"),
    [
        ({}, ()),
        ({"grantControls": asks("mfa")}, ()),
        ({"grantControls": asks("block")}, ()),
        ({"grantControls": asks(authenticationStrength=STRENGTH)}, ()),
        ({"grantControls": asks(authenticationStrength={"id": "either"})}, ()),
        (
            {"grantControls": asks(authenticationStrength={"id": "cards"})},
            ("grantControls.authenticationStrength.cards",),
        ),
        (
            {"grantControls": asks("mfa", "compliantDevice", termsOfUse=["t"], customAuthenticationFactors=["f"])},
            (
                "grantControls.builtInControls.compliantDevice",
                "grantControls.termsOfUse.t",
                "grantControls.customAuthenticationFactors.f",
            ),
        ),
        (
            {"conditions": {"locations": {"includeLocations": ["All"], "excludeLocations": ["abroad", "office"]}}},
            ("conditions.locations.excludeLocations.abroad",),
        ),
        (
            {"conditions": {"locations": {"includeLocations": ["abroad", "office"]}}},
            ("conditions.locations.includeLocations.abroad",),
        ),
        (
            {"conditions": {"applications": {"applicationFilter": FILTER}}},
            ("conditions.applications.applicationFilter",),
        ),
        ({"conditions": PROGRAMS}, ()),
        (
            {"conditions": PROGRAMS | {"clientApplications": {"servicePrincipalFilter": FILTER}}},
            ("conditions.clientApplications.servicePrincipalFilter",),
        ),
        (
            {"conditions": PROGRAMS | {"clientApplications": {"agentIdServicePrincipalFilter": FILTER}}},
            ("conditions.clientApplications.agentIdServicePrincipalFilter",),
        ),
        ({"sessionControls": PERSISTENT}, ()),
        (
            {"sessionControls": {"applicationEnforcedRestrictions": {"isEnabled": True}} | PERSISTENT},
            ("sessionControls.applicationEnforcedRestrictions",),
        ),
    ],
)
def test_what_can_never_be_met_here_is_named(parts: dict[str, object], paths: tuple[str, ...]) -> None:
    assert demands(CARDS, EITHER, **parts) == paths


def test_no_session_control_is_on_unless_it_is_said() -> None:
    assert not any((*asdict(SessionControls()).values(), *asdict(LimitControls()).values()))

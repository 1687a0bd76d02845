"""How each condition says what it saw: the value, the rules that matched, and whether anything was said of it.

Source: Graph's `appliedConditionalAccessPolicy` (includeRulesSatisfied, excludeRulesSatisfied), and What If, which
passes over a condition of which the question says nothing: reference/entra-conditional-access.md §6.
"""

import pytest
from msgspec.structs import replace

from assay.policy import AppTarget
from assay.policy.conditions import CONDITIONS, SUBJECT_KINDS, subject
from assay.policy.device import Device
from assay.policy.location_table import LocationTable
from assay.policy.request import (
    AccessRequest,
    AuthenticationContextTarget,
    ClientApp,
    GuestType,
    InsiderRiskLevel,
    Platform,
    RiskLevel,
    TransferMethod,
    UserAction,
    UserActionTarget,
    UserKind,
)
from assay.values import AppId
from tests.policy.build import WIKI, graph, read, request
from tests.policy.cases import PLACES

ASKED = request()
ZONE = 'CustomSecurityAttribute.Plant_Zone -eq "red"'
RED = AppTarget(app_id=WIKI, attributes=(("Plant_Zone", "red"),))
SAW = "device.isCompliant -eq True"
COMPLIANT, NAMED = Device(is_compliant=True, device_id="d", display_name="D"), Device(display_name="D")
FLOWS = frozenset({TransferMethod.DEVICE_CODE_FLOW, TransferMethod.AUTHENTICATION_TRANSFER})


def on(**parts: object) -> AccessRequest:
    return replace(ASKED, **parts)


def apps(**parts: object) -> dict[str, object]:
    return {"applications": parts}


def filtered(mode: str) -> dict[str, object]:
    return {"devices": {"deviceFilter": {"mode": mode, "rule": SAW}}}


def places(include: list[str], exclude: list[str]) -> dict[str, object]:
    return {"locations": {"includeLocations": include, "excludeLocations": exclude}}


PLATFORMS = {"platforms": {"includePlatforms": ["all"], "excludePlatforms": ["linux"]}}
LISTED = {"platforms": {"includePlatforms": ["linux", "iOS"]}}
OFFICE365 = AppTarget(app_id=AppId("00000002-0000-0ff1-ce00-000000000000"))
REGISTERING = UserActionTarget(action=UserAction.REGISTER_SECURITY_INFO)
HERE, NOWHERE = request(address="192.0.2.1"), request(address=None)


@pytest.mark.parametrize(
    ("name", "conditions", "asked", "value", "include", "exclude", "supplied"),
    [
        ("application", {}, ASKED, WIKI, "allApps All", "", True),
        ("application", apps(includeApplications=[WIKI]), ASKED, WIKI, f"appId {WIKI}", "", True),
        (
            "application",
            apps(includeApplications=["All"], excludeApplications=[WIKI]),
            ASKED,
            WIKI,
            "allApps All",
            f"appId {WIKI}",
            True,
        ),
        (
            "application",
            apps(includeApplications=["All", "Office365"]),
            on(target=OFFICE365),
            OFFICE365.app_id,
            "allApps All, office365 Office365",
            "",
            True,
        ),
        (
            "application",
            apps(includeApplications=[WIKI], applicationFilter={"mode": "include", "rule": ZONE}),
            on(target=RED),
            WIKI,
            f"appId {WIKI}, appFilter {ZONE}",
            "",
            True,
        ),
        (
            "application",
            apps(
                includeApplications=["All"],
                excludeApplications=[WIKI],
                applicationFilter={"mode": "exclude", "rule": ZONE},
            ),
            on(target=RED),
            WIKI,
            "allApps All",
            f"appId {WIKI}, appFilter {ZONE}",
            True,
        ),
        ("application", {}, on(target=REGISTERING), REGISTERING.action, "allApps All", "", True),
        (
            "application",
            apps(includeUserActions=[REGISTERING.action]),
            on(target=REGISTERING),
            REGISTERING.action,
            f"userAction {REGISTERING.action}",
            "",
            True,
        ),
        (
            "application",
            apps(includeAuthenticationContextClassReferences=["c1", "c2"]),
            on(target=AuthenticationContextTarget(context="c2")),
            "c2",
            "acr c2",
            "",
            True,
        ),
        (
            "application",
            apps(includeAuthenticationContextClassReferences=["c1", "c2"]),
            on(target=AppTarget(app_id=WIKI, contexts=frozenset({"c1", "c2"}))),
            WIKI,
            "acr c1, acr c2",
            "",
            True,
        ),
        ("clientType", {}, ASKED, "browser", "", "", True),
        ("clientType", {"clientAppTypes": ["browser"]}, ASKED, "browser", "clientApp browser", "", True),
        ("clientType", {"clientAppTypes": ["browser"]}, on(client_app=None), "all", "", "", False),
        (
            "clientType",
            {"clientAppTypes": ["exchangeActiveSync", "easSupported"]},
            on(client_app=ClientApp.EAS_SUPPORTED),
            "easSupported",
            "clientApp exchangeActiveSync, clientApp easSupported",
            "",
            True,
        ),
        ("devicePlatform", {}, ASKED, "linux", "", "", True),
        ("devicePlatform", {}, on(platform=None), "unknown", "", "", False),
        ("devicePlatform", PLATFORMS, ASKED, "linux", "allDevicePlatforms all", "devicePlatform linux", True),
        ("devicePlatform", PLATFORMS, on(platform=None), "unknown", "allDevicePlatforms all", "", False),
        ("devicePlatform", LISTED, ASKED, "linux", "devicePlatform linux", "", True),
        ("devicePlatform", LISTED, on(platform=Platform.MACOS), "macOS", "", "", True),
        ("location", {}, HERE, "192.0.2.1", "", "", True),
        ("location", {}, NOWHERE, "unknown", "", "", False),
        (
            "location",
            places(["All", "office"], ["AllTrusted"]),
            HERE,
            "192.0.2.1",
            "allLocations All, locationId office",
            "allTrustedLocations AllTrusted",
            True,
        ),
        ("location", places(["office"], ["AllTrusted"]), NOWHERE, "unknown", "locationId office", "", False),
        (
            "location",
            places(["benelux"], []),
            replace(HERE, country="BE"),
            "192.0.2.1 BE",
            "locationId benelux",
            "",
            True,
        ),
        (
            "location",
            places(["france"], []),
            replace(NOWHERE, gps_country="FR"),
            "FR",
            "locationId france",
            "",
            True,
        ),
        (
            "location",
            places(["All"], ["tunnel"]),
            replace(NOWHERE, compliant_network=True),
            "unknown",
            "allLocations All",
            "locationId tunnel",
            True,
        ),
        ("deviceState", {}, on(device=COMPLIANT), "d", "", "", True),
        ("deviceState", {}, on(device=NAMED), "D", "", "", True),
        ("deviceState", {}, on(device=Device()), "registered", "", "", True),
        ("deviceState", {}, ASKED, "unregistered", "", "", False),
        ("deviceState", filtered("include"), on(device=COMPLIANT), "d", f"deviceFilter {SAW}", "", True),
        ("deviceState", filtered("include"), ASKED, "unregistered", "", "", False),
        ("deviceState", filtered("exclude"), on(device=COMPLIANT), "d", "allDevices All", f"deviceFilter {SAW}", True),
        ("deviceState", filtered("exclude"), on(device=NAMED), "D", "allDevices All", "", True),
        (
            "deviceState",
            {"devices": {"includeDevices": ["All"], "excludeDevices": ["Compliant"]}},
            on(device=COMPLIANT),
            "d",
            "allDevices All",
            "deviceState Compliant",
            True,
        ),
        (
            "signInRisk",
            {"signInRiskLevels": ["high"]},
            on(sign_in_risk=RiskLevel.HIGH),
            "high",
            "signInRisk high",
            "",
            True,
        ),
        ("signInRisk", {"signInRiskLevels": ["high"]}, on(sign_in_risk=RiskLevel.LOW), "low", "", "", True),
        (
            "userRisk",
            {"userRiskLevels": ["low", "high"]},
            on(user_risk=None),
            "unknown",
            "userRisk low, userRisk high",
            "",
            True,
        ),
        (
            "insiderRisk",
            {"insiderRiskLevels": "minor,elevated"},
            on(insider_risk=InsiderRiskLevel.ELEVATED),
            "elevated",
            "insiderRisk elevated",
            "",
            True,
        ),
        (
            "authenticationFlows",
            {"authenticationFlows": {"transferMethods": "deviceCodeFlow"}},
            on(flows=FLOWS),
            "authenticationTransfer,deviceCodeFlow",
            "deviceCodeFlow deviceCodeFlow",
            "",
            True,
        ),
        ("authenticationFlows", {}, ASKED, "none", "", "", True),
        (
            "agentContext",
            {"agentContext": {"includeAgentContexts": ["desk", "lab"]}},
            on(agent_context="desk"),
            "desk",
            "agentContext desk",
            "",
            True,
        ),
        ("agentContext", {"agentContext": {"includeAgentContexts": ["desk"]}}, ASKED, "none", "", "", True),
    ],
)
def test_what_is_shown(
    name: str,
    conditions: dict[str, object],
    asked: AccessRequest,
    value: str,
    include: str,
    exclude: str,
    supplied: bool,
) -> None:
    policy_set = read(graph(conditions=conditions), locations=PLACES)
    condition = next(found for found in CONDITIONS if found.name == name)
    found = condition.match(policy_set.policies[0], asked, LocationTable(PLACES))
    said = [", ".join(f"{each.rule} {each.value}" for each in rules) for rules in (found.include, found.exclude)]
    assert (found.value, *said, found.supplied) == (value, include, exclude, supplied)
    assert found.configured == (name == "application" or bool(conditions))


def test_who_is_shown() -> None:
    users = {
        "includeUsers": ["All", "GuestsOrExternalUsers"],
        "includeGroups": ["group-0"],
        "excludeRoles": ["role-0"],
        "excludeGuestsOrExternalUsers": {
            "guestOrExternalUserTypes": "internalGuest,b2bCollaborationGuest,serviceProvider",
            "externalTenants": {"membershipKind": "all"},
        },
    }
    (policy,) = read(graph(conditions={"users": users})).policies
    person = request(kind=UserKind.GUEST, groups=("group-0", "group-1"), roles=("role-0",)).principal
    found = subject.match(policy, person, SUBJECT_KINDS)
    said = [[f"{each.rule} {each.value}" for each in rules] for rules in (found.include, found.exclude)]
    assert found.value == f"guest {person.id}"
    assert said == [
        ["allUsers All", "guest GuestsOrExternalUsers", "groupId group-0"],
        ["roleId role-0", "b2bCollaborationGuest b2bCollaborationGuest", "internalGuest internalGuest"],
    ]
    known = subject.match(policy, replace(person, guest_type=GuestType.SERVICE_PROVIDER), SUBJECT_KINDS)
    assert [f"{each.rule} {each.value}" for each in known.exclude] == [
        "roleId role-0",
        "serviceProvider serviceProvider",
    ]

"""What If as Microsoft documents it: a configured condition without a value does not apply (D WI, EVAL)."""

import json
from typing import NamedTuple, NoReturn

import pytest
from msgspec.structs import replace

from assay.policy import compile_policies
from assay.policy.conditions import CONDITIONS
from assay.policy.graph_json import Json, JsonObject
from assay.policy.importers import SourceFile
from assay.policy.offline import analysis, read_set, read_sign_in
from assay.policy.what_if import what_if
from tests.policy.build import MFA, graph, read, request

EXCHANGE = "00000002-0000-0ff1-ce00-000000000000"
US = {
    "@odata.type": "#microsoft.graph.countryNamedLocation",
    "id": "us",
    "displayName": "US",
    "countriesAndRegions": ["US"],
}
OFFICE = {
    "@odata.type": "#microsoft.graph.ipNamedLocation",
    "id": "office",
    "displayName": "Office",
    "isTrusted": True,
    "ipRanges": [{"@odata.type": "#microsoft.graph.iPv4CidrRange", "cidrAddress": "198.51.100.0/24"}],
}


class Row(NamedTuple):
    """Conditions of a policy, a sign-in, the answer, and where it is said."""

    source: str
    conditions: JsonObject
    asked: JsonObject
    applies: bool
    reason: str
    state: str = "enabled"
    app: str = EXCHANGE


def place(location: str) -> JsonObject:
    return {"locations": {"includeLocations": [location]}}


# The policy of the four examples: all users, Office365, US, high sign-in risk.
FOUR: JsonObject = {
    "applications": {"includeApplications": ["Office365"]},
    "locations": {"includeLocations": ["us"]},
    "signInRiskLevels": ["high"],
}
ROWS = (
    Row("D WI example: all are supplied", FOUR, {"country": "US", "signInRiskLevel": "high"}, True, "notSet"),
    Row("D WI example: no location", FOUR, {"signInRiskLevel": "high"}, False, "location"),
    Row("D WI example: no risk", FOUR, {"country": "US"}, False, "signInRisk"),
    Row("D WI example: neither; the first in Graph's order is given", FOUR, {}, False, "location"),
    Row(
        "D WI: a group of apps as input gives no match",
        FOUR,
        {"country": "US", "signInRiskLevel": "high"},
        False,
        "application",
        app="Office365",
    ),
    Row("D WI: report-only policies are evaluated", {}, {}, True, "notSet", state="enabledForReportingButNotEnforced"),
    Row("S: a disabled policy", {}, {}, False, "policyNotEnabled", state="disabled"),
    Row("D WI: no platform is supplied", {"platforms": {"includePlatforms": ["all"]}}, {}, False, "devicePlatform"),
    Row(
        "D COND: another platform",
        {"platforms": {"includePlatforms": ["iOS"]}},
        {"devicePlatform": "windows"},
        False,
        "devicePlatform",
    ),
    Row("D WI: no client is supplied", {"clientAppTypes": ["browser"]}, {}, False, "clientApps"),
    Row(
        "D WI: no device is supplied",
        {"devices": {"deviceFilter": {"mode": "include", "rule": "device.isCompliant -ne True"}}},
        {},
        False,
        "devices",
    ),
    Row(
        "D NET: an address tells a range",
        {"locations": {"includeLocations": ["AllTrusted"]}},
        {"ipAddress": "198.51.100.9"},
        True,
        "notSet",
    ),
    Row(
        "D WI: a country tells no range",
        {"locations": {"includeLocations": ["office"]}},
        {"country": "US"},
        False,
        "location",
    ),
    Row(
        "D WI: All is every place, once one is given",
        {"locations": {"includeLocations": ["All"]}},
        {"country": "US"},
        True,
        "notSet",
    ),
    Row("G signinconditions: risks are none", {"userRiskLevels": ["none"]}, {}, True, "notSet"),
    Row("D IDT: levels do not compare", {"userRiskLevels": ["high"]}, {"userRiskLevel": "medium"}, False, "userRisk"),
    Row("S: insider risk", {"insiderRiskLevels": "elevated"}, {"insiderRiskLevel": "minor"}, False, "insiderRisk"),
    Row(
        "D FLOW: another flow",
        {"authenticationFlows": {"transferMethods": "deviceCodeFlow"}},
        {},
        False,
        "authenticationFlow",
    ),
    Row(
        "D WI: one include that holds is enough, whatever is not known of another",
        {"locations": {"includeLocations": ["All", "us"]}},
        {"compliantNetwork": True},
        True,
        "notSet",
    ),
    Row("S: another person", {"users": {"includeUsers": ["ben"]}}, {}, False, "users"),
    Row("S: users come before all else", {"users": {"includeUsers": ["ben"]}, **FOUR}, {}, False, "users"),
    Row(
        "ours: what is not decided restricts, so it applies",
        {"times": {"includeAllTimes": True}},
        {},
        True,
        "notEnoughInformation",
    ),
)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.source)
def test_what_if(row: Row) -> None:
    value = analysed(row.conditions, row.asked, row.state, {"includeApplications": [row.app]})
    assert (value["policyApplies"], value["analysisReasons"]) == (row.applies, row.reason)
    assert value["displayName"] == "P"


@pytest.mark.parametrize(
    ("context", "reason"),
    [
        ({"userAction": "registerOrJoinDevices"}, "userActions"),
        ({"authenticationContextValue": "c1"}, "authenticationContext"),
    ],
)
def test_the_reason_names_what_was_asked_for(context: JsonObject, reason: str) -> None:
    assert analysed({}, {}, "enabled", context)["analysisReasons"] == reason


def test_only_what_applies_is_answered_where_that_is_asked() -> None:
    document: JsonObject = {
        "signInIdentity": {"userId": "ada"},
        "signInContext": {"includeApplications": ["wiki"]},
        "appliedPoliciesOnly": True,
    }
    given = read_set([_file(_policy({"userRiskLevels": ["high"]}, "enabled"))], {})
    assert analysis(given, read_sign_in(document)).value == ()


def analysed(conditions: JsonObject, asked: JsonObject, state: str, context: JsonObject) -> JsonObject:
    given = read_set([_file(_policy(conditions, state), US, OFFICE)], {})
    document: JsonObject = {
        "signInIdentity": {"userId": "ada"},
        "signInContext": context,
        "signInConditions": asked,
    }
    (value,) = analysis(given, read_sign_in(document)).value
    return value


def _policy(conditions: JsonObject, state: str) -> JsonObject:
    everything: JsonObject = {
        "users": {"includeUsers": ["All"]},
        "applications": {"includeApplications": ["All"]},
    }
    return {"id": "p", "displayName": "P", "state": state, "conditions": everything | conditions}


def _file(*objects: Json) -> SourceFile:
    return SourceFile(name="set.json", content=json.dumps(objects).encode())


def test_a_condition_that_cannot_be_evaluated_is_refused_by_and_not_passed_over() -> None:
    def fails(*_: object) -> NoReturn:
        raise ValueError

    broken = [replace(each, match=fails) if each.name == "devicePlatform" else each for each in CONDITIONS]
    compiled = compile_policies(read(graph(grantControls=MFA)), conditions=broken)
    assert [found.applies for found in what_if(compiled, request())] == [True]

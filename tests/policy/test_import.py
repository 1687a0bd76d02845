"""Exports in all their shapes are read without losing anything; hostile files are refused without an exception."""

import json
from collections import Counter
from ipaddress import ip_address
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from assay.policy import (
    ImportResult,
    PolicySet,
    SourceFile,
    compile_policies,
    export_location,
    export_policy,
    export_strength,
    import_policies,
    policy_set_hash,
    undecided_paths,
)
from assay.policy.definition import (
    AuthenticationStrengthPolicy,
    BuiltInControl,
    GrantControls,
    NamedLocation,
    Operator,
    PolicyState,
    Undecided,
)
from assay.policy.importers.anew import location_anew, policy_anew, strength_anew
from assay.policy.importers.source import read_json
from assay.policy.location_table import LocationTable
from assay.values import LocationId
from tests.policy.build import BLOCK, MFA, graph
from tests.policy.cases import policy_sets

PACKS = Path(__file__).parent / "packs"


def pack(name: str) -> ImportResult:
    files = sorted((PACKS / name).rglob("*.json"))
    return import_policies(SourceFile(name=str(path.relative_to(PACKS)), content=path.read_bytes()) for path in files)


def load(*objects: object) -> ImportResult:
    return import_policies([SourceFile(name="file", content=json.dumps(list(objects)).encode())])


def test_the_whole_j0eyv_pack() -> None:
    """36 policies, most in UTF-16; every part of every one is decided."""
    result = pack("j0eyv_ConditionalAccessBaseline")
    undecided = Counter(path for found in result.policies for path in found.undecided)
    assert (len(result.policies), len(result.locations), result.malformed) == (36, 3, ())
    assert len(result.ignored) == 37  # 36 groups and a table of ids
    assert undecided == {}


def test_the_whole_alex_filipin_pack() -> None:
    """59 templates without ids, placeholders for groups; one has a key twice, the first time with null."""
    result = pack("AlexFilipin_ConditionalAccess")
    assert len({found.policy.id for found in result.policies}) == 59
    assert result.malformed == ()
    assert all(not found.undecided for found in result.policies)


@pytest.mark.parametrize("name", ["j0eyv_ConditionalAccessBaseline", "AlexFilipin_ConditionalAccess"])
def test_exported_packs_import_equal(name: str) -> None:
    result = pack(name)
    again = load(
        *(export_policy(found.policy) for found in result.policies),
        *(export_location(location) for location in result.locations),
    )
    assert [found.policy for found in again.policies] == [found.policy for found in result.policies]
    assert [found.undecided for found in again.policies] == [found.undecided for found in result.policies]
    assert again.locations == result.locations
    assert compile_policies(again.policy_set).hash == compile_policies(result.policy_set).hash


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(policy_sets())
def test_every_policy_survives_export_and_import(policy_set: PolicySet) -> None:
    decided = [found for found in policy_set.policies if not found.undecided]
    again = load(*map(export_policy, decided), *map(export_strength, policy_set.strengths))
    assert again.malformed == ()
    exported = load(*(export_policy(found.policy) for found in again.policies))
    assert [found.policy for found in exported.policies] == [found.policy for found in again.policies]
    assert [found.policy.conditions.users for found in again.policies] == [found.conditions.users for found in decided]
    assert {strength.id for strength in again.strengths} == {found.id for found in policy_set.strengths}


@pytest.mark.parametrize(
    "content",
    [
        json.dumps(graph()).encode(),
        b"\xef\xbb\xbf" + json.dumps(graph()).encode(),
        json.dumps(graph()).encode("utf-16"),
        json.dumps(graph()).encode("utf-16-le"),
        json.dumps(graph()).encode("utf-16-be"),
        json.dumps({"@odata.context": "x", "value": [graph()]}).encode(),
        json.dumps([[graph()]]).encode(),
        json.dumps({"ExportDate": "x", "PolicyConfig": graph()}).encode(),
        b"\n"
        + json.dumps({"id": "g", "displayName": "a group"}).encode()
        + b"\r\n"
        + json.dumps(graph()).encode()
        + b"\n",
        json.dumps({key.upper(): value for key, value in graph().items()}).encode(),
        json.dumps(graph(state="ENABLED", grantControls={"operator": "or"}, sessionControls=[])).encode(),
    ],
    ids=["utf-8", "bom", "utf-16", "le", "be", "value", "arrays", "wrapper", "lines", "case", "empty"],
)
def test_shapes(content: bytes) -> None:
    result = import_policies([SourceFile(name="file", content=content)])
    assert result.malformed == ()
    expected = load(graph()).policies[0].policy
    assert [found.policy for found in result.policies] == [expected]


# Graph's SDK for PowerShell writes every property of every type, and under AdditionalProperties what a type lacks.
SDK_POLICY = {
    "Id": "policy",
    "DisplayName": "policy",
    "State": "enabled",
    "Conditions": {
        "Applications": {"IncludeApplications": ["All"], "ApplicationFilter": {"Mode": None, "Rule": None}},
        "AuthenticationFlows": {"TransferMethods": None},
        "ClientAppTypes": ["all"],
        "ClientApplications": {
            "IncludeServicePrincipals": None,
            "ServicePrincipalFilter": {"Mode": None, "Rule": None},
        },
        "Devices": {"DeviceFilter": {"Mode": None, "Rule": None}, "AdditionalProperties": {}},
        "Locations": {"IncludeLocations": None, "ExcludeLocations": None},
        "Platforms": {"IncludePlatforms": None, "ExcludePlatforms": None},
        "SignInRiskLevels": [],
        "Users": {
            "IncludeUsers": ["All"],
            "ExcludeGuestsOrExternalUsers": {
                "ExternalTenants": {"MembershipKind": None},
                "GuestOrExternalUserTypes": None,
            },
        },
    },
    "GrantControls": {
        "AuthenticationStrength": {"AllowedCombinations": None, "Id": None, "PolicyType": None},
        "BuiltInControls": ["mfa"],
        "Operator": "OR",
        "AdditionalProperties": {"authenticationStrength@odata.context": "x"},
    },
    "SessionControls": {
        "ApplicationEnforcedRestrictions": {"IsEnabled": None},
        "CloudAppSecurity": {"CloudAppSecurityType": None, "IsEnabled": None},
        "PersistentBrowser": {"IsEnabled": None, "Mode": None},
        "SignInFrequency": {"IsEnabled": None, "Type": None, "Value": None},
    },
    "AdditionalProperties": {},
}
SDK_LOCATION = {
    "Id": "office",
    "DisplayName": "Office",
    "AdditionalProperties": {
        "@odata.type": "#microsoft.graph.ipNamedLocation",
        "isTrusted": True,
        "ipRanges": [{"@odata.type": "#microsoft.graph.iPv4CidrRange", "cidrAddress": "192.0.2.0/24"}],
    },
}


def test_what_the_sdk_for_powershell_writes() -> None:
    result = load(SDK_POLICY, SDK_LOCATION)
    assert result.malformed == ()
    assert [found.policy for found in result.policies] == [load(graph(grantControls=MFA)).policies[0].policy]
    assert result.policies[0].undecided == ()
    assert [(found.id, found.is_trusted, found.ranges) for found in result.locations] == [
        ("office", True, ("192.0.2.0/24",))
    ]


@pytest.mark.parametrize(
    "wrapped",
    [
        {"tenant": "x", "conditionalAccess": {"policies": [graph()], "groups": [{"id": "g", "displayName": "G"}]}},
        {"policies": {"first": graph()}},
        {"value": [{"name": "x", "policy": graph()}]},
    ],
)
def test_wrappers_of_others(wrapped: object) -> None:
    result = import_policies([SourceFile(name="file", content=json.dumps(wrapped).encode())])
    assert (len(result.policies), result.malformed, result.ignored) == (1, (), ())


def test_what_tools_write_beside_a_policy_is_read_or_says_nothing() -> None:
    """CIPP brings the places that a template names, without ids; IntuneManagement the contexts; people their notes."""
    place = {"displayName": "Allowed", "countriesAndRegions": ["NO"], "note": "ask the board", "_owner": ["x"]}
    office = {
        "displayName": "Office",
        "locationType": "ipNamedLocation",
        "isTrusted": True,
        "ipRanges": [{"cidrAddress": "192.0.2.0/24", "description": "Oslo"}, "198.51.100.0/24"],
    }
    beside = {"LocationInfo": [[place, None], office], "AuthContextInfo": [{"id": "c1", "displayName": "x"}]}
    result = load(graph("one", **beside), graph("two", **beside))
    assert (result.malformed, [found.undecided for found in result.policies]) == ((), [(), ()])
    assert [(found.display_name, found.ranges, found.undecided) for found in result.locations] == [
        ("Allowed", (), ()),
        ("Office", ("192.0.2.0/24", "198.51.100.0/24"), ()),
    ]
    other = load(graph("one", **beside), {**place, "countriesAndRegions": ["SE"]})
    assert [found.reason.code for found in other.malformed] == ["duplicateId"]


@pytest.mark.parametrize(
    "value",
    [
        {"actions": {"conditions": {"field": "x"}, "name": "x"}},
        {"rule": {"conditions": [{"field": "x"}], "state": "on"}},
        {"firewall": {"ipRanges": ["192.0.2.0/24"]}},
        {"value": []},
        [],
    ],
)
def test_what_is_no_policy_is_said_to_be_none(value: object) -> None:
    result = import_policies([SourceFile(name="file", content=json.dumps(value).encode())])
    assert (result.malformed, result.ignored) == ((), ("file",))


def test_a_range_with_something_unknown_is_kept_whole() -> None:
    """And is written back: the location beside it stays as it was, and read again it is the same."""
    ranges = [{"cidrAddress": "192.0.2.0/24"}, {"cidrAddress": "198.51.100.0/24", "newKey": "x"}]
    place = {"id": "office", "displayName": "Office", "isTrusted": True, "ipRanges": ranges}
    (found,) = load(place).locations
    assert (found.ranges, [part.where for part in found.undecided]) == (
        ("192.0.2.0/24",),
        ['ipRanges.{"cidrAddress": "198.51.100.0/24", "newKey": "x"}'],
    )
    written = export_location(found)
    assert written["ipRanges"] == [{"@odata.type": "#microsoft.graph.iPv4CidrRange"} | ranges[0], ranges[1]]
    assert load(written).locations == (found,)
    assert location_anew(found) == found
    within = graph(conditions={"locations": {"includeLocations": ["office"]}})
    assert load(place, within).policies[0].undecided == ("conditions.locations.includeLocations.office",)


STRENGTH = {"id": "own", "displayName": "Own", "allowedCombinations": ["fido2", "windowsHelloForBusiness"]}


def with_strength(name: str, **parts: object) -> dict[str, object]:
    return graph(name, grantControls={"operator": "OR", "authenticationStrength": STRENGTH | parts})


def test_a_strength_may_stand_in_policies_and_in_a_file_of_its_own() -> None:
    again = {"displayName": "Renamed", "allowedCombinations": ["windowsHelloForBusiness", "fido2"]}
    result = load(with_strength("a"), STRENGTH, with_strength("b", **again))
    assert result.malformed == ()
    assert [strength.display_name for strength in result.strengths] == ["Own"]
    assert [found.undecided for found in result.policies] == [(), ()]


@pytest.mark.parametrize(
    "other",
    [
        {"allowedCombinations": ["fido2", "password,sms"]},
        {"combinationConfigurations": [{"allowedAAGUIDs": ["a"], "appliesToCombinations": ["fido2"]}]},
    ],
)
def test_a_strength_that_changed_between_two_exports_is_undecided(other: dict[str, object]) -> None:
    """Which of the two is in force is not in the files; what neither allowed, or one alone, must not satisfy."""
    result = load(with_strength("a"), with_strength("b", **other), graph("c", grantControls=MFA))
    assert result.malformed == ()
    where = "grantControls.authenticationStrength.allowedCombinations.differsFromOther"
    assert [found.undecided for found in result.policies] == [(where,), (where,), ()]
    (strength,) = result.strengths
    assert ("password", "sms") not in strength.allowed_combinations
    assert strength_anew(strength) == strength


def test_templates_of_locations_and_strengths_have_no_id_yet() -> None:
    place = {
        "@odata.type": "#microsoft.graph.countryNamedLocation",
        "displayName": "Allowed",
        "countriesAndRegions": [],
    }
    strength = {"displayName": "Keys", "allowedCombinations": ["fido2"]}
    result, again = load(place, strength), load(strength, place)
    assert result.malformed == ()
    assert (result.locations, result.strengths) == (again.locations, again.strengths)
    assert result.locations[0].id
    assert result.strengths[0].id
    assert [found.reason.code for found in load(strength | {"displayName": None}).malformed] == ["required"]


UNDECIDED = [
    ({"conditions": {"clientAppTypes": ["newSort"]}}, "conditions.clientAppTypes.newSort"),
    (
        {"conditions": {"devices": {"deviceFilter": {"mode": "include", "rule": "x"}}}},
        "conditions.devices.deviceFilter",
    ),
    # Kept in part, it would be read again as no filter at all.
    *(
        (
            {"conditions": {"devices": {"deviceFilter": {"mode": mode, "rule": None, "newKey": "x"}}}},
            "conditions.devices.deviceFilter",
        )
        for mode in (None, "include")
    ),
    (
        {
            "conditions": {
                "devices": {"deviceFilter": {"mode": "include", "rule": 'device.model -eq "x"', "newKey": "x"}}
            }
        },
        "conditions.devices.deviceFilter.newKey",
    ),
    ({"conditions": {"times": {"includeAllTimes": True}}}, "conditions.times.includeAllTimes"),
    ({"conditions": {"somethingNew": ["x"]}}, "conditions.somethingNew"),
    ({"conditions": {"signInRiskLevels": ["extreme"]}}, "conditions.signInRiskLevels.extreme"),
    (
        {"conditions": {"authenticationFlows": {"transferMethods": "deviceCodeFlow,pigeon"}}},
        "conditions.authenticationFlows.transferMethods",
    ),
    (
        {"conditions": {"applications": {"includeAuthenticationContextClassReferences": ["c100"]}}},
        "conditions.applications.includeAuthenticationContextClassReferences.c100",
    ),
    (
        {"grantControls": {"operator": "AND", "builtInControls": ["newControl"]}},
        "grantControls.builtInControls.newControl",
    ),
    ({"grantControls": {"authenticationStrength": {"id": "gone"}}}, "grantControls.authenticationStrength.gone"),
    (
        {
            "grantControls": {
                "authenticationStrength": {
                    "id": "own",
                    "allowedCombinations": ["fido2"],
                    "combinationConfigurations": [{"newLimit": ["x"]}],
                }
            }
        },
        "grantControls.authenticationStrength.combinationConfigurations",
    ),
    ({"sessionControls": {"newControl": {"isEnabled": True}}}, "sessionControls.newControl"),
    ({"newPart": {"inner": 1}}, "newPart.inner"),
    (
        {
            "conditions": {
                "users": {
                    "includeGuestsOrExternalUsers": {
                        "guestOrExternalUserTypes": "internalGuest",
                        "externalTenants": {"membershipKind": "odd", "members": ["tenant"]},
                    }
                }
            }
        },
        "conditions.users.includeGuestsOrExternalUsers.externalTenants",
    ),
    # Some tenants were meant, and which is not said: read as all of them, it would exempt every guest.
    *(
        (
            {
                "conditions": {
                    "users": {
                        "includeUsers": ["All"],
                        "excludeGuestsOrExternalUsers": {
                            "guestOrExternalUserTypes": "internalGuest",
                            "externalTenants": tenants,
                        },
                    }
                }
            },
            "conditions.users.excludeGuestsOrExternalUsers.externalTenants",
        )
        for tenants in (
            {"members": []},
            {"@odata.type": "#microsoft.graph.conditionalAccessEnumeratedExternalTenants"},
            {"membershipKind": "enumerated"},
            {"membershipKind": "all", "members": ["tenant"]},
        )
    ),
]


@pytest.mark.parametrize(("parts", "path"), UNDECIDED, ids=range(len(UNDECIDED)))
def test_nothing_undecided_is_silent(parts: dict[str, object], path: str) -> None:
    result = load(graph(**parts))
    assert result.malformed == ()
    assert result.policies[0].undecided == (path,)
    assert undecided_paths(result.policies[0].policy, result.policy_set) == (path,)
    assert load(export_policy(result.policies[0].policy), *map(export_strength, result.strengths)).policies == tuple(
        result.policies
    )


def test_what_a_later_release_says_is_not_passed_over() -> None:
    """A field that this release does not know may be a demand: the row cannot be read, and that denies."""
    known = b'{"operator":"OR","builtInControls":["mfa"]}'
    assert msgspec.json.decode(known, type=GrantControls).built_in_controls == (BuiltInControl.MFA,)
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(known.replace(b"}", b',"newControl":["x"]}'), type=GrantControls)


def test_what_is_switched_off_or_removed_is_in_force_no_more() -> None:
    """`isEnabled` false, be it of a control that nobody knows here; deletedItems hold policies as they were."""
    found = load(graph(sessionControls={"newControl": {"isEnabled": False, "sort": "x"}})).policies[0]
    assert (found.undecided, found.policy.session_controls) == ((), None)
    removed = load(graph(deletedDateTime="2026-01-02T00:00:00Z")).policies[0].policy
    assert removed.state is PolicyState.DISABLED


def test_lists_of_nothing_and_numbers_with_a_point_are_read() -> None:
    users = {"includeUsers": ["All", None], "excludeGroups": [None]}
    frequency = {"isEnabled": True, "type": "hours", "value": 4.0}
    found = load(graph(conditions={"users": users}, sessionControls={"signInFrequency": frequency})).policies[0].policy
    assert (found.conditions.users.include_users, found.conditions.users.exclude_groups) == (("All",), ())
    assert found.session_controls is not None
    assert found.session_controls.sign_in_frequency is not None
    assert found.session_controls.sign_in_frequency.value == 4
    half = graph(sessionControls={"signInFrequency": frequency | {"value": 4.5}})
    assert [bad.reason.code for bad in load(half).malformed] == ["notAnInteger"]


def test_several_controls_without_an_operator_are_all_demanded() -> None:
    found = load(graph(grantControls={"builtInControls": ["mfa", "compliantDevice"]})).policies[0].policy
    assert found.grant_controls is not None
    assert found.grant_controls.operator is Operator.AND


def test_a_profile_without_an_id_is_undecided() -> None:
    found = load(graph(sessionControls={"networkAccessSecurity": {"isEnabled": True}})).policies[0]
    assert found.undecided == ("sessionControls.networkAccessSecurity",)


def test_addresses_of_ipv4_written_as_ipv6_are_those_of_ipv4() -> None:
    place = NamedLocation(id=LocationId("x"), display_name="X", ranges=("::ffff:203.0.113.0/120",))
    assert LocationTable((place,)).holding(ip_address("203.0.113.7")) == {"x"}


def test_what_an_earlier_release_left_undecided_is_decided_now() -> None:
    risky = graph(conditions={"signInRiskLevels": ["high"]}, grantControls=MFA | {"termsOfUse": ["terms"]})
    now = load(risky).policies[0].policy
    levels = Undecided(path=("conditions", "signInRiskLevels"), json='["high"]')
    terms = Undecided(path=("grantControls", "termsOfUse"), json='"terms"', element=True)
    then = replace(load(graph(grantControls=MFA)).policies[0].policy, undecided=(levels, terms))
    assert policy_anew(then) == now
    countries = Undecided(path=("countriesAndRegions",), json='["BE"]')
    place = NamedLocation(id=LocationId("x"), display_name="Belgium", undecided=(countries,))
    assert location_anew(place) == replace(place, countries=("BE",), undecided=())
    key = Undecided(path=("combinationConfigurations",), json='[{"allowedAAGUIDs": ["A"]}]')
    strength = AuthenticationStrengthPolicy(id="s", display_name="S", allowed_combinations=(), undecided=(key,))
    assert strength_anew(strength).combination_configurations[0].allowed_aaguids == ("a",)


MALFORMED = [
    (b"{", "notJson", ""),
    (b"\xff\xfe\x00", "notJson", ""),
    (b'{"a": 1, "a": 2}', "duplicateKey", ""),
    (b'{"a": 1, "a": 1}', "duplicateKey", ""),
    (b'{"a": null, "a": 1, "a": null}', "duplicateKey", ""),
    (b'{"a": NaN}', "notJson", ""),
    (b'{"a": 1e999}', "notJson", ""),
    (b'{"a": "\\ud800"}', "notJson", ""),
    (b'{"a": ' + b"9" * 5000 + b"}", "notJson", ""),
    (b"[" * 40 + b"]" * 40, "tooDeep", ""),
    (b"[" * 100_000 + b"]" * 100_000, "tooDeep", ""),
    (b" " * (4 * 1024 * 1024 + 1), "fileTooLarge", ""),
    (b"[" + b"0," * 200_000 + b"0]", "tooManyValues", ""),
    (graph() | {"State": "disabled"}, "duplicateKey", "State"),
    (graph(state="on"), "unknownValue", "state"),
    (graph(state=None), "requiredOneOf", "state"),
    (graph(displayName="x" * 5000), "tooLong", "displayName"),
    (graph(conditions={"users": None}), "required", "conditions.users"),
    (graph(conditions={"users": ["All"]}), "notAnObject", "conditions.users"),
    (graph(conditions={"users": {"includeUsers": "All"}}), "notAListOfStrings", "conditions.users.includeUsers"),
    (
        graph(conditions={"users": {"includeUsers": ["All", "None"]}}),
        "noneBesideOthers",
        "conditions.users.includeUsers",
    ),
    (graph(grantControls=MFA | {"operator": "XOR"}), "unknownValue", "grantControls.operator"),
    (
        graph(sessionControls={"signInFrequency": {"isEnabled": True, "value": 0, "type": "hours"}}),
        "outOfRange",
        "sessionControls.signInFrequency.value",
    ),
    (
        graph(sessionControls={"signInFrequency": {"isEnabled": True, "value": 367, "type": "days"}}),
        "outOfRange",
        "sessionControls.signInFrequency.value",
    ),
    (
        graph(sessionControls={"signInFrequency": {"isEnabled": True, "value": 8785, "type": "hours"}}),
        "outOfRange",
        "sessionControls.signInFrequency.value",
    ),
    (
        graph(sessionControls={"assay": {"limits": {"readonly_": True}}}),
        "unknownKey",
        "sessionControls.assay.limits.readonly_",
    ),
    ([graph(), graph(state="disabled")], "duplicateId", "id"),
    (b'{"a": 1} {"a": 1}x', "notJson", ""),
    (b'"locations": {}', "notJson", ""),
    (b"", "notJson", ""),
    (b" \n", "notJson", ""),
    ({"resource": {"x": {"display_name": "x", "state": "enabled", "conditions": {}}}}, "notGraph", ""),
    (
        {
            "resources": [
                {
                    "resourceType": "microsoft.entra.conditionalaccesspolicy",
                    "properties": {"DisplayName": "x", "IncludeUsers": ["All"], "BuiltInControls": ["block"]},
                }
            ]
        },
        "notGraph",
        "",
    ),
    (
        {"resource_changes": [{"change": {"after": {"display_name": "x", "state": "enabled", "conditions": [{}]}}}]},
        "notGraph",
        "",
    ),
    ({"value": [], "grantControls": MFA, "displayName": "x", "state": "enabled"}, "required", "conditions"),
    ({"value": [], "@odata.nextLink": "https://graph.microsoft.com/…"}, "moreToCome", ""),
    ({"x": [{"value": [], "@odata.nextLink": "https://graph.microsoft.com/…"}]}, "moreToCome", ""),
    ({"error": {"code": "Authorization_RequestDenied", "message": "Insufficient privileges"}}, "errorInstead", ""),
    ({"value": ["@{id=x; displayName=y; conditions=}"]}, "cutOff", ""),
    (graph() | {"conditions": "@{users=; applications=}"}, "cutOff", "conditions"),
    (graph(conditions={"users": "@{includeUsers=All}"}), "cutOff", "conditions.users"),
    (graph(conditions={"users": {"includeUsers": "System.Object[]"}}), "cutOff", "conditions.users.includeUsers"),
    (graph(grantControls="@{operator=OR; builtInControls=}"), "cutOff", "grantControls"),
    *(
        (graph(conditions={"users": {"includeUsers": [cut]}}), "cutOff", "conditions.users.includeUsers")
        for cut in ("System.Object[]", "@{id=x}", "Microsoft.Graph.PowerShell.Models.MicrosoftGraphUser")
    ),
    (graph(displayName="a\0"), "notJson", ""),
    ({"resource": graph(displayName=None)}, "required", "displayName"),
    ({"id": "x", "displayName": "x", "ipRanges": [{"cidrAddress": "300.0.0.0/8"}]}, "notAnAddressRange", "ipRanges"),
]


@pytest.mark.parametrize(("content", "code", "path"), MALFORMED, ids=range(len(MALFORMED)))
def test_malformed(content: object, code: str, path: str) -> None:
    content = content if isinstance(content, bytes) else json.dumps(content).encode()
    result = import_policies([SourceFile(name="file", content=content)])
    assert [(found.reason.code, found.path, found.source) for found in result.malformed] == [(code, path, "file")]


def test_a_file_that_could_not_be_opened_is_malformed() -> None:
    result = import_policies([SourceFile(name="file", unreadable="Permission denied")])
    assert [(found.source, found.reason.code) for found in result.malformed] == [("file", "notReadable")]
    assert dict(result.malformed[0].reason.parameters) == {"why": "Permission denied"}


def test_an_export_that_is_kept_as_a_whole_and_one_by_one_counts_once() -> None:
    whole = SourceFile(name="all", content=json.dumps({"value": [graph("a"), graph("b")]}).encode())
    alone = SourceFile(name="one", content=json.dumps(graph("b") | {"modifiedDateTime": "2026-01-01"}).encode())
    result = import_policies([whole, alone])
    assert (result.malformed, [found.policy.display_name for found in result.policies]) == ((), ["a", "b"])
    assert [(found.source, found.name) for found in result.repeated] == [("one", "b")]


def test_what_was_exported_in_part_is_read_as_far_as_it_is_there() -> None:
    content = json.dumps({"value": [graph()], "@odata.nextLink": "https://graph.microsoft.com/…"}).encode()
    result = import_policies([SourceFile(name="file", content=content)])
    assert len(result.policies) == 1
    assert [found.reason.code for found in result.malformed] == ["moreToCome"]


def test_of_a_batch_what_was_refused_is_said_to_be_missing() -> None:
    """Graph answers a batch with 200 where one of its requests was refused: that one may have listed what blocks."""
    answers = [
        {"id": "1", "status": 200, "body": graph()},
        {"id": "2", "status": 429, "body": {"error": {"code": "TooManyRequests", "message": "Too many requests."}}},
    ]
    result = import_policies([SourceFile(name="file", content=json.dumps({"responses": answers}).encode())])
    assert len(result.policies) == 1
    assert [(found.reason.code, dict(found.reason.parameters)) for found in result.malformed] == [
        ("errorInstead", {"error": "TooManyRequests"})
    ]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(["All", "mfa", "enabled"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(
            ["id", "displayName", "state", "conditions", "users", "includeUsers", "applications", "grantControls",
             "operator", "builtInControls", "authenticationStrength", "allowedCombinations", "sessionControls",
             "signInFrequency", "value", "platforms", "locations", "ipRanges", "clientAppTypes", "assay", "limits"]
        ),
        inner,
        max_size=6,
    ),
    max_leaves=25,
)  # fmt: skip


@given(json_values | st.binary(max_size=60))
def test_no_file_raises(value: object) -> None:
    content = value if isinstance(value, bytes) else json.dumps(value).encode()
    compile_policies(import_policies([SourceFile(name="file", content=content)]).policy_set)


@given(json_values, st.sampled_from(["conditions", "grantControls", "sessionControls", "users", "platforms"]))
def test_no_part_of_a_policy_raises(value: object, part: str) -> None:
    parts = {part: value} if part in ("grantControls", "sessionControls") else {"conditions": {part: value}}
    base = graph()
    if part == "conditions":
        base[part] = value
    else:
        base = graph(**parts)
    compile_policies(load(base).policy_set)


def test_the_hash_names_the_content() -> None:
    one, two = graph("one", grantControls=MFA), graph("two", grantControls=BLOCK)
    forth, back = load(one, two).policy_set, load(two, one).policy_set
    assert policy_set_hash(forth) == policy_set_hash(back)
    assert policy_set_hash(forth) == "d52e866b3bb227378afd008adb2717363a7b7207f2935c02287f18b4bd263baa"
    assert policy_set_hash(load(one, two | {"state": "disabled"}).policy_set) != policy_set_hash(forth)


def test_a_key_that_stood_with_null_before_is_not_there_twice() -> None:
    assert read_json(b'{"a": null, "a": null, "a": 1, "b": null, "b": null}') == {"a": 1, "b": None}


def test_a_file_has_ten_thousand_objects_and_no_more() -> None:
    for count, code in ((10_000, "required"), (10_001, "tooManyObjects")):
        content = b"[" + b",".join([b'{"ipRanges":[]}'] * count) + b"]"
        found = import_policies([SourceFile(name="many", content=content)])
        assert found.malformed[0].reason.code == code


def test_what_is_no_country_is_shown_as_far_as_it_can_be_read() -> None:
    odd = {"displayName": "Odd", "countriesAndRegions": ["NO", "Norway" * 10]}
    (error,) = load(odd).malformed
    assert (error.path, error.reason.code) == ("countriesAndRegions", "notACountry")
    assert dict(error.reason.parameters)["value"] == ("Norway" * 10)[:40]

"""Sign-ins in documents: the examples come out as they say, the schema holds what is read, errors have their place."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jsonschema_rs
import pytest

from assay.policy.enforcement import PROMPTS, SessionControl
from assay.policy.graph_json import Json, JsonObject, MalformedError
from assay.policy.importers import SourceFile
from assay.policy.importers.source import read_json
from assay.policy.offline import (
    Account,
    GivenSet,
    account,
    read_directory_file,
    read_set,
    read_sign_in,
    schema_text,
)
from assay.policy.request import ClientApp, GuestType, InsiderRiskLevel, Method, Platform, RiskLevel, UserKind

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples" / "decide"
SIGN_INS = sorted((EXAMPLES / "sign-ins").glob("*.json"))
SCHEMA = json.loads(schema_text())
MINIMAL: JsonObject = {"signInIdentity": {"userId": "ada"}, "signInContext": {"includeApplications": ["wiki"]}}


def given(directory: Path, **mapping: str) -> GivenSet:
    files = [SourceFile(name=path.name, content=path.read_bytes()) for path in sorted(directory.rglob("*.json"))]
    return read_set(files, mapping)


@pytest.fixture(scope="module")
def example_set() -> GivenSet:
    found = given(EXAMPLES / "set")
    assert found.problems == ()
    return found


@pytest.fixture(scope="module")
def answers(example_set: GivenSet) -> dict[str, Account]:
    directory = read_directory_file(read_json((EXAMPLES / "directory.json").read_bytes()))
    return {
        path.stem: account(
            example_set,
            read_sign_in(read_json(path.read_bytes()), directory=directory),
            lambda reason: reason.code,
            applied_only=False,
        )
        for path in SIGN_INS
    }


@pytest.mark.parametrize("path", SIGN_INS, ids=lambda path: path.stem)
def test_an_example_comes_out_as_it_says(path: Path, answers: dict[str, Account]) -> None:
    document = json.loads(path.read_bytes())
    assert set(document["expected"]) >= {"decision", "appliedPolicies"}
    assert answers[path.stem].as_expected is True, answers[path.stem].differs
    jsonschema_rs.validate(SCHEMA, document)


def test_every_condition_and_control_has_an_example(example_set: GivenSet, answers: dict[str, Account]) -> None:
    conditions, controls, session = set(), set(), set()
    for policy in example_set.compiled.policies:
        session |= policy.session_controls
        controls |= {each.control for group in policy.groups for each in group}
    for answer in answers.values():
        for each in answer.applied_conditional_access_policies:
            if each.result in ("success", "failure"):
                conditions |= set(each.conditions_satisfied.split(","))
    assert conditions == {str(each.name) for each in example_set.compiled.conditions} | {"users", "servicePrincipals"}
    assert {*PROMPTS} - controls == {"signInFrequency"}
    assert set(SessionControl) - session == {
        "networkAccessSecurity",
        "globalSecureAccessFilteringProfile",
        "limits",  # ours
    }


def test_the_lines_are_the_same_documents() -> None:
    lines = (EXAMPLES / "sign-ins.ndjson").read_text().splitlines()
    documents = [json.loads(path.read_bytes()) for path in SIGN_INS]
    assert sorted(map(str, map(json.loads, lines))) == sorted(map(str, documents))


def test_the_schema_is_the_one_of_the_documents() -> None:
    assert (ROOT / "docs" / "sign-in.schema.json").read_text() == schema_text()
    directory = json.loads((EXAMPLES / "directory.json").read_bytes())
    jsonschema_rs.validate(SCHEMA, {**MINIMAL, "directory": directory})


@pytest.mark.parametrize(
    ("path", "words"),
    [
        (("signInConditions", "clientAppType"), ["all", *ClientApp]),
        (("signInConditions", "devicePlatform"), ["all", *Platform]),
        (("signInConditions", "signInRiskLevel"), [*RiskLevel]),
        (("signInConditions", "insiderRiskLevel"), [*InsiderRiskLevel]),
        (("signInIdentity", "externalUserType"), [*GuestType]),
    ],
)
def test_the_schema_has_the_words_that_are_read(path: tuple[str, str], words: list[str]) -> None:
    held = SCHEMA["properties"][path[0]]["properties"][path[1]]["enum"]
    assert sorted(held) == sorted(words)


def _objects(schema: dict[str, object], path: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], list[str]]]:
    """Every object of the schema that has keys, by the keys that lead to it; an element of a list is `[]`."""
    found = []
    for alternative in schema.get("anyOf", [schema]):  # type: ignore[attr-defined]  # JSON
        properties = alternative.get("properties")
        if properties:
            found.append((path, sorted(properties)))
            for key, inner in properties.items():
                found += _objects(inner, (*path, key))
        if isinstance(alternative.get("items"), dict):
            found += _objects(alternative["items"], (*path, "[]"))
    return found


def _at(path: tuple[str, ...], value: Json) -> Json:
    """A document that holds the value at the path."""
    for key in reversed(path):
        value = [value] if key == "[]" else {key: value}
    return value


OBJECTS = _objects(SCHEMA)


@pytest.mark.parametrize(("path", "keys"), OBJECTS, ids=lambda value: ".".join(value)[:60])
def test_an_unknown_key_is_an_error_and_every_key_of_the_schema_is_known(
    path: tuple[str, ...], keys: list[str]
) -> None:
    for key in (*keys, "noSuchKey"):
        # A list of lists is right nowhere: whoever knows the key complains about it, or looks past it.
        document = _at(path, {"id": "x", "appId": "x", "method": "sms", "principalId": "x", "roleDefinitionId": "x"})
        held = document
        for step in path:
            held = held[0] if step == "[]" else held[step]  # type: ignore[index, call-overload]  # made above
        for name in [name for name in held if name not in keys]:
            del held[name]
        held[key] = [[]]  # type: ignore[index, call-overload]
        unknown = _unknown_key({**MINIMAL, **document})  # type: ignore[dict-item]  # made above
        assert unknown == (".".join((*path, key)).replace(".[]", "[0]") if key == "noSuchKey" else None)


def _unknown_key(document: Json) -> str | None:
    """Where the reader finds a key that it does not know."""
    try:
        read_sign_in(document)
    except MalformedError as error:
        return error.path if error.reason.code == "unknownKey" else None
    return None


@pytest.mark.parametrize(
    ("document", "path", "code"),
    [
        ({}, "signInIdentity", "required"),
        ({"signInIdentity": {"userId": "a"}}, "signInContext", "required"),
        ({**MINIMAL, "signInIdentity": {}}, "signInIdentity", "oneIdentity"),
        ({**MINIMAL, "signInContext": {}}, "signInContext", "oneTarget"),
        ({**MINIMAL, "signInContext": {"includeApplications": ["a", "b"]}}, "signInContext", "oneTarget"),
        (
            {**MINIMAL, "signInConditions": {"signInRiskLevel": "hgih"}},
            "signInConditions.signInRiskLevel",
            "unknownWord",
        ),
        ({**MINIMAL, "signInConditions": {"ipAddress": "1.2.3"}}, "signInConditions.ipAddress", "notAnAddress"),
        ({**MINIMAL, "signInConditions": {"country": "Norway"}}, "signInConditions.country", "notACountry"),
        ({**MINIMAL, "at": "2026-03-02T09:00:00"}, "at", "notAnInstant"),
        (
            {**MINIMAL, "satisfied": {"authenticationMethods": ["sms", "smoke"]}},
            "satisfied.authenticationMethods[1]",
            "unknownWord",
        ),
        (
            {**MINIMAL, "satisfied": {"authenticationMethods": [{"method": "sms", "minutesAgo": -1}]}},
            "satisfied.authenticationMethods[0].minutesAgo",
            "outOfRange",
        ),
        ({**MINIMAL, "directory": {"users": [{"id": "a"}, {"id": "A"}]}}, "directory.users[1].id", "duplicateId"),
        (
            {**MINIMAL, "signInConditions": {"authenticationFlow": {"transferMethod": "pigeon"}}},
            "signInConditions.authenticationFlow.transferMethod",
            "unknownWord",
        ),
    ],
)
def test_what_is_wrong_is_said_with_its_place(document: Json, path: str, code: str) -> None:
    with pytest.raises(MalformedError) as caught:
        read_sign_in(document)
    assert (caught.value.path, caught.value.reason.code) == (path, code)


def test_words_ids_and_keys_compare_without_case() -> None:
    found = read_sign_in(
        {
            "SignInIdentity": {"USERID": "ADA", "externalUserType": "B2BCollaborationMember"},
            "signInContext": {"includeApplications": ["WIKI"], "authenticationContextValue": "C1"},
            "signInConditions": {"clientAppType": "BROWSER", "devicePlatform": "ios", "country": "no"},
            "satisfied": {"authenticationMethods": ["FIDO2"], "termsOfUse": ["RULES"]},
        }
    ).request
    assert (found.principal.id, found.principal.kind) == ("ada", UserKind.MEMBER)
    assert (found.client_app, found.platform, found.country) == (ClientApp.BROWSER, Platform.IOS, "NO")
    assert found.proofs[0].method is Method.FIDO2
    assert found.satisfied.terms_of_use == {"rules"}


def test_what_is_absent() -> None:
    found = read_sign_in(MINIMAL)
    request = found.request
    assert (request.client_app, request.platform, request.address, request.country) == (None, None, None, None)
    assert request.sign_in_risk is RiskLevel.NONE
    assert request.device is None
    assert request.assigned is None
    assert len(found.notes) == 5  # the person, the client, the platform, the device, the place


def test_a_country_is_not_guessed_from_an_address() -> None:
    found = read_sign_in({**MINIMAL, "signInConditions": {"ipAddress": "198.51.100.7"}})
    assert found.request.country == ""
    assert any("country is not given" in note for note in found.notes)


def test_the_time_is_the_given_one_or_the_latest_of_a_method() -> None:
    at, before = "2026-03-02T09:00:00Z", "2026-03-02T08:00:00+00:00"
    methods: Json = [{"method": "password", "at": before}, {"method": "sms", "minutesAgo": 10}]
    nine = datetime(2026, 3, 2, 9, tzinfo=UTC)
    explicit = read_sign_in({**MINIMAL, "at": at, "satisfied": {"authenticationMethods": methods}}).request
    assert (explicit.at, explicit.proofs[1].at) == (nine, nine - timedelta(minutes=10))
    implied = read_sign_in({**MINIMAL, "satisfied": {"authenticationMethods": methods}}).request
    assert implied.at == nine - timedelta(hours=1)


def decided(content: Json, *more: SourceFile, document: JsonObject = MINIMAL, **mapping: str) -> Account:
    files = [SourceFile(name="set.json", content=json.dumps(content).encode()), *more]
    return account(read_set(files, mapping), read_sign_in(document), lambda reason: reason.code, applied_only=False)


def policy(**conditions: Json) -> JsonObject:
    return {
        "id": "p",
        "displayName": "P",
        "state": "enabled",
        "conditions": {
            "users": {"includeUsers": ["All"]},
            "applications": {"includeApplications": ["All"]},
            **conditions,
        },
        "grantControls": {"operator": "OR", "builtInControls": ["mfa"]},
    }


def test_a_file_that_cannot_be_read_lets_nobody_in() -> None:
    found = decided(policy(), SourceFile(name="broken.json", content=b"{"))
    assert (found.decision, found.conditional_access_status) == ("blocked", "failure")
    assert [(each.kind, each.source) for each in found.set_problems] == [("unreadable", "broken.json")]
    assert [reason.code for reason in found.reasons] == ["policySetCannotBeRead"]


def test_a_location_that_is_not_in_the_set_restricts() -> None:
    elsewhere = policy(locations={"includeLocations": ["nowhere"]})
    found = decided(elsewhere)
    assert found.decision == "blocked"
    assert [(each.kind, each.detail) for each in found.set_problems] == [("unknownLocation", "nowhere")]
    assert [each.result for each in found.applied_conditional_access_policies] == ["unknown"]


def test_a_strength_that_is_not_in_the_set_restricts() -> None:
    unknown = {**policy(), "grantControls": {"operator": "OR", "authenticationStrength": {"id": "lost"}}}
    found = decided(unknown)
    assert found.decision == "blocked"
    assert [each.kind for each in found.set_problems] == ["notDecided"]


def test_a_name_of_a_location_that_holds_a_dot_is_said_once() -> None:
    found = decided(policy(locations={"includeLocations": ["office.v2"]}))
    assert [each.kind for each in found.set_problems] == ["unknownLocation"]


OSLO: JsonObject = {"id": "4f", "displayName": "Oslo", "ipRanges": [{"cidrAddress": "192.0.2.0/24"}], "isTrusted": True}


def test_a_location_by_its_name_is_that_location() -> None:
    """As in templates; a name that two locations have means neither."""
    outside = policy(locations={"includeLocations": ["All"], "excludeLocations": ["OSLO"]})
    document: JsonObject = {**MINIMAL, "signInConditions": {"ipAddress": "192.0.2.7"}}
    found = decided([outside, OSLO], document=document)
    assert (found.decision, found.set_problems) == ("granted", ())
    twice = decided([outside, OSLO, {**OSLO, "id": "50"}], document=document)
    assert (twice.decision, [each.kind for each in twice.set_problems]) == ("blocked", ["unknownLocation"])
    mapped = policy(locations={"includeLocations": ["All"], "excludeLocations": ["{{Office}}"]})
    assert decided([mapped, OSLO], document=document, **{"{{Office}}": "Oslo"}).decision == "granted"


def test_the_compliant_network_has_one_id_everywhere() -> None:
    """Packs name it without holding it."""
    tunnel = "3d46dbda-8382-466a-856d-eb00cbc6b910"
    outside = policy(locations={"includeLocations": ["All"], "excludeLocations": [tunnel]})
    found = decided(outside, document={**MINIMAL, "signInConditions": {"compliantNetwork": True}})
    assert (found.decision, found.set_problems) == ("granted", ())
    assert decided(outside, document={**MINIMAL, "signInConditions": {"country": "NO"}}).decision == "interrupted"


def test_a_file_that_holds_nothing_is_named_and_restricts_nothing() -> None:
    groups = SourceFile(name="groups.json", content=b'[{"id": "g", "displayName": "Group"}]')
    found = decided(policy(users={"includeUsers": ["None"]}), groups)
    assert found.decision == "granted"
    assert [(each.kind, each.source) for each in found.set_problems] == [("ignored", "groups.json")]


def test_a_list_that_was_exported_in_part_lets_nobody_in() -> None:
    found = decided({"value": [policy(users={"includeUsers": ["None"]})], "@odata.nextLink": "https://graph/next"})
    assert found.decision == "blocked"
    assert [(each.kind, each.detail) for each in found.set_problems] == [
        ("unreadable", "moreToCome (next https://graph/next)")
    ]


def test_a_placeholder_is_mapped() -> None:
    excluded = policy(users={"includeUsers": ["All"], "excludeGroups": ["<ExclusionGroup>"]})
    document: JsonObject = {**MINIMAL, "directory": {"users": [{"id": "ada", "memberOf": ["Outside"]}]}}
    assert decided(excluded, document=document).decision == "interrupted"
    assert decided(excluded, document=document, **{"<exclusiongroup>": "OUTSIDE"}).decision == "granted"


def test_what_differs_from_what_is_expected_is_said() -> None:
    found = decided(policy(), document={**MINIMAL, "expected": {"decision": "granted", "appliedPolicies": []}})
    assert found.as_expected is False
    assert found.differs == (
        "decision: expected granted, it is interrupted",
        "appliedPolicies: P applies, and is not expected to",
    )

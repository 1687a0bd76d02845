"""What a document's directory, conditions and answer mean, row by row, and what is assumed where it says nothing."""

import json
from datetime import UTC, datetime
from typing import Final

import msgspec
import pytest
from msgspec import UNSET

from assay.policy.graph_json import Json, JsonObject, MalformedError
from assay.policy.importers import SourceFile
from assay.policy.offline import Account, GivenSet, account, analysis, read_set, read_sign_in
from assay.policy.request import GuestType, UserAction, UserActionTarget, UserKind
from tests.policy.test_sign_in_document import MINIMAL, OSLO, policy

KEY, CARD = "2fc0579f-8113-47ea-b116-bb5a8db9202a", "0A" * 20


def signing_in(**parts: Json) -> JsonObject:
    return {**MINIMAL, **parts}


def from_directory(user: JsonObject | None = None, **more: Json) -> JsonObject:
    users: Json = [] if user is None else [{"id": "ada", **user}]
    return signing_in(directory={"users": users, **more})


def given(*content: Json) -> GivenSet:
    return read_set([SourceFile(name="set.json", content=json.dumps([*content]).encode())], {})


def asked(found: GivenSet, document: JsonObject = MINIMAL, **how: bool) -> Account:
    return account(found, read_sign_in(document), lambda reason: reason.code, applied_only=False, **how)


GROUPS: Final[tuple[tuple[JsonObject, set[str]], ...]] = (
    ({"groups": [{"id": "g", "members": ["ada"]}]}, {"g"}),
    ({"groups": [{"id": "g", "displayName": "Staff", "members": ["ada"]}]}, {"g", "staff"}),
    ({"groups": [{"id": "g", "members": ["ada"], "memberOf": ["h"]}, {"id": "h", "memberOf": ["g"]}]}, {"g", "h"}),
    # A name that two groups have, or that is another's id, means neither.
    (
        {"groups": [{"id": "g", "displayName": "x", "members": ["ada"]}, {"id": "h", "displayName": "X"}]},
        {"g"},
    ),
    ({"groups": [{"id": "g", "displayName": "h", "members": ["ada"]}, {"id": "h"}]}, {"g"}),
    ({"groups": [{"id": "g", "displayName": "", "members": ["bob"]}]}, set()),
)


@pytest.mark.parametrize(("directory", "groups"), GROUPS)
def test_in_which_groups_somebody_is(directory: JsonObject, groups: set[str]) -> None:
    assert read_sign_in(from_directory({}, **directory)).request.principal.groups == groups


def test_names_of_people_and_apps_mean_them_while_nobody_shares_them() -> None:
    called = {"displayName": "Ada", "userPrincipalName": "ada@example.org"}
    found = read_sign_in(from_directory({**called}, applications=[{"appId": "wiki", "displayName": "The Wiki"}]))
    assert found.request.principal.names == ("ada@example.org",)  # her name is her id already
    assert found.request.target.groups == {"the wiki"}  # type: ignore[union-attr]  # of an app
    others: Json = [{"id": "ada", "displayName": "A B", **called}, {"id": "bob", "displayName": "a b"}]
    assert read_sign_in(signing_in(directory={"users": others})).request.principal.names == ("ada@example.org",)
    alone: Json = [{"id": "ada", "displayName": "A B"}]
    assert read_sign_in(signing_in(directory={"users": alone})).request.principal.names == ("a b",)


KINDS: Final[tuple[tuple[JsonObject, JsonObject, UserKind, GuestType | None], ...]] = (
    ({}, {}, UserKind.MEMBER, None),
    ({"userType": "guest"}, {}, UserKind.GUEST, None),
    ({"userType": "guest", "externalUserType": "internalGuest"}, {}, UserKind.GUEST, GuestType.INTERNAL_GUEST),
    ({"homeTenantId": "t"}, {}, UserKind.MEMBER, GuestType.B2B_COLLABORATION_MEMBER),
    (
        {"userType": "guest", "homeTenantId": "t"},
        {},
        UserKind.GUEST,
        GuestType.B2B_COLLABORATION_GUEST,
    ),
    ({}, {"externalTenantId": "t"}, UserKind.MEMBER, GuestType.B2B_COLLABORATION_MEMBER),
    ({}, {"externalUserType": "serviceProvider"}, UserKind.GUEST, GuestType.SERVICE_PROVIDER),
    (
        {"externalUserType": "internalGuest"},
        {"externalUserType": "b2bCollaborationMember"},
        UserKind.MEMBER,
        GuestType.B2B_COLLABORATION_MEMBER,
    ),
)


@pytest.mark.parametrize(("user", "said", "kind", "guest_type"), KINDS)
def test_what_sort_of_person_it_is(
    user: JsonObject, said: JsonObject, kind: UserKind, guest_type: GuestType | None
) -> None:
    found = read_sign_in(
        {**from_directory({"userType": "member", **user}), "signInIdentity": {"userId": "ada", **said}}
    )
    assert (found.request.principal.kind, found.request.principal.guest_type) == (kind, guest_type)
    assert not any("not in the directory" in note for note in found.notes)


def test_whoever_is_not_in_the_directory_is_taken_as_somebody_plain_and_that_is_said() -> None:
    elsewhere = read_sign_in(signing_in(signInIdentity={"userId": "eve", "externalTenantId": "t"}))
    assert elsewhere.request.principal.guest_type is GuestType.B2B_COLLABORATION_GUEST
    assert any("eve is not in the directory: taken as an external user" in note for note in elsewhere.notes)
    known = read_sign_in(from_directory(None, groups=[{"id": "g", "members": ["ada"]}]))
    assert not any("not in the directory" in note for note in known.notes)
    program = read_sign_in(signing_in(signInIdentity={"servicePrincipalId": "p"}))
    assert any("service principal p is not in the directory" in note for note in program.notes)


@pytest.mark.parametrize(
    ("identity", "code"),
    [
        ({"userId": "a", "servicePrincipalId": "p"}, "oneIdentity"),
        ({"servicePrincipalId": "p", "externalTenantId": "t"}, "workloadIsNoGuest"),
        ({"servicePrincipalId": "p", "externalUserType": "internalGuest"}, "workloadIsNoGuest"),
    ],
)
def test_one_identity_and_no_program_is_a_guest(identity: JsonObject, code: str) -> None:
    with pytest.raises(MalformedError) as caught:
        read_sign_in(signing_in(signInIdentity=identity))
    assert caught.value.reason.code == code


NOTES: Final = ("clientAppType", "devicePlatform", "deviceInfo", "neither", "country")


@pytest.mark.parametrize(
    ("conditions", "assumed"),
    [
        ({}, ("clientAppType", "devicePlatform", "deviceInfo", "neither")),
        ({"clientAppType": "browser", "devicePlatform": "iOS"}, ("deviceInfo", "neither")),
        ({"deviceInfo": {"isManaged": True}, "ipAddress": "192.0.2.7"}, ("clientAppType", "devicePlatform", "country")),
        ({"country": "NO"}, ("clientAppType", "devicePlatform", "deviceInfo")),
        ({"gpsCountry": "NO"}, ("clientAppType", "devicePlatform", "deviceInfo")),
        ({"ipAddress": "192.0.2.7", "country": "NO"}, ("clientAppType", "devicePlatform", "deviceInfo")),
    ],
)
def test_what_is_assumed_is_said(conditions: JsonObject, assumed: tuple[str, ...]) -> None:
    found = read_sign_in(signing_in(signInConditions=conditions, directory={"users": [{"id": "ada"}]}))
    assert tuple(note.split()[0] for note in found.notes) == assumed
    assert found.request.compliant_network is False


@pytest.mark.parametrize(
    ("written", "instant"),
    [
        ("2026-03-02T10:00:00+01:00", datetime(2026, 3, 2, 9, tzinfo=UTC)),
        ("1900-01-01T00:00:00Z", datetime(1900, 1, 1, tzinfo=UTC)),
        ("9000-12-31T00:00:00Z", datetime(9000, 12, 31, tzinfo=UTC)),
        ("1899-12-31T00:00:00Z", None),
        ("9001-01-01T00:00:00Z", None),
        ("2026-03-02T10:00:00", None),
        ("noon", None),
    ],
)
def test_an_instant_has_its_offset_and_a_year_that_can_be_reckoned_with(written: str, instant: datetime | None) -> None:
    if instant is not None:
        assert read_sign_in(signing_in(at=written)).request.at == instant
        return
    with pytest.raises(MalformedError, match="notAnInstant"):
        read_sign_in(signing_in(at=written))


def test_an_analysis_has_the_problems_of_the_set_unless_they_were_told_before() -> None:
    nowhere = given(policy(locations={"includeLocations": ["nowhere"]}))
    sign_in = read_sign_in(MINIMAL)
    assert [each.kind for each in analysis(nowhere, sign_in).set_problems] == ["unknownLocation"]
    assert analysis(nowhere, sign_in, problems=False).set_problems == ()
    assert analysis(nowhere, sign_in).notes == sign_in.notes
    (row,) = analysis(given(policy()), sign_in).value
    assert (row["id"], row["policyApplies"], row["analysisReasons"]) == ("p", True, "notSet")


STRENGTH: Final[JsonObject] = {
    "id": "ours",
    "displayName": "Our keys",
    "policyType": "custom",
    "allowedCombinations": ["fido2", "x509CertificateMultiFactor"],
    "combinationConfigurations": [
        {
            "@odata.type": "#microsoft.graph.fido2CombinationConfiguration",
            "allowedAAGUIDs": [KEY],
            "appliesToCombinations": ["fido2"],
        },
        {
            "@odata.type": "#microsoft.graph.x509CertificateCombinationConfiguration",
            "allowedIssuerSkis": [CARD],
            "allowedPolicyOIDs": ["1.2"],
            "appliesToCombinations": ["x509CertificateMultiFactor"],
        },
    ],
}
OURS: Final[JsonObject] = {
    **policy(),
    "grantControls": {"operator": "OR", "authenticationStrength": {"id": "ours"}, "builtInControls": []},
}


def test_a_strength_is_called_by_its_name_and_a_key_of_it_is_a_way_in() -> None:
    found = asked(given(OURS, STRENGTH), way_in=True)
    (demand,) = found.ask_for
    assert [(each.control, each.subject, each.display_name) for each in demand.any_of] == [
        ("authenticationStrength", "ours", "Our keys")
    ]
    (applied,) = found.applied_conditional_access_policies
    assert applied.authentication_strength.display_name == "Our keys"  # type: ignore[union-attr]  # there is one
    (change,) = found.way_in.changes  # type: ignore[union-attr, misc]  # there is one
    assert (change.change, change.subject) == ("useMethod", f"fido2 {KEY}")


def test_a_certificate_of_the_issuer_is_a_way_in() -> None:
    cards = {**STRENGTH, "allowedCombinations": ["x509CertificateMultiFactor"]}
    found = asked(given(OURS, cards), way_in=True)
    (change,) = found.way_in.changes  # type: ignore[union-attr, misc]  # there is one
    assert change.subject.casefold() == f"x509CertificateMultiFactor {CARD} 1.2".casefold()


def test_a_certificate_by_its_policy_alone_is_a_way_in() -> None:
    limits: Json = [
        {
            "@odata.type": "#microsoft.graph.x509CertificateCombinationConfiguration",
            "allowedPolicyOIDs": ["1.2"],
            "appliesToCombinations": ["x509CertificateMultiFactor"],
        }
    ]
    by_policy = {
        **STRENGTH,
        "allowedCombinations": ["x509CertificateMultiFactor"],
        "combinationConfigurations": limits,
    }
    found = asked(given(OURS, by_policy), way_in=True)
    (change,) = found.way_in.changes  # type: ignore[union-attr, misc]  # there is one
    assert change.subject == "x509CertificateMultiFactor 1.2"


def test_a_key_is_at_hand_as_one_that_verifies_its_user() -> None:
    keys = {**STRENGTH, "allowedCombinations": ["fido2"], "combinationConfigurations": []}
    (change,) = asked(given(OURS, keys), way_in=True).way_in.changes  # type: ignore[union-attr, misc]  # there is one
    assert change.subject == "fido2"


@pytest.mark.parametrize("written", ["urn:user:registerdevice", "URN:user:registerDevice", "registerOrJoinDevices"])
def test_a_user_action_by_its_urn_or_its_name(written: str) -> None:
    context: Json = {"userAction": written}
    target = read_sign_in(signing_in(signInContext=context)).request.target
    assert target == UserActionTarget(action=UserAction.REGISTER_DEVICE)


def test_a_place_is_called_by_its_name_and_a_program_has_no_way_in() -> None:
    outside = policy(locations={"includeLocations": ["All"], "excludeLocations": ["4f"]})
    blocking: JsonObject = {**outside, "grantControls": {"operator": "OR", "builtInControls": ["block"]}}
    elsewhere = signing_in(signInConditions={"ipAddress": "203.0.113.7"})
    found = asked(given(blocking, OSLO), elsewhere, way_in=True)
    assert [(each.change, each.subject) for each in found.way_in.changes] == [("otherPlace", "Oslo")]  # type: ignore[union-attr]
    assert asked(given(blocking, OSLO), elsewhere).way_in is not None  # nobody asked
    program: JsonObject = {
        **policy(
            users={"includeUsers": ["None"]},
            clientApplications={"includeServicePrincipals": ["ServicePrincipalsInMyTenant"]},
        ),
        "grantControls": {"operator": "OR", "builtInControls": ["block"]},
    }
    refused = asked(given(program), signing_in(signInIdentity={"servicePrincipalId": "p"}), way_in=True)
    assert (refused.decision, refused.way_in) == ("blocked", None)


@pytest.mark.parametrize("method", ["federatedMultiFactor", "email"])
def test_what_nobody_can_do_here_is_no_way_in(method: str) -> None:
    combinations = {**STRENGTH, "allowedCombinations": [method], "combinationConfigurations": []}
    found = asked(given(OURS, combinations), way_in=True)
    assert found.way_in.changes is None  # type: ignore[union-attr]  # there is one


def test_only_what_is_expected_is_held_against_the_answer() -> None:
    for expected in ({"appliedPolicies": ["P"]}, {"decision": "interrupted"}, {"askFor": ["mfa"]}):
        assert asked(given(policy()), signing_in(expected=expected)).as_expected is True
    # That nothing is asked for, and that no policy applies, is expected as well: a pipeline would be green without.
    asking_nothing = asked(given(policy()), signing_in(expected={"askFor": []}))
    assert asking_nothing.differs == ("askFor: expected nothing, it is mfa",)
    no_policy = asked(given(policy()), signing_in(expected={"appliedPolicies": []}))
    assert no_policy.differs == ("appliedPolicies: P applies, and is not expected to",)
    assert asked(given(policy()), signing_in(expected={})).as_expected is UNSET


def test_an_analysis_tells_of_all_policies_or_of_those_that_apply() -> None:
    nobody = policy(users={"includeUsers": ["None"]}) | {"id": "q"}
    both = given(policy(), nobody)
    for only, ids in ((False, ["p", "q"]), (True, ["p"])):
        found = analysis(both, read_sign_in(signing_in(appliedPoliciesOnly=only)))
        assert [row["id"] for row in found.value] == ids


def test_the_compliant_network_is_known_where_one_of_several_policies_names_it() -> None:
    tunnel = "3d46dbda-8382-466a-856d-eb00cbc6b910"
    outside = policy(locations={"includeLocations": ["All"], "excludeLocations": [tunnel]})
    found = asked(given(outside, policy(users={"includeUsers": ["None"]}) | {"id": "q"}))
    assert (found.decision, found.set_problems) == ("interrupted", ())


def test_of_the_session_controls_those_are_told_that_are_there() -> None:
    assert msgspec.json.decode(msgspec.json.encode(asked(given(policy())).session_controls)) == {}
    kept: JsonObject = {
        "applicationEnforcedRestrictions": {"isEnabled": True},
        "cloudAppSecurity": {"isEnabled": True, "cloudAppSecurityType": "monitorOnly"},
        "signInFrequency": {"isEnabled": True, "value": 1, "type": "hours", "frequencyInterval": "timeBased"},
        "persistentBrowser": {"isEnabled": True, "mode": "never"},
        "disableResilienceDefaults": True,
        "secureSignInSession": {"isEnabled": True},
    }
    found = asked(given({**policy(), "sessionControls": kept})).session_controls
    assert msgspec.json.decode(msgspec.json.encode(found)) == {
        "signInFrequencyMinutes": 60,
        "secondaryAuthenticationMinutes": 60,
        "persistentBrowser": "never",
        "applicationEnforcedRestrictions": True,
        "cloudAppSecurity": "monitorOnly",
        "disableResilienceDefaults": True,
        "secureSignInSession": True,
    }


def test_what_was_shown_is_so_only_where_it_is_said() -> None:
    found = read_sign_in(signing_in(satisfied={"authenticationMethods": []})).request.satisfied
    assert (found.approved_application, found.compliant_application, found.token_protection) == (False, False, None)
    assert (found.password_change, found.risk_remediation, found.terms_of_use) == (None, None, frozenset())
    ten_years = 60 * 24 * 366 * 10
    for minutes, well in ((ten_years, True), (ten_years + 1, False)):
        methods: Json = [{"method": "sms", "minutesAgo": minutes}]
        document = signing_in(satisfied={"authenticationMethods": methods})
        if well:
            assert len(read_sign_in(document).request.proofs) == 1
            continue
        with pytest.raises(MalformedError, match="outOfRange"):
            read_sign_in(document)

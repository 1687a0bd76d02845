"""What differs between two policies: every part that may, in words, with the order of lists saying nothing."""

import pytest

from assay.policy import ConditionalAccessPolicy
from assay.policy.differences import differences
from assay.policy.graph_json import Json, Node
from assay.policy.importers.policies import read_policy
from assay.policy.sentence import Named

BODY: dict[str, Json] = {
    "id": "a",
    "displayName": "One",
    "state": "enabled",
    "conditions": {
        "users": {"includeUsers": ["All"]},
        "applications": {"includeApplications": ["All"]},
        "clientAppTypes": ["all"],
    },
    "grantControls": {"operator": "OR", "builtInControls": ["mfa"]},
}
GROUP = "7d7a0000-0000-4000-8000-000000000001"


def read(**more: Json) -> ConditionalAccessPolicy:
    conditions = {**BODY["conditions"], **more.pop("conditions", {})}  # type: ignore[dict-item]  # both are objects
    return read_policy(Node({**BODY, **more, "conditions": conditions}, (), []))[0]


def named(kind: Named, text: str) -> str:
    return f"the {kind.value}"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"state": "disabled"}, ("state", "on", "off", (), ())),
        ({"displayName": "Two"}, ("name", "One", "Two", (), ())),
        ({"description": "why"}, ("description", None, "why", (), ())),
        (
            {"conditions": {"users": {"includeUsers": ["All"], "excludeGroups": [GROUP]}}},
            ("groups excluded", None, None, ("the group",), ()),
        ),
        (
            {"conditions": {"platforms": {"includePlatforms": ["iOS"]}}},
            ("platforms included", None, None, ("iOS",), ()),
        ),
        ({"conditions": {"signInRiskLevels": ["high", "low"]}}, ("sign-in risk", None, None, ("high", "low"), ())),
        (
            {"conditions": {"authenticationFlows": {"transferMethods": "deviceCodeFlow"}}},
            ("authentication flows", None, "deviceCodeFlow", (), ()),
        ),
        (
            {"grantControls": {"operator": "OR", "builtInControls": ["block"]}},
            ("controls demanded", None, None, ("block",), ("mfa",)),
        ),
        (
            {"sessionControls": {"persistentBrowser": {"isEnabled": True, "mode": "never"}}},
            ("sessionControls.persistentBrowser.mode", None, "never", (), ()),
        ),
    ],
)
def test_each_part_that_differs_is_said(more: dict[str, Json], said: tuple[object, ...]) -> None:
    found = differences(read(), read(**more), named)
    assert said in [(each.what, each.before, each.after, each.added, each.removed) for each in found]
    assert {each.what.partition(".")[0] for each in found} == {str(said[0]).partition(".")[0]}
    back = differences(read(**more), read(), named)
    assert [each.path for each in back] == [each.path for each in found]
    assert [(each.added, each.before) for each in back] == [(each.removed, each.after) for each in found]


def test_the_order_of_a_list_and_what_is_not_configured_say_nothing() -> None:
    one = read(conditions={"userRiskLevels": ["high", "low"], "locations": None})
    other = read(conditions={"userRiskLevels": ["low", "high"]}, id="b", grantControls=BODY["grantControls"])
    assert differences(one, other, named) == ()


ID = "7d7a0000-0000-4000-8000-00000000000"
PEOPLE = {"includeUsers": [f"{ID}1"], "excludeUsers": [f"{ID}2"], "includeGroups": [f"{ID}3"]}
PEOPLE |= {"excludeGroups": [f"{ID}4"], "includeRoles": [f"{ID}5"], "excludeRoles": [f"{ID}6"]}
EXTERNAL = {"membershipKind": "enumerated", "members": [f"{ID}7"]}
GUESTS = {"guestOrExternalUserTypes": "internalGuest", "externalTenants": EXTERNAL}
FILTER = {"mode": "include", "rule": 'CustomSecurityAttribute.A_B -eq "x"'}
PLACES = {"includeLocations": [f"{ID}8"], "excludeLocations": [f"{ID}9"]}
# A policy that says all that policies say, and each part of it in words, in the order in which people read them.
WHOLE: dict[str, Json] = {
    "displayName": "Two",
    "description": "why",
    "templateId": ID + "a",
    "conditions": {
        "users": {**PEOPLE, "includeGuestsOrExternalUsers": GUESTS, "excludeGuestsOrExternalUsers": GUESTS},
        "applications": {
            "includeApplications": [f"{ID}b"],
            "excludeApplications": [f"{ID}c"],
            "applicationFilter": FILTER,
        },
        "clientAppTypes": ["browser"],
        "platforms": {"includePlatforms": ["iOS"], "excludePlatforms": ["linux"]},
        "locations": PLACES,
        "devices": {"deviceFilter": {"mode": "include", "rule": 'device.model -eq "x"'}},
        "signInRiskLevels": ["low"],
        "userRiskLevels": ["high"],
        "servicePrincipalRiskLevels": ["medium"],
        "insiderRiskLevels": "minor",
        "authenticationFlows": {"transferMethods": "deviceCodeFlow"},
    },
    "grantControls": {
        "operator": "AND",
        "builtInControls": ["compliantDevice"],
        "termsOfUse": [f"{ID}d"],
        "customAuthenticationFactors": [f"{ID}e"],
        "authenticationStrength": {"id": f"{ID}f"},
    },
}
SAID = [
    ("displayName", "name", None),
    ("description", "description", None),
    ("state", "state", None),
    ("templateId", "template", None),
    ("conditions.users.includeUsers", "people included", "user"),
    ("conditions.users.includeGroups", "groups included", "group"),
    ("conditions.users.includeRoles", "roles included", "role"),
    ("conditions.users.excludeUsers", "people excluded", "user"),
    ("conditions.users.excludeGroups", "groups excluded", "group"),
    ("conditions.users.excludeRoles", "roles excluded", "role"),
    ("conditions.users.includeGuestsOrExternalUsers.guestOrExternalUserTypes", "guests included: types", None),
    ("conditions.users.includeGuestsOrExternalUsers.externalTenants", "guests included: organisations", None),
    ("conditions.users.excludeGuestsOrExternalUsers.guestOrExternalUserTypes", "guests excluded: types", None),
    ("conditions.users.excludeGuestsOrExternalUsers.externalTenants", "guests excluded: organisations", None),
    ("conditions.applications.includeApplications", "apps included", "app"),
    ("conditions.applications.excludeApplications", "apps excluded", "app"),
    ("conditions.applications.applicationFilter", "filter of apps", None),
    ("conditions.clientAppTypes", "client apps", None),
    ("conditions.platforms.includePlatforms", "platforms included", None),
    ("conditions.platforms.excludePlatforms", "platforms excluded", None),
    ("conditions.locations.includeLocations", "locations included", "location"),
    ("conditions.locations.excludeLocations", "locations excluded", "location"),
    ("conditions.devices.deviceFilter", "filter of devices", None),
    ("conditions.signInRiskLevels", "sign-in risk", None),
    ("conditions.userRiskLevels", "user risk", None),
    ("conditions.servicePrincipalRiskLevels", "risk of programs", None),
    ("conditions.insiderRiskLevels", "insider risk", None),
    ("conditions.authenticationFlows.transferMethods", "authentication flows", None),
    ("grantControls.operator", "how controls combine", None),
    ("grantControls.builtInControls", "controls demanded", None),
    ("grantControls.authenticationStrength.id", "strength demanded", "strength"),
    ("grantControls.termsOfUse", "terms of use demanded", None),
    ("grantControls.customAuthenticationFactors", "factors demanded", None),
]


def test_every_part_has_its_words_and_its_ids_their_names() -> None:
    nothing = read(state="disabled", grantControls=None, conditions={"users": {"includeUsers": ["None"]}})
    found = differences(nothing, read(**WHOLE), named)
    told = {each.path: each for each in found}
    assert [(each.path, each.what) for each in found if each.path in {path for path, _, _ in SAID}] == [
        (path, what) for path, what, _ in SAID if path in told
    ]
    assert [path for path, _, _ in SAID if path not in told] == []
    assert {*told} - {path for path, _, _ in SAID} <= {"conditions.devices.deviceFilter.mode"}
    for path, _, kind in SAID:
        each = told[path]
        words = each.added or (each.after,)
        assert any(str(word).startswith(("7d7a", '"7d7a')) for word in words) == (
            kind is None
            and path in ("templateId", "grantControls.termsOfUse", "grantControls.customAuthenticationFactors")
        ), (path, words)
        if kind is not None:
            assert words == (f"the {kind}",), path


def test_user_actions_and_contexts_are_parts_too() -> None:
    actions = {"applications": {"includeUserActions": ["urn:user:registerdevice"]}}
    contexts = {"applications": {"includeAuthenticationContextClassReferences": ["c1"]}}
    (apps, action) = differences(read(), read(conditions=actions), named)
    assert (apps.what, apps.removed, apps.added) == ("apps included", ("All",), ())
    assert (action.what, action.added) == ("user actions", ("urn:user:registerdevice",))
    assert [each.what for each in differences(read(), read(conditions=contexts), named)] == [
        "apps included",
        "authentication contexts",
    ]


def test_a_word_of_another_length_is_no_id() -> None:
    (one,) = differences(read(), read(conditions={"users": {"includeUsers": ["All", "<Who>"]}}), named)
    assert one.added == ("<Who>",)

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

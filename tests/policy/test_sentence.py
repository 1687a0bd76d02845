"""A policy in one sentence, and how many people it is about."""

from collections.abc import Sequence

import pytest

from assay.policy import ConditionalAccessPolicy, Principal, UserKind
from assay.policy.affected import affected_by, count_affected
from assay.policy.request import GuestType
from assay.policy.sentence import Named, sentence
from assay.values import GroupId, RoleId, UserId
from assay.values.text import translations
from tests.policy.build import graph, one

NAMES = {
    (Named.USER, "00000000-0000-4000-8000-00000000000a"): "Ada",
    (Named.GROUP, "00000000-0000-4000-8000-00000000000b"): "Writers",
    (Named.ROLE, "62e90394-69f5-4237-9190-012177145e10"): "Global Administrator",
    (Named.APP, "00000000-0000-4000-8000-00000000000d"): "Wiki",
    (Named.LOCATION, "00000000-0000-4000-8000-00000000000e"): "Office {0}",
    (Named.STRENGTH, "00000000-0000-0000-0000-000000000004"): "Phishing-resistant MFA",
}
ADA, WRITERS, OWNERS, WIKI, OFFICE, STRONG = (key for _, key in NAMES)


SIX = [f"0000000{n}-0000-4000-8000-000000000000" for n in range(6)]


def read(**parts: object) -> ConditionalAccessPolicy:
    """The policy with these parts of Graph's JSON."""
    return one(graph("P", **parts))


def name(kind: Named, wanted: str) -> str:
    return NAMES.get((kind, wanted), wanted)


def conditions(**parts: object) -> dict[str, object]:
    """Beside everybody and every app."""
    return parts


def guests(*kinds: GuestType, tenants: Sequence[str] = ()) -> dict[str, object]:
    """Graph's conditionalAccessGuestsOrExternalUsers."""
    found: dict[str, object] = {"guestOrExternalUserTypes": ",".join(kinds)}
    if not tenants:
        return found
    kind = "#microsoft.graph.conditionalAccessEnumeratedExternalTenants"
    return found | {"externalTenants": {"@odata.type": kind, "membershipKind": "enumerated", "members": list(tenants)}}


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        (read(), "For everybody, on all apps → nothing is demanded."),
        (
            read(
                conditions=conditions(
                    users={
                        "includeUsers": ["None"],
                        "includeGuestsOrExternalUsers": guests(*GuestType),
                        "excludeGuestsOrExternalUsers": guests(GuestType.SERVICE_PROVIDER, GuestType.INTERNAL_GUEST),
                    },
                ),
            ),
            "For nobody and guests except service providers and internal guests, on all apps → nothing is demanded.",
        ),
        (
            read(
                conditions=conditions(
                    users={
                        "includeGuestsOrExternalUsers": guests(GuestType.B2B_COLLABORATION_GUEST, tenants=SIX[:2]),
                    },
                    agents={"includeAgentUsers": ["All"], "excludeAgentUsers": [ADA]},
                ),
            ),
            (
                f"For B2B collaboration guests of {SIX[0]}, {SIX[1]} and all accounts of agents"
                " except the agent's account Ada, on all apps → nothing is demanded."
            ),
        ),
        (
            read(grantControls={"operator": "OR", "builtInControls": ["mfa"]}),
            "For everybody, on all apps → require multifactor authentication.",
        ),
        (
            read(
                conditions=conditions(
                    users={"includeGroups": [WRITERS], "includeRoles": [OWNERS], "excludeUsers": [ADA]},
                    applications={"includeApplications": [WIKI]},
                    locations={"includeLocations": ["All"], "excludeLocations": [OFFICE, "AllTrusted"]},
                    platforms={"includePlatforms": ["all"], "excludePlatforms": ["linux"]},
                    clientAppTypes=["exchangeActiveSync", "other"],
                ),
                grantControls={"operator": "OR", "builtInControls": ["block"]},
            ),
            (
                "For group Writers and role Global Administrator except Ada, on Wiki,"
                " Locations: all except Office {0} and trusted locations, Device platforms: all except linux,"
                " Client apps: Exchange ActiveSync and other (legacy) clients → block access."
            ),
        ),
        (
            read(
                grantControls={
                    "operator": "AND",
                    "builtInControls": ["mfa"],
                    "authenticationStrength": {"id": STRONG},
                },
                sessionControls={
                    "signInFrequency": {
                        "isEnabled": True, "value": 4, "type": "hours", "frequencyInterval": "timeBased",
                    },
                    "persistentBrowser": {"isEnabled": True, "mode": "never"},
                },
            ),
            (
                "For everybody, on all apps → require multifactor authentication and require the strength"
                " “Phishing-resistant MFA”; sign in every 4 h; never stay signed in."
            ),
        ),
        (
            read(
                conditions=conditions(
                    signInRiskLevels=["high"],
                    userRiskLevels=["low", "medium"],
                    agentIdRiskLevels="high",
                    agentContext={"includeAgentContexts": ["desk"]},
                )
            ),
            (
                "For everybody, on all apps, Sign-in risk: high, User risk: low or medium, Risk of the agent: high,"
                " Agents: desk → nothing is demanded."
            ),
        ),
        (
            read(conditions=conditions(users={"includeUsers": SIX})),
            (
                "For 00000000-0000-4000-8000-000000000000, 00000001-0000-4000-8000-000000000000,"
                " 00000002-0000-4000-8000-000000000000 and 3 more, on all apps → nothing is demanded."
            ),
        ),
        (
            read(conditions=conditions(times={"includeAllTimes": True})),
            "For everybody, on all apps → nothing is demanded. Not evaluated here: conditions.times.includeAllTimes.",
        ),
        (
            read(
                conditions=conditions(
                    users={"includeUsers": ["None"]},
                    clientApplications={"includeServicePrincipals": ["ServicePrincipalsInMyTenant"]},
                    servicePrincipalRiskLevels=["medium", "high"],
                ),
                grantControls={"operator": "OR", "builtInControls": ["block"]},
            ),
            "For all programs, on all apps, Risk of the program: medium or high → block access.",
        ),
        (
            read(
                conditions=conditions(
                    devices={"deviceFilter": {"mode": "exclude", "rule": "device.isCompliant -eq True"}},
                    authenticationFlows={"transferMethods": "deviceCodeFlow"},
                    insiderRiskLevels="moderate,elevated",
                ),
                grantControls={"operator": "AND", "builtInControls": ["compliantDevice"], "termsOfUse": ["T"]},
                sessionControls={"secureSignInSession": {"isEnabled": True}},
            ),
            (
                "For everybody, on all apps, Devices: all except those with device.isCompliant -eq True,"
                " Insider risk: moderate or elevated, Handed over by: device code → require a compliant device and"
                " require the terms of use “t”; tokens are bound to the device."
            ),
        ),
    ],
)  # fmt: skip
def test_a_policy_is_said_in_one_sentence(policy: ConditionalAccessPolicy, said: str) -> None:
    assert sentence(policy, name) == said


def test_it_is_said_in_german_too() -> None:
    policy = read(grantControls={"operator": "OR", "builtInControls": ["block"]})
    assert sentence(policy, name, translations("de").gettext) == "Für alle, bei alle Apps → Zugriff blockieren."


PEOPLE = (
    Principal(id=UserId(ADA), kind=UserKind.MEMBER, roles=frozenset({RoleId(OWNERS)})),
    Principal(id=UserId("b"), kind=UserKind.MEMBER, groups=frozenset({GroupId(WRITERS)})),
    Principal(id=UserId("c"), kind=UserKind.GUEST, groups=frozenset({GroupId(WRITERS)})),
    Principal(id=UserId("d"), kind=UserKind.MEMBER, break_glass=True),
)


@pytest.mark.parametrize(
    ("users", "count"),
    [
        ({"includeUsers": ["All"]}, 3),
        ({"includeUsers": ["None"]}, 0),
        ({"includeUsers": ["All"], "excludeRoles": [OWNERS]}, 2),
        ({"includeGroups": [WRITERS]}, 2),
        ({"includeGroups": [WRITERS], "excludeUsers": ["GuestsOrExternalUsers"]}, 1),
        ({"includeUsers": [ADA], "includeGroups": [WRITERS]}, 3),
        ({"includeUsers": ["d"]}, 0),
        ({"includeUsers": ["All"], "somethingNew": ["x"]}, None),
    ],
)
def test_how_many_people_a_policy_is_about(users: dict[str, object], count: int | None) -> None:
    asked, everybody = read(conditions=conditions(users=users), state="disabled"), read()
    assert count_affected((asked, everybody), PEOPLE) == (count, 3)
    found = affected_by(asked, PEOPLE)
    assert (None if found is None else len(found)) == count

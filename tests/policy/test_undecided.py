"""What a policy holds that this engine cannot decide is named, each part of it, and such a policy is met by nobody.

Source: policy-engine.md, "understood means decided"; reference/entra-conditional-access.md §1 for locations (D NET).
"""

import pytest

from assay.policy import Outcome, undecided_paths
from assay.policy.condition_set import Applications, ConditionSet, Locations, Users
from assay.policy.definition import (
    AuthenticationStrengthPolicy,
    ConditionalAccessPolicy,
    GrantControls,
    NamedLocation,
    PolicySet,
    PolicyState,
    Undecided,
)
from assay.policy.importers.anew import location_anew, policy_anew, strength_anew
from assay.policy.importers.export import export_policy
from assay.policy.session_controls import AuthenticationType, FrequencyInterval, FrequencyUnit
from assay.policy.session_controls import SessionControls as Session
from assay.policy.session_controls import SignInFrequency as Frequency
from assay.policy.strengths import BUILT_IN
from assay.values import LocationId, PolicyId
from tests.policy.build import MFA, PASSKEY, PASSWORD, TOTP, graph, judge, read, request

EVERYTHING = ConditionSet(users=Users(include_users=("All",)), applications=Applications(include_applications=("All",)))
ODD = Undecided(path=("newPart",), json='"x"')
ORBIT, OFFICE = (
    NamedLocation(
        id=LocationId(name), display_name=name, is_trusted=True, undecided=undecided, ranges=("192.0.2.0/24",)
    )
    for name, undecided in (("orbit", (ODD,)), ("office", ()))
)
KEYS = next(iter(BUILT_IN.values())).allowed_combinations
STRENGTHS = (
    AuthenticationStrengthPolicy(id="empty", display_name="Empty", allowed_combinations=()),
    AuthenticationStrengthPolicy(id="odd", display_name="Odd", allowed_combinations=KEYS, undecided=(ODD,)),
    AuthenticationStrengthPolicy(id="plain", display_name="Plain", allowed_combinations=KEYS),
)
HOURS, DAYS = FrequencyUnit.HOURS, FrequencyUnit.DAYS


def policy(**parts: object) -> ConditionalAccessPolicy:
    found = {"conditions": EVERYTHING} | parts
    return ConditionalAccessPolicy(id=PolicyId("p"), display_name="P", state=PolicyState.ENABLED, **found)  # type: ignore[arg-type]  # a test's parts


def at(*include: str, exclude: tuple[str, ...] = ()) -> ConditionalAccessPolicy:
    return policy(
        conditions=ConditionSet(
            users=EVERYTHING.users,
            applications=EVERYTHING.applications,
            locations=Locations(include_locations=include, exclude_locations=exclude),
        )
    )


def strong(name: str) -> ConditionalAccessPolicy:
    return policy(grant_controls=GrantControls(authentication_strength=name))


def often(**parts: object) -> ConditionalAccessPolicy:
    return policy(session_controls=Session(sign_in_frequency=Frequency(**parts)))  # type: ignore[arg-type]  # a test's parts


STRENGTH, FREQUENCY = "grantControls.authenticationStrength", "sessionControls.signInFrequency"
INCLUDED, EXCLUDED = "conditions.locations.includeLocations", "conditions.locations.excludeLocations"


@pytest.mark.parametrize(
    ("given", "named"),
    [
        (policy(), ()),
        (policy(session_controls=Session()), ()),
        (policy(grant_controls=GrantControls()), ()),
        (policy(undecided=(ODD,)), ("newPart",)),
        (at("office"), ()),
        (at("orbit"), (f"{INCLUDED}.orbit",)),
        (at("office", "orbit"), (f"{INCLUDED}.orbit",)),
        (at("AllTrusted"), (f"{INCLUDED}.AllTrusted",)),
        (at("All", exclude=("AllTrusted",)), ()),  # it excuses from fewer places, which restricts
        (at("All", exclude=("orbit",)), (f"{EXCLUDED}.orbit",)),
        (at("All", exclude=("AllTrusted", "orbit", "office")), (f"{EXCLUDED}.orbit",)),
        (strong(next(iter(BUILT_IN))), ()),
        (strong("plain"), ()),
        (strong("unknown"), (f"{STRENGTH}.unknown",)),
        (strong("empty"), (f"{STRENGTH}.empty",)),
        (strong("odd"), (f"{STRENGTH}.newPart",)),
        (often(interval=FrequencyInterval.EVERY_TIME), ()),
        (often(value=1, unit=HOURS), ()),
        (often(value=2, unit=DAYS, authentication_type=AuthenticationType.SECONDARY), ()),
        (often(), (FREQUENCY,)),
        (often(value=1), (FREQUENCY,)),
        (often(unit=HOURS), (FREQUENCY,)),
        (often(value=0, unit=HOURS), (FREQUENCY,)),
        (often(value=-1, unit=HOURS), (FREQUENCY,)),
    ],
)
def test_what_is_not_decided_is_named(given: ConditionalAccessPolicy, named: tuple[str, ...]) -> None:
    policy_set = PolicySet(policies=(given,), locations=(ORBIT, OFFICE), strengths=STRENGTHS)
    assert undecided_paths(given, policy_set) == named
    outcome = judge(policy_set, request(PASSWORD, TOTP, PASSKEY, address="192.0.2.7")).outcome
    assert outcome is (Outcome.BLOCK if named else Outcome.ALLOW)


def tenants(**said: object) -> dict[str, object]:
    guests = {"guestOrExternalUserTypes": "b2bCollaborationGuest", "externalTenants": said}
    return {"users": {"includeUsers": ["All"], "excludeGuestsOrExternalUsers": guests}}


EXCLUDED_TENANTS = "users.excludeGuestsOrExternalUsers.externalTenants"


@pytest.mark.parametrize(
    ("conditions", "path"),
    [
        # Read as all tenants, it would exempt them all.
        (tenants(membershipKind="enumerated", members=[]), EXCLUDED_TENANTS),
        (tenants(membershipKind="all", members=["tenant-0"]), EXCLUDED_TENANTS),
        (tenants(membershipKind="newKind", members=["tenant-0"]), EXCLUDED_TENANTS),
        ({"authenticationFlows": {"transferMethods": "deviceCodeFlow,newFlow"}}, "authenticationFlows.transferMethods"),
        ({"insiderRiskLevels": "minor,newLevel"}, "insiderRiskLevels"),
        ({"platforms": {"includePlatforms": ["linux", "newPlatform"]}}, "platforms.includePlatforms.newPlatform"),
        ({"clientAppTypes": ["newClient"]}, "clientAppTypes.newClient"),
        (
            {"devices": {"deviceFilter": {"mode": "include", "rule": "device.newPart -eq 1"}}},
            "devices.deviceFilter",
        ),
    ],
)
def test_a_word_of_a_later_release_is_kept_and_refuses(conditions: dict[str, object], path: str) -> None:
    """What else such a part says stays undecided with it: half of a condition would be another condition."""
    policy_set = read(graph(conditions=conditions, grantControls=MFA))
    assert undecided_paths(policy_set.policies[0], policy_set) == (f"conditions.{path}",)
    assert judge(policy_set, request(PASSWORD, TOTP)).outcome is Outcome.BLOCK
    assert read(export_policy(policy_set.policies[0])).policies == policy_set.policies


def test_what_is_decided_is_the_same_anew() -> None:
    assert policy_anew(policy()) == policy()
    assert location_anew(OFFICE) == OFFICE
    assert strength_anew(STRENGTHS[-1]) == STRENGTHS[-1]

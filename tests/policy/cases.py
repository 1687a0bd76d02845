"""Generated policy sets and requests over a small world, so that what is named is often also met."""

from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv6Address
from itertools import combinations

from hypothesis import strategies as st
from msgspec.structs import replace

from assay.policy.definition import (
    Applications,
    AuthenticationStrengthPolicy,
    AuthenticationType,
    BuiltInControl,
    ConditionalAccessPolicy,
    ConditionSet,
    FrequencyInterval,
    FrequencyUnit,
    GrantControls,
    GuestType,
    LimitControls,
    Locations,
    NamedLocation,
    Operator,
    PersistentBrowserMode,
    Platforms,
    PolicySet,
    PolicyState,
    SessionControls,
    SignInFrequency,
    Undecided,
    Users,
)
from assay.policy.request import (
    AccessRequest,
    AppTarget,
    ClientApp,
    Method,
    Platform,
    Principal,
    Proof,
    UserAction,
    UserActionTarget,
    UserKind,
)
from assay.values import AppId, GroupId, LocationId, PolicyId, RoleId, UserId

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
USERS = [UserId(f"user-{n}") for n in range(3)]
GROUPS = [GroupId(f"group-{n}") for n in range(3)]
ROLES = [RoleId(f"role-{n}") for n in range(2)]
APPS = [AppId(f"app-{n}") for n in range(3)]
COUNTRY = Undecided(path=("countriesAndRegions",), json='["BE"]')
LOCATIONS = (
    NamedLocation(
        id=LocationId("office"), display_name="Office", is_trusted=True, ranges=("192.0.2.0/25", "2001:db8::/33")
    ),
    NamedLocation(id=LocationId("wide"), display_name="Wide", ranges=("192.0.2.64-192.0.3.9", "2001:db8:7000::/36")),
    NamedLocation(id=LocationId("belgium"), display_name="Belgium", is_trusted=True, undecided=(COUNTRY,)),
)
ADDRESSES = [
    IPv4Address("192.0.2.1"),
    IPv4Address("192.0.2.100"),
    IPv4Address("192.0.3.9"),
    IPv4Address("192.0.3.10"),
    IPv6Address("::ffff:192.0.2.1"),
    IPv6Address("2001:db8::1"),
    IPv6Address("2001:db8:7000::1"),
    IPv6Address("2001:db9::1"),
]
STRENGTHS = (
    AuthenticationStrengthPolicy(
        id="custom-totp",
        display_name="Authenticator code",
        allowed_combinations=((Method.PASSWORD, Method.SOFTWARE_OATH), (Method.FIDO2,)),
    ),
    AuthenticationStrengthPolicy(
        id="custom-odd",
        display_name="One key model",
        allowed_combinations=((Method.FIDO2,),),
        undecided=(Undecided(path=("combinationConfigurations",), json="[{}]"),),
    ),
)
STRENGTH_IDS = [f"00000000-0000-0000-0000-00000000000{n}" for n in (2, 3, 4)] + ["custom-totp"]
ODD_STRENGTH_IDS = ["custom-odd", "unknown"]
METHODS = [
    Method.PASSWORD,
    Method.SOFTWARE_OATH,
    Method.FIDO2,
    Method.RECOVERY_CODE,
    Method.TEMPORARY_ACCESS_PASS_ONE_TIME,
    Method.DEVICE_BASED_PUSH,
]


def some(values: list, most: int = 2) -> st.SearchStrategy[tuple]:
    """Tuples of at most so many of the values."""
    return st.sampled_from([found for size in range(most + 1) for found in combinations(values, size)])


def rarely(strategy: st.SearchStrategy, usual: object) -> st.SearchStrategy:
    return st.one_of(st.just(usual), st.just(usual), st.just(usual), strategy)


users = st.builds(
    Users,
    include_users=st.one_of(st.just(("All",)), some([*USERS, "GuestsOrExternalUsers"])),
    exclude_users=rarely(some([*USERS, "GuestsOrExternalUsers"], 1), ()),
    include_groups=some(GROUPS, 1),
    exclude_groups=rarely(some(GROUPS, 1), ()),
    include_roles=some(ROLES, 1),
    exclude_roles=rarely(some(ROLES, 1), ()),
    include_guests_or_external_users=some(list(GuestType)),
    exclude_guests_or_external_users=rarely(some(list(GuestType), 4), ()),
)
applications = st.builds(
    Applications,
    include_applications=st.one_of(st.just(("All",)), some(APPS), st.just(("None",))),
    exclude_applications=rarely(some(APPS, 1), ()),
    include_user_actions=some(list(UserAction), 1),
)
platforms = st.builds(
    Platforms,
    include_all=st.booleans(),
    include_platforms=some(list(Platform)),
    exclude_platforms=some(list(Platform), 1),
)
named_locations = ["All", "AllTrusted", "office", "wide", "gone"]
locations = st.builds(
    Locations,
    include_locations=some([*named_locations, "All", "belgium"]),
    exclude_locations=some(named_locations[1:], 1),
)
conditions = st.builds(
    ConditionSet,
    users=users,
    applications=applications,
    client_app_types=st.one_of(st.just(()), some(list(ClientApp), 3)),
    platforms=st.one_of(st.none(), platforms),
    locations=st.one_of(st.none(), locations),
)
grants = st.builds(
    GrantControls,
    operator=st.sampled_from(Operator),
    built_in_controls=st.sampled_from([(), (), (BuiltInControl.MFA,), (BuiltInControl.MFA,), (BuiltInControl.BLOCK,)]),
    authentication_strength=st.one_of(
        st.none(), rarely(st.sampled_from(ODD_STRENGTH_IDS), STRENGTH_IDS[2]), st.sampled_from(STRENGTH_IDS)
    ),
)
frequencies = st.one_of(
    st.builds(
        SignInFrequency,
        value=st.integers(1, 3),
        unit=st.sampled_from(FrequencyUnit),
        authentication_type=st.sampled_from(AuthenticationType),
    ),
    st.builds(
        SignInFrequency,
        interval=st.just(FrequencyInterval.EVERY_TIME),
        authentication_type=st.sampled_from(AuthenticationType),
    ),
)
sessions = st.builds(
    SessionControls,
    sign_in_frequency=st.one_of(st.none(), frequencies),
    persistent_browser=st.one_of(st.none(), st.sampled_from(PersistentBrowserMode)),
    limits=st.one_of(
        st.none(),
        st.builds(
            LimitControls,
            read_only=st.booleans(),
            methods=st.one_of(st.none(), some(["GET", "POST", "PUT"], 2).filter(bool)),
        ),
    ),
)
odd_parts = st.sampled_from(
    [
        Undecided(path=("conditions", "devices", "deviceFilter"), json='{"mode":"exclude"}'),
        Undecided(path=("conditions", "applications", "applicationFilter"), json='{"mode":"include"}'),
        Undecided(path=("conditions", "users", "includeGuestsOrExternalUsers", "externalTenants"), json="{}"),
        Undecided(path=("conditions", "clientApplications"), json='{"includeServicePrincipals":["all"]}'),
        Undecided(path=("grantControls", "builtInControls"), json='"compliantDevice"', element=True),
        Undecided(path=("sessionControls", "cloudAppSecurity"), json="{}"),
    ]
)


@st.composite
def policies(draw: st.DrawFn, number: int) -> ConditionalAccessPolicy:
    return ConditionalAccessPolicy(
        id=PolicyId(f"policy-{number}"),
        display_name=f"Policy {number}",
        state=draw(st.sampled_from([PolicyState.ENABLED, PolicyState.ENABLED, *PolicyState])),
        conditions=draw(conditions),
        grant_controls=draw(st.one_of(st.none(), grants)),
        session_controls=draw(st.one_of(st.none(), sessions)),
        undecided=draw(rarely(rarely(st.tuples(odd_parts), ()), ())),
    )


@st.composite
def policy_sets(draw: st.DrawFn) -> PolicySet:
    count = draw(st.integers(0, 5))
    return PolicySet(
        policies=tuple(draw(policies(number)) for number in range(count)),
        locations=LOCATIONS,
        strengths=STRENGTHS,
    )


everything = ConditionSet(users=Users(include_users=("All",)), applications=Applications(include_applications=("All",)))
attainables = [
    GrantControls(built_in_controls=(BuiltInControl.MFA,)),
    GrantControls(built_in_controls=(BuiltInControl.MFA,), authentication_strength=STRENGTH_IDS[2]),
    *(GrantControls(authentication_strength=strength) for strength in STRENGTH_IDS[1:]),
]


@st.composite
def control_sets(draw: st.DrawFn) -> PolicySet:
    """Policies for everyone, which demand and bound something: here proofs and their ages decide."""
    count = draw(st.integers(1, 3))
    return PolicySet(
        policies=tuple(
            ConditionalAccessPolicy(
                id=PolicyId(f"policy-{number}"),
                display_name=f"Policy {number}",
                state=draw(rarely(st.just(PolicyState.REPORT_ONLY), PolicyState.ENABLED)),
                conditions=everything,
                grant_controls=draw(st.sampled_from([None, *attainables])),
                session_controls=SessionControls(
                    sign_in_frequency=draw(st.one_of(st.none(), frequencies)),
                    persistent_browser=draw(st.one_of(st.none(), st.sampled_from(PersistentBrowserMode))),
                ),
            )
            for number in range(count)
        ),
        strengths=STRENGTHS,
    )


principals = st.builds(
    Principal,
    id=st.sampled_from(USERS),
    kind=st.sampled_from([*UserKind, None]),
    groups=some(GROUPS).map(frozenset),
    roles=some(ROLES, 1).map(frozenset),
).flatmap(
    # A workload identity is never an emergency access account.
    lambda found: st.just(found) if found.kind is None else rarely(st.just(replace(found, break_glass=True)), found)
)
proofs = st.builds(
    Proof,
    method=st.sampled_from(METHODS),
    at=st.sampled_from([0, 1, 5, 30, 60, 90, 120, 181, 1440, 5000]).map(
        lambda minutes: NOW - timedelta(minutes=minutes)
    ),
    user_verified=rarely(st.just(False), True),
)
requests = st.builds(
    AccessRequest,
    principal=principals,
    assigned=rarely(st.sampled_from([None, False]), True),
    target=st.one_of(
        st.sampled_from(APPS).map(lambda app: AppTarget(app_id=app)),
        st.sampled_from(UserAction).map(lambda action: UserActionTarget(action=action)),
    ),
    client_app=rarely(st.sampled_from(ClientApp), ClientApp.BROWSER),
    platform=st.one_of(st.none(), st.sampled_from(Platform)),
    address=st.one_of(st.none(), st.sampled_from(ADDRESSES), st.sampled_from(ADDRESSES)),
    proofs=st.lists(proofs, max_size=4).map(tuple),
    at=st.just(NOW),
)

"""Generated policy sets and requests over a small world, so that what is named is often also met."""

from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv6Address
from itertools import combinations

from hypothesis import strategies as st
from msgspec.structs import replace

from assay.policy.condition_set import (
    Applications,
    ClientApplications,
    ConditionSet,
    Devices,
    DeviceState,
    Filter,
    FilterMode,
    Locations,
    Platforms,
    Users,
)
from assay.policy.conditions.base import ConditionName
from assay.policy.definition import (
    AuthenticationStrengthPolicy,
    BuiltInControl,
    CombinationConfiguration,
    ConditionalAccessPolicy,
    CountryLookup,
    GrantControls,
    NamedLocation,
    Operator,
    PolicySet,
    PolicyState,
    Undecided,
)
from assay.policy.device import Device
from assay.policy.enforcement import EVERYTHING, GATEWAY
from assay.policy.request import (
    AccessRequest,
    AppTarget,
    AuthenticationContextTarget,
    ClientApp,
    GuestType,
    InsiderRiskLevel,
    Method,
    Platform,
    Principal,
    Proof,
    RiskLevel,
    Satisfied,
    TransferMethod,
    UserAction,
    UserActionTarget,
    UserKind,
)
from assay.policy.session_controls import (
    AuthenticationType,
    CloudAppSecurity,
    ContinuousAccessEvaluation,
    FrequencyInterval,
    FrequencyUnit,
    LimitControls,
    PersistentBrowserMode,
    SessionControls,
    SignInFrequency,
)
from assay.values import AppId, GroupId, LocationId, PolicyId, RoleId, UserId

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
USERS = [UserId(f"user-{n}") for n in range(3)]
GROUPS = [GroupId(f"group-{n}") for n in range(3)]
ROLES = [RoleId(f"role-{n}") for n in range(2)]
APPS = [AppId(f"app-{n}") for n in range(3)]
TENANTS = ["tenant-0", "tenant-1"]
OUTLOOK = AppId("00000002-0000-0ff1-ce00-000000000000")
ODD = Undecided(path=("newKindOfPlace",), json='"orbit"')
LOCATIONS = (
    NamedLocation(
        id=LocationId("office"), display_name="Office", is_trusted=True, ranges=("192.0.2.0/25", "2001:db8::/33")
    ),
    NamedLocation(id=LocationId("wide"), display_name="Wide", ranges=("192.0.2.64-192.0.3.9", "2001:db8:7000::/36")),
    NamedLocation(id=LocationId("orbit"), display_name="Orbit", is_trusted=True, undecided=(ODD,)),
    NamedLocation(id=LocationId("benelux"), display_name="Benelux", countries=("BE", "NL", "LU"), is_trusted=True),
    NamedLocation(id=LocationId("nowhere"), display_name="No country", include_unknown_countries_and_regions=True),
    NamedLocation(
        id=LocationId("france"),
        display_name="France by GPS",
        countries=("FR",),
        lookup=CountryLookup.AUTHENTICATOR_APP_GPS,
    ),
    NamedLocation(id=LocationId("tunnel"), display_name="Compliant network", compliant_network=True, is_trusted=True),
)
# The same without a trusted place that is not decided, which makes every `AllTrusted` undecided.
PLACES = tuple(replace(found, is_trusted=found.is_trusted and not found.undecided) for found in LOCATIONS)
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
        display_name="Something new",
        allowed_combinations=((Method.FIDO2,),),
        undecided=(Undecided(path=("newLimits",), json="[{}]"),),
    ),
    AuthenticationStrengthPolicy(
        id="custom-key",
        display_name="One key model, or any two factors",
        allowed_combinations=((Method.FIDO2,), (Method.PASSWORD, Method.SOFTWARE_OATH)),
        combination_configurations=(
            CombinationConfiguration(applies_to_combinations=((Method.FIDO2,),), allowed_aaguids=("model-a",)),
        ),
    ),
)
STRENGTH_IDS = [f"00000000-0000-0000-0000-00000000000{n}" for n in (2, 3, 4)] + ["custom-totp", "custom-key"]
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
    include_external_tenants=rarely(some(TENANTS, 1), ()),
    exclude_external_tenants=rarely(some(TENANTS, 1), ()),
    include_agent_users=rarely(some(["All", *USERS], 1), ()),
    exclude_agent_users=rarely(some(["All", *USERS], 1), ()),
).map(
    # Tenants are said of types of guests.
    lambda found: replace(
        found,
        include_external_tenants=found.include_external_tenants if found.include_guests_or_external_users else (),
        exclude_external_tenants=found.exclude_external_tenants if found.exclude_guests_or_external_users else (),
    )
)
attribute_filters = st.one_of(
    st.none(),
    st.none(),
    st.builds(
        Filter,
        mode=st.sampled_from(FilterMode),
        rule=st.sampled_from(
            [
                'CustomSecurityAttribute.Plant_Zone -contains "red"',
                'CustomSecurityAttribute.Plant_Zone -ne "red" -and CustomSecurityAttribute.Plant_Line -eq "1"',
            ]
        ),
    ),
)
workloads = st.builds(
    ClientApplications,
    include_service_principals=some(["ServicePrincipalsInMyTenant", *USERS], 1),
    exclude_service_principals=rarely(some(USERS, 1), ()),
    service_principal_filter=attribute_filters,
    include_agent_id_service_principals=some(["All", *USERS], 1),
    exclude_agent_id_service_principals=rarely(some(USERS, 1), ()),
    agent_id_service_principal_filter=attribute_filters,
)
attributes = st.sampled_from(
    [(), (("Plant_Zone", "Red"),), (("Plant_Zone", ("blue", "red")), ("Plant_Line", "1")), (("Plant_Line", "1"),)]
)
applications = st.builds(
    Applications,
    include_applications=st.one_of(st.just(("All",)), some([*APPS, "Office365"]), st.just(("None",))),
    exclude_applications=rarely(some([*APPS, "Office365"], 1), ()),
    application_filter=attribute_filters,
    include_user_actions=some(list(UserAction), 1),
    include_authentication_context_class_references=rarely(some(["c1", "c2"], 1), ()),
)
platforms = st.builds(
    Platforms,
    include_all=st.booleans(),
    include_platforms=some(list(Platform)),
    exclude_platforms=some(list(Platform), 1),
)
named_locations = ["All", "AllTrusted", "office", "wide", "gone", "benelux", "nowhere", "france", "tunnel"]
locations = st.builds(
    Locations,
    include_locations=some([*named_locations, "All", "orbit"]),
    exclude_locations=some(named_locations[1:], 1),
)
device_conditions = st.builds(
    Devices,
    device_filter=st.one_of(
        st.none(),
        st.builds(
            Filter,
            mode=st.sampled_from(FilterMode),
            rule=st.sampled_from(
                [
                    "device.isCompliant -eq True",
                    'device.isCompliant -ne True -or device.trustType -eq "ServerAD"',
                    'device.extensionAttribute1 -ne "SAW" -and device.model -startsWith "x"',
                    'device.operatingSystem -in ["Linux", "macOS"]',
                ]
            ),
        ),
    ),
    exclude_states=rarely(some(list(DeviceState), 2), ()),
).filter(lambda found: found != Devices())
levels = some(list(RiskLevel))
conditions = st.builds(
    ConditionSet,
    users=users,
    client_applications=rarely(workloads.filter(lambda found: found != ClientApplications()), None),
    devices=rarely(device_conditions, None),
    sign_in_risk_levels=rarely(levels, ()),
    user_risk_levels=rarely(levels, ()),
    service_principal_risk_levels=rarely(levels, ()),
    agent_id_risk_levels=rarely(levels, ()),
    insider_risk_levels=rarely(some(list(InsiderRiskLevel)), ()),
    transfer_methods=rarely(some(list(TransferMethod)), ()),
    agent_contexts=rarely(st.just(("desk",)), ()),
    applications=applications,
    client_app_types=st.one_of(st.just(()), some(list(ClientApp), 3)),
    platforms=st.one_of(st.none(), platforms),
    locations=st.one_of(st.none(), locations),
)
grants = st.builds(
    GrantControls,
    operator=st.sampled_from(Operator),
    built_in_controls=st.one_of(
        st.sampled_from([(), (), (BuiltInControl.MFA,), (BuiltInControl.MFA,), (BuiltInControl.BLOCK,)]),
        some([found for found in BuiltInControl if found is not BuiltInControl.BLOCK]),
    ),
    terms_of_use=rarely(some(["terms", "others"], 1), ()),
    custom_authentication_factors=rarely(st.just(("token",)), ()),
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
    application_enforced_restrictions=rarely(st.booleans(), False),
    cloud_app_security=rarely(st.sampled_from(CloudAppSecurity), None),
    continuous_access_evaluation=rarely(st.sampled_from(ContinuousAccessEvaluation), None),
    secure_sign_in_session=rarely(st.booleans(), False),
    network_access_security=rarely(st.just("profile"), None),
    global_secure_access_filtering_profile=rarely(st.just("profile"), None),
)
odd_parts = st.sampled_from(
    [
        Undecided(path=("conditions", "devices", "deviceFilter"), json='{"mode":"exclude"}'),
        Undecided(path=("conditions", "applications", "applicationFilter"), json='{"mode":"include"}'),
        Undecided(path=("conditions", "users", "includeGuestsOrExternalUsers", "externalTenants"), json="{}"),
        Undecided(path=("conditions", "clientApplications", "newSort"), json='["all"]'),
        Undecided(path=("conditions", "times"), json="{}"),
        Undecided(path=("grantControls", "builtInControls"), json='"newControl"', element=True),
        Undecided(path=("sessionControls", "newControl"), json="{}"),
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
    count = draw(st.integers(0, 4))
    return PolicySet(
        policies=tuple(draw(policies(number)) for number in range(count)),
        locations=draw(rarely(st.just(LOCATIONS), PLACES)),
        strengths=STRENGTHS,
    )


everything = ConditionSet(users=Users(include_users=("All",)), applications=Applications(include_applications=("All",)))
parts: dict[ConditionName, tuple[str, st.SearchStrategy]] = {
    ConditionName.USERS: (
        "users",
        st.one_of(users, st.builds(Users, include_agent_users=some(["All", *USERS], 1))),
    ),
    ConditionName.APPLICATION: ("applications", applications),
    ConditionName.CLIENT_TYPE: ("client_app_types", some(list(ClientApp), 3)),
    ConditionName.DEVICE_PLATFORM: ("platforms", platforms),
    ConditionName.LOCATION: ("locations", locations),
    ConditionName.DEVICE_STATE: ("devices", device_conditions),
    ConditionName.SIGN_IN_RISK: ("sign_in_risk_levels", levels),
    ConditionName.USER_RISK: ("user_risk_levels", levels),
    ConditionName.SERVICE_PRINCIPAL_RISK: ("service_principal_risk_levels", levels),
    ConditionName.AGENT_ID_RISK: ("agent_id_risk_levels", levels),
    ConditionName.INSIDER_RISK: ("insider_risk_levels", some(list(InsiderRiskLevel))),
    ConditionName.AUTHENTICATION_FLOWS: ("transfer_methods", some(list(TransferMethod))),
    ConditionName.AGENT_CONTEXT: ("agent_contexts", st.just(("desk",))),
}


def sets_about(condition: ConditionName) -> st.SearchStrategy[PolicySet]:
    """One policy that blocks by one condition alone: where it makes no difference, none does."""
    field, values = parts[condition]
    return values.map(
        lambda value: PolicySet(
            policies=(
                ConditionalAccessPolicy(
                    id=PolicyId("policy"),
                    display_name="Policy",
                    state=PolicyState.ENABLED,
                    conditions=replace(everything, **{field: value}),
                    grant_controls=GrantControls(built_in_controls=(BuiltInControl.BLOCK,)),
                ),
            ),
            locations=PLACES,
            strengths=STRENGTHS,
        )
    )


attainables = [
    GrantControls(built_in_controls=(BuiltInControl.MFA,)),
    GrantControls(built_in_controls=(BuiltInControl.MFA,), authentication_strength=STRENGTH_IDS[2]),
    *(GrantControls(authentication_strength=strength) for strength in STRENGTH_IDS[1:]),
    GrantControls(built_in_controls=(BuiltInControl.MFA, BuiltInControl.COMPLIANT_DEVICE)),
    GrantControls(operator=Operator.AND, built_in_controls=(BuiltInControl.MFA, BuiltInControl.PASSWORD_CHANGE)),
    GrantControls(built_in_controls=(BuiltInControl.COMPLIANT_APPLICATION,), terms_of_use=("terms",)),
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
    guest_type=rarely(st.sampled_from(GuestType), None),
    tenant=rarely(st.sampled_from([*TENANTS, "tenant-2"]), None),
    agent=rarely(st.booleans(), False),
    foreign=rarely(st.booleans(), False),
    attributes=attributes,
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
    aaguid=st.sampled_from(["", "model-a", "model-b"]),
)
devices = st.one_of(
    st.none(),
    st.builds(
        Device,
        device_id=st.just("device"),
        is_compliant=st.sampled_from([None, True, False]),
        is_managed=st.sampled_from([None, True]),
        trust_type=st.sampled_from([None, "ServerAD", "AzureAD"]),
        model=st.sampled_from([None, "x1"]),
        operating_system=st.sampled_from([None, "Linux", "Windows"]),
        extension_attributes=st.sampled_from([(), ("SAW",)]),
    ),
)
satisfied = st.builds(
    Satisfied,
    password_change=st.sampled_from([None, NOW]),
    risk_remediation=st.sampled_from([None, NOW]),
    terms_of_use=some(["terms", "others"]).map(frozenset),
    custom_authentication_factors=some(["token"], 1).map(frozenset),
    approved_application=st.booleans(),
    compliant_application=st.booleans(),
    token_protection=st.sampled_from([None, True, False]),
)
risk = rarely(st.one_of(st.none(), st.sampled_from(RiskLevel)), RiskLevel.NONE)
requests = st.builds(
    AccessRequest,
    principal=principals,
    assigned=rarely(st.sampled_from([None, False]), True),
    target=st.one_of(
        st.builds(
            AppTarget,
            app_id=st.sampled_from([*APPS, OUTLOOK]),
            contexts=rarely(st.just(frozenset({"c1"})), frozenset()),
            attributes=attributes,
        ),
        st.sampled_from(["c1", "c2"]).map(lambda context: AuthenticationContextTarget(context=context)),
        st.sampled_from(UserAction).map(lambda action: UserActionTarget(action=action)),
    ),
    client_app=rarely(st.one_of(st.none(), st.sampled_from(ClientApp)), ClientApp.BROWSER),
    platform=st.one_of(st.none(), st.sampled_from(Platform)),
    address=st.one_of(st.none(), st.sampled_from(ADDRESSES), st.sampled_from(ADDRESSES)),
    proofs=st.lists(proofs, max_size=4).map(tuple),
    at=st.just(NOW),
    country=st.sampled_from([None, "", "BE", "FR"]),
    gps_country=st.sampled_from([None, "", "FR"]),
    compliant_network=st.booleans(),
    device=devices,
    flows=rarely(some(list(TransferMethod)).map(frozenset), frozenset()),
    sign_in_risk=risk,
    user_risk=risk,
    service_principal_risk=risk,
    agent_id_risk=risk,
    insider_risk=rarely(st.one_of(st.none(), st.sampled_from(InsiderRiskLevel)), InsiderRiskLevel.NONE),
    agent_context=rarely(st.just("desk"), None),
    satisfied=rarely(satisfied, Satisfied()),
    enforced_by=st.sampled_from([GATEWAY, EVERYTHING]),
)

"""Conditional Access read out of the documentation, policy by policy: slow, obvious, without index or memory."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network

from assay.policy.decision import (
    Assignment,
    ConditionalAccessStatus,
    Factor,
    Outcome,
    PolicyResult,
)
from assay.policy.definition import (
    Applications,
    AuthenticationType,
    BuiltInControl,
    ConditionalAccessPolicy,
    ConditionSet,
    FrequencyInterval,
    FrequencyUnit,
    GrantControls,
    GuestType,
    NamedLocation,
    Operator,
    PersistentBrowserMode,
    PolicySet,
    PolicyState,
    SessionControls,
    SignInFrequency,
    Users,
)
from assay.policy.request import (
    AccessRequest,
    AppTarget,
    ClientApp,
    Method,
    Platform,
    Proof,
    UserAction,
    UserKind,
)
from assay.values import PolicyId

MFA = "00000000-0000-0000-0000-000000000002"
SECOND = ("microsoftAuthenticatorPush", "softwareOath", "hardwareOath", "sms", "voice")
RESISTANT = {("windowsHelloForBusiness",), ("fido2",), ("x509CertificateMultiFactor",)}
BUILT_IN: dict[str, set[tuple[str, ...]]] = {
    MFA: RESISTANT
    | {("deviceBasedPush",), ("temporaryAccessPassOneTime",), ("temporaryAccessPassMultiUse",)}
    | {("password", second) for second in (*SECOND, "recoveryCode")}
    | {("federatedMultiFactor",)}
    | {("federatedSingleFactor", second) for second in SECOND},
    "00000000-0000-0000-0000-000000000003": RESISTANT | {("deviceBasedPush",)},
    "00000000-0000-0000-0000-000000000004": RESISTANT,
}
FIRST_FACTORS = {"password", "x509CertificateSingleFactor", "federatedSingleFactor", "qrCodePin"}
MULTI_FACTORS = {
    "fido2",
    "windowsHelloForBusiness",
    "x509CertificateMultiFactor",
    "deviceBasedPush",
    "temporaryAccessPassOneTime",
    "temporaryAccessPassMultiUse",
    "federatedMultiFactor",
}

Ages = tuple[timedelta | None, timedelta | None]  # of the primary and the secondary factor
Way = tuple[str, ...]
Control = tuple[str, str, frozenset[Way]]  # name, strength id, ways
Missing = tuple[str, str | None, frozenset[tuple[Way, Way]], frozenset[Factor], timedelta | None]


@dataclass(frozen=True)
class Verdict:
    """What must be the same in the engine's decision."""

    outcome: Outcome
    assignment: Assignment
    conditional_access: ConditionalAccessStatus
    applied: dict[str, PolicyResult]
    report_only: dict[str, PolicyResult]
    unmet: frozenset[tuple[frozenset[str], frozenset[Missing]]]
    read_only: bool
    methods: frozenset[str] | None
    ages: Ages
    persistent_browser: PersistentBrowserMode | None
    valid_until: datetime | None


# What is built in for emergency access accounts, whatever was published: a passkey, not older than an hour.
EMERGENCY = PolicySet(
    policies=(
        ConditionalAccessPolicy(
            id=PolicyId("a55a0000-0000-4000-8000-00000000b601"),
            display_name="Emergency access (built in)",
            state=PolicyState.ENABLED,
            conditions=ConditionSet(
                users=Users(include_users=("All",)), applications=Applications(include_applications=("All",))
            ),
            grant_controls=GrantControls(authentication_strength="00000000-0000-0000-0000-000000000004"),
            session_controls=SessionControls(sign_in_frequency=SignInFrequency(value=1, unit=FrequencyUnit.HOURS)),
        ),
    )
)


def judge(policy_set: PolicySet, request: AccessRequest) -> Verdict:
    """The verdict now, and by trial the first instant at which it would not be allow any more."""
    if request.principal.break_glass:
        policy_set = EMERGENCY
    verdict = _judge(policy_set, request, request.at)
    if verdict.outcome is not Outcome.ALLOW:
        return verdict
    lengths = {age for policy in policy_set.policies for age in own_ages(policy) if age is not None}
    instants = sorted(proof.at + age for proof in request.proofs for age in lengths)
    for instant in instants:
        if instant > request.at and _judge(policy_set, request, instant).outcome is not Outcome.ALLOW:
            return Verdict(**{**verdict.__dict__, "valid_until": instant})
    return verdict


def applies(policy: ConditionalAccessPolicy, policy_set: PolicySet, request: AccessRequest) -> bool:
    """All conditions at once; one that holds undecided parts may apply, so it does."""
    if policy.state is PolicyState.DISABLED:
        return False
    checks = {
        "users": subject_matches(policy, request),
        "applications": target_matches(policy, request),
        "clientAppTypes": client_matches(policy, request.client_app),
        "platforms": platform_matches(policy, request.platform),
        "locations": location_matches(policy, policy_set, request),
    }
    parts = {path[1] for path in undecided_paths(policy, policy_set) if path[0] == "conditions" and len(path) > 1}
    if request.principal.kind is None and "clientApplications" in parts:
        checks["users"] = True
    return all(matches or part in parts for part, matches in checks.items())


def undecided_paths(policy: ConditionalAccessPolicy, policy_set: PolicySet) -> list[tuple[str, ...]]:
    paths = [part.path for part in policy.undecided]
    odd_locations = {location.id for location in policy_set.locations if location.undecided}
    locations = policy.conditions.locations
    if locations and odd_locations & {*locations.include_locations, *locations.exclude_locations}:
        paths.append(("conditions", "locations"))
    strength = policy.grant_controls.authentication_strength if policy.grant_controls else None
    if strength is not None:
        custom = {found.id: found for found in policy_set.strengths}
        if strength not in BUILT_IN and (
            strength not in custom or custom[strength].undecided or not custom[strength].allowed_combinations
        ):
            paths.append(("grantControls", "authenticationStrength"))
    return paths


def subject_matches(policy: ConditionalAccessPolicy, request: AccessRequest) -> bool:
    users, person = policy.conditions.users, request.principal
    if person.kind is None:
        return False  # no policy about users is about a workload identity
    outsider = person.kind in (UserKind.GUEST, UserKind.CUSTOMER)
    included = (
        "All" in users.include_users
        or person.id in users.include_users
        or (outsider and "GuestsOrExternalUsers" in users.include_users)
        or any(group in users.include_groups for group in person.groups)
        or any(role in users.include_roles for role in person.roles)
        or (
            person.kind is UserKind.GUEST
            and (
                GuestType.INTERNAL_GUEST in users.include_guests_or_external_users
                or GuestType.B2B_COLLABORATION_GUEST in users.include_guests_or_external_users
            )
        )
        or (
            person.kind is UserKind.CUSTOMER and GuestType.OTHER_EXTERNAL_USER in users.include_guests_or_external_users
        )
    )
    excluded = (
        person.id in users.exclude_users
        or (outsider and "GuestsOrExternalUsers" in users.exclude_users)
        or any(group in users.exclude_groups for group in person.groups)
        or any(role in users.exclude_roles for role in person.roles)
        or (
            person.kind is UserKind.GUEST
            and GuestType.INTERNAL_GUEST in users.exclude_guests_or_external_users
            and GuestType.B2B_COLLABORATION_GUEST in users.exclude_guests_or_external_users
        )
        or (
            person.kind is UserKind.CUSTOMER and GuestType.OTHER_EXTERNAL_USER in users.exclude_guests_or_external_users
        )
    )
    return included and not excluded


def names_action(policy: ConditionalAccessPolicy, action: UserAction) -> bool:
    return policy.state is not PolicyState.REPORT_ONLY and action in policy.conditions.applications.include_user_actions


def target_matches(policy: ConditionalAccessPolicy, request: AccessRequest) -> bool:
    applications, target = policy.conditions.applications, request.target
    everything = "All" in applications.include_applications
    if isinstance(target, AppTarget):
        included = everything or target.app_id in applications.include_applications
        return included and target.app_id not in applications.exclude_applications
    if target.action is UserAction.REGISTER_SECURITY_INFO and everything:
        return True
    return names_action(policy, target.action)


def client_matches(policy: ConditionalAccessPolicy, client: ClientApp) -> bool:
    named = policy.conditions.client_app_types
    return len(named) == 0 or client in named


def platform_matches(policy: ConditionalAccessPolicy, platform: Platform | None) -> bool:
    platforms = policy.conditions.platforms
    if platforms is None:
        return True
    if platforms.include_all or not platforms.include_platforms:
        included = True
    else:
        included = platform is not None and platform in platforms.include_platforms
    excluded = platform is not None and platform in platforms.exclude_platforms
    return included and not excluded


def location_matches(policy: ConditionalAccessPolicy, policy_set: PolicySet, request: AccessRequest) -> bool:
    locations = policy.conditions.locations
    if locations is None or request.address is None:
        return True

    def holds(named: str) -> bool:
        if named == "All":
            return True
        for location in policy_set.locations:
            trusted = named == "AllTrusted" and location.is_trusted and not location.undecided
            if (trusted or location.id == named) and in_location(location, str(request.address)):
                return True
        return False

    included = not locations.include_locations or any(holds(named) for named in locations.include_locations)
    return included and not any(holds(named) for named in locations.exclude_locations)


def in_location(location: NamedLocation, text: str) -> bool:
    address = ip_address(text)
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    for found in location.ranges:
        if "-" in found:
            lower, upper = (ip_address(end) for end in found.split("-"))
            if lower.version == address.version and int(lower) <= int(address) <= int(upper):
                return True
        elif address in ip_network(found, strict=False):
            return True
    return False


def own_ages(policy: ConditionalAccessPolicy) -> Ages:
    frequency = policy.session_controls.sign_in_frequency if policy.session_controls else None
    if frequency is None:
        return None, None
    if frequency.interval is FrequencyInterval.EVERY_TIME:
        age = timedelta(minutes=5)
    elif frequency.unit is FrequencyUnit.HOURS:
        age = timedelta(hours=frequency.value or 0)
    else:
        age = timedelta(days=frequency.value or 0)
    if frequency.authentication_type is AuthenticationType.SECONDARY:
        return None, age
    return age, age


def demands(policy: ConditionalAccessPolicy, policy_set: PolicySet, request: AccessRequest) -> list[frozenset[Control]]:
    """A list to be met altogether; any one control of each member meets that member."""
    grant = policy.grant_controls
    if grant is None:
        return []
    ways = BUILT_IN | {found.id: set(found.allowed_combinations) for found in policy_set.strengths}
    controls: list[Control] = []
    if BuiltInControl.MFA in grant.built_in_controls:
        controls.append(("mfa", MFA, frozenset(BUILT_IN[MFA])))
    if grant.authentication_strength is not None:
        strength = grant.authentication_strength
        registering = (
            not isinstance(request.target, AppTarget) and request.target.action is UserAction.REGISTER_SECURITY_INFO
        )
        if registering and not names_action(policy, UserAction.REGISTER_SECURITY_INFO):
            strength = MFA
        controls.append(("authenticationStrength", strength, frozenset(ways.get(strength, set()))))
    if grant.operator is Operator.AND:
        return [frozenset({control}) for control in controls]
    return [frozenset(controls)] if controls else []


def proved(request: AccessRequest, at: datetime, ages: Ages) -> tuple[set[str], set[str]]:
    """Methods that count, and methods that were proved but too long ago."""
    fresh, all_methods = set(), set()
    for proof in request.proofs:
        if not counts(proof):
            continue
        all_methods.add(str(proof.method))
        age = ages[0] if proof.method in FIRST_FACTORS else ages[1]
        if age is None or at - proof.at < age:
            fresh.add(str(proof.method))
    return fresh, all_methods - fresh


def counts(proof: Proof) -> bool:
    return proof.user_verified or proof.method not in (Method.FIDO2, Method.WINDOWS_HELLO_FOR_BUSINESS)


def primary_proofs(request: AccessRequest) -> list[Proof]:
    return [proof for proof in request.proofs if counts(proof) and proof.method in FIRST_FACTORS | MULTI_FACTORS]


def primary_fresh(request: AccessRequest, at: datetime, ages: Ages) -> bool:
    return ages[0] is None or any(at - proof.at < ages[0] for proof in primary_proofs(request))


def met(demand: frozenset[Control], methods: set[str]) -> bool:
    return any(way and set(way) <= methods for _, _, ways in demand for way in ways)


def shortest(several: list[Ages]) -> Ages:
    primary = [ages[0] for ages in several if ages[0] is not None]
    secondary = [ages[1] for ages in several if ages[1] is not None]
    return min(primary, default=None), min(secondary, default=None)


def _judge(  # noqa: C901  in one piece on purpose: to be read beside the documentation, top to bottom
    policy_set: PolicySet, request: AccessRequest, at: datetime
) -> Verdict:
    applicable = [policy for policy in policy_set.policies if applies(policy, policy_set, request)]
    enforced = [policy for policy in applicable if policy.state is PolicyState.ENABLED]
    legacy = request.client_app in (ClientApp.EXCHANGE_ACTIVE_SYNC, ClientApp.OTHER)
    ages = shortest([own_ages(policy) for policy in enforced])
    fresh, stale = proved(request, at, ages)
    all_demands = [demand for policy in enforced for demand in demands(policy, policy_set, request)]

    def hopeless(policy: ConditionalAccessPolicy) -> bool:
        blocks = policy.grant_controls and BuiltInControl.BLOCK in policy.grant_controls.built_in_controls
        return bool(blocks or undecided_paths(policy, policy_set) or (legacy and demands(policy, policy_set, request)))

    def frequency_kept(policy: ConditionalAccessPolicy) -> bool:
        own = own_ages(policy)
        if not primary_fresh(request, at, own):
            return False
        now, ever = proved(request, at, own)[0], proved(request, at, (None, None))[0]
        return not any(met(demand, ever) and not met(demand, now) for demand in all_demands)

    def result(policy: ConditionalAccessPolicy) -> PolicyResult:
        if undecided_paths(policy, policy_set):
            return PolicyResult.UNKNOWN
        report_only = policy.state is PolicyState.REPORT_ONLY
        if hopeless(policy):
            return PolicyResult.REPORT_ONLY_FAILURE if report_only else PolicyResult.FAILURE
        methods = proved(request, at, own_ages(policy))[0] if report_only else fresh
        satisfied = frequency_kept(policy) and all(
            met(demand, methods) for demand in demands(policy, policy_set, request)
        )
        if report_only:
            return PolicyResult.REPORT_ONLY_SUCCESS if satisfied else PolicyResult.REPORT_ONLY_INTERRUPTED
        return PolicyResult.SUCCESS if satisfied else PolicyResult.FAILURE

    blocked = any(hopeless(policy) for policy in enforced)
    unmet: dict[frozenset[Missing], set[str]] = {}
    if not blocked:
        if not primary_fresh(request, at, ages):
            ways = frozenset(((way,), (way,)) for way in FIRST_FACTORS | MULTI_FACTORS)
            old = frozenset({Factor.PRIMARY} if primary_proofs(request) else set())
            asked = frozenset({("signInFrequency", None, ways, old, ages[0])})
            unmet[asked] = {policy.id for policy in enforced if own_ages(policy)[0] is not None}
        for policy in enforced:
            for demand in demands(policy, policy_set, request):
                if not met(demand, fresh):
                    asked = frozenset(_missing(control, fresh, stale, ages) for control in demand)
                    unmet.setdefault(asked, set()).add(policy.id)
    failed = blocked or bool(unmet)
    refused = request.assigned is False or blocked
    outcome = Outcome.BLOCK if refused else Outcome.STEP_UP if unmet else Outcome.ALLOW
    if outcome is not Outcome.STEP_UP:
        unmet = {}
    sessions = [policy.session_controls for policy in enforced if policy.session_controls]
    limits = [session.limits for session in sessions if session.limits]
    modes = {session.persistent_browser for session in sessions} - {None}
    allowed_methods: frozenset[str] | None = None
    for limit in limits:
        if limit.methods is not None:
            named = frozenset(limit.methods)
            allowed_methods = named if allowed_methods is None else allowed_methods & named
    status = ConditionalAccessStatus.FAILURE if failed else ConditionalAccessStatus.SUCCESS
    return Verdict(
        outcome=outcome,
        assignment={
            True: Assignment.ASSIGNED,
            False: Assignment.NOT_ASSIGNED,
            None: Assignment.NOT_EVALUATED,
        }[request.assigned],
        conditional_access=status if enforced else ConditionalAccessStatus.NOT_APPLIED,
        applied={policy.id: result(policy) for policy in enforced},
        report_only={policy.id: result(policy) for policy in applicable if policy.state is PolicyState.REPORT_ONLY},
        unmet=frozenset((frozenset(policies), asked) for asked, policies in unmet.items()),
        read_only=any(limit.read_only for limit in limits),
        methods=allowed_methods,
        ages=ages,
        persistent_browser=PersistentBrowserMode.NEVER
        if PersistentBrowserMode.NEVER in modes
        else next(iter(modes), None),
        valid_until=None,
    )


def _missing(control: Control, fresh: set[str], stale: set[str], ages: Ages) -> Missing:
    name, strength, ways = control
    old = {
        Factor.PRIMARY if method in FIRST_FACTORS else Factor.SECONDARY
        for way in ways
        if set(way) <= fresh | stale
        for method in way
        if method in stale
    }
    bounds = [ages[0] if which is Factor.PRIMARY else ages[1] for which in old]
    found = frozenset((way, tuple(method for method in way if method not in fresh)) for way in ways)
    return name, strength, found, frozenset(old), min((age for age in bounds if age), default=None)

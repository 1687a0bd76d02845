"""Conditional Access read out of the documentation, policy by policy: slow, obvious, without index or memory."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from assay.policy.condition_set import Applications, ConditionSet, Users
from assay.policy.decision import Assignment, ConditionalAccessStatus, Factor, Outcome, PolicyResult
from assay.policy.definition import (
    BuiltInControl,
    ConditionalAccessPolicy,
    GrantControls,
    Operator,
    PolicySet,
    PolicyState,
)
from assay.policy.request import (
    AccessRequest,
    ClientApp,
    Method,
    Proof,
    TransferMethod,
    UserAction,
    UserActionTarget,
    UserKind,
)
from assay.policy.session_controls import (
    AuthenticationType,
    FrequencyInterval,
    FrequencyUnit,
    PersistentBrowserMode,
    SessionControls,
    SignInFrequency,
)
from assay.values import PolicyId
from tests.policy.reference_conditions import applies, names_action, undecided_paths

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
# name, strength id, ways, id of terms or factor, ways with the keys that alone count in them
Control = tuple[str, str | None, frozenset[Way], str | None, frozenset[tuple[Way, str]]]
Missing = tuple[str, str | None, str | None, frozenset[tuple[Way, Way]], frozenset[Factor], timedelta | None]


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


def own_ages(policy: ConditionalAccessPolicy) -> Ages:
    grant = policy.grant_controls
    if grant and BuiltInControl.RISK_REMEDIATION in grant.built_in_controls:
        return timedelta(minutes=5), timedelta(minutes=5)
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


def demands_alone(
    policy: ConditionalAccessPolicy, policy_set: PolicySet, request: AccessRequest
) -> list[frozenset[Control]]:
    """A list to be met altogether; any one control of each member meets that member."""
    grant = policy.grant_controls
    if grant is None:
        return []
    ways = BUILT_IN | {found.id: set(found.allowed_combinations) for found in policy_set.strengths}
    keys = {
        found.id: frozenset(
            (way, key)
            for limit in found.combination_configurations
            for way in (limit.applies_to_combinations or found.allowed_combinations)
            for key in limit.allowed_aaguids
        )
        for found in policy_set.strengths
    }
    controls: list[Control] = []
    if BuiltInControl.MFA in grant.built_in_controls:
        controls.append(("mfa", MFA, frozenset(BUILT_IN[MFA]), None, frozenset()))
    if grant.authentication_strength is not None:
        strength = grant.authentication_strength
        registering = request.target == UserActionTarget(action=UserAction.REGISTER_SECURITY_INFO)
        if registering and not names_action(policy, UserAction.REGISTER_SECURITY_INFO):
            strength = MFA
        named = frozenset(ways.get(strength, set()))
        controls.append(("authenticationStrength", strength, named, None, keys.get(strength, frozenset())))
    controls += [
        (control.value, None, frozenset(), None, frozenset())
        for control in grant.built_in_controls
        if control not in (BuiltInControl.BLOCK, BuiltInControl.MFA)
    ]
    controls += [("termsOfUse", None, frozenset(), each, frozenset()) for each in grant.terms_of_use]
    controls += [
        ("customAuthenticationFactor", None, frozenset(), each, frozenset())
        for each in grant.custom_authentication_factors
    ]
    if grant.operator is Operator.AND:
        return [frozenset({control}) for control in controls]
    return [frozenset(controls)] if controls else []


def shown(control: Control, request: AccessRequest) -> bool:
    """What no method of authentication shows."""
    name, subject = control[0], control[3]
    device, done = request.device, request.satisfied
    usable = device is not None and TransferMethod.DEVICE_CODE_FLOW not in request.flows
    return {
        "compliantDevice": usable and device is not None and bool(device.is_compliant),
        "domainJoinedDevice": usable and device is not None and device.trust_type == "ServerAD",
        "approvedApplication": done.approved_application and not guest(request),
        "compliantApplication": done.compliant_application and not guest(request),
        "passwordChange": done.password_change is not None and not guest(request),
        "riskRemediation": done.risk_remediation is not None,
        "termsOfUse": subject in done.terms_of_use and request.principal.guest_type != "b2bDirectConnectUser",
        "customAuthenticationFactor": subject in done.custom_authentication_factors,
    }.get(name, False)


def guest(request: AccessRequest) -> bool:
    if request.principal.guest_type is not None:
        return request.principal.guest_type != "internalGuest"
    return request.principal.kind in (UserKind.GUEST, UserKind.CUSTOMER)


def askable(control: Control, request: AccessRequest) -> bool:
    of_members = ("passwordChange", "approvedApplication", "compliantApplication")
    if request.principal.kind is None or request.principal.agent:
        return False
    here = ("mfa", "authenticationStrength", "termsOfUse")
    if request.principal.guest_type == "b2bDirectConnectUser" and control[0] in here:
        return False
    return control[0] in request.enforced_by.asks and not (guest(request) and control[0] in of_members)


def proofs_in_time(request: AccessRequest, at: datetime, ages: Ages) -> list[Proof]:
    """The proofs that count and are not too old."""
    found = []
    for proof in request.proofs:
        age = ages[0] if proof.method in FIRST_FACTORS else ages[1]
        if counts(proof) and (age is None or at - proof.at < age):
            found.append(proof)
    return found


def proved(request: AccessRequest, at: datetime, ages: Ages) -> tuple[set[str], set[str]]:
    """Methods that count, and methods that were proved but too long ago."""
    fresh = {str(proof.method) for proof in proofs_in_time(request, at, ages)}
    return fresh, {str(proof.method) for proof in request.proofs if counts(proof)} - fresh


def lacking(control: Control, way: Way, proofs: list[Proof]) -> tuple[str, ...]:
    """What of one way is not proved, by a key that the strength allows."""
    keys = {key for limited, key in control[4] if limited == way}
    return tuple(
        method
        for method in way
        if not any(
            proof.method == method and (not keys or proof.method != Method.FIDO2 or proof.aaguid in keys)
            for proof in proofs
        )
    )


def met(demand: frozenset[Control], proofs: list[Proof], request: AccessRequest) -> bool:
    return any(
        shown(control, request) or any(way and not lacking(control, way, proofs) for way in control[2])
        for control in demand
    )


def unkept(policy: ConditionalAccessPolicy, request: AccessRequest) -> bool:
    """Whether it has a session control that nobody keeps."""
    session = policy.session_controls
    if session is None:
        return False
    kept = request.enforced_by.enforces
    bound = request.satisfied.token_protection
    return (
        (session.application_enforced_restrictions and "applicationEnforcedRestrictions" not in kept)
        or (session.cloud_app_security is not None and "cloudAppSecurity" not in kept)
        or (session.secure_sign_in_session and not (bound if bound is not None else "secureSignInSession" in kept))
        or (session.network_access_security is not None and "networkAccessSecurity" not in kept)
        or (
            session.global_secure_access_filtering_profile is not None
            and "globalSecureAccessFilteringProfile" not in kept
        )
    )


def counts(proof: Proof) -> bool:
    return proof.user_verified or proof.method not in (Method.FIDO2, Method.WINDOWS_HELLO_FOR_BUSINESS)


def primary_proofs(request: AccessRequest) -> list[Proof]:
    return [proof for proof in request.proofs if counts(proof) and proof.method in FIRST_FACTORS | MULTI_FACTORS]


def primary_fresh(request: AccessRequest, at: datetime, ages: Ages) -> bool:
    return ages[0] is None or any(at - proof.at < ages[0] for proof in primary_proofs(request))


def shortest(several: list[Ages]) -> Ages:
    primary = [ages[0] for ages in several if ages[0] is not None]
    secondary = [ages[1] for ages in several if ages[1] is not None]
    return min(primary, default=None), min(secondary, default=None)


def _judge(  # noqa: C901  in one piece on purpose: to be read beside the documentation, top to bottom
    policy_set: PolicySet, request: AccessRequest, at: datetime
) -> Verdict:
    applicable = [policy for policy in policy_set.policies if applies(policy, policy_set, request)]
    enforced = [policy for policy in applicable if policy.state is PolicyState.ENABLED]
    legacy = request.client_app in (ClientApp.EXCHANGE_ACTIVE_SYNC, ClientApp.EAS_SUPPORTED, ClientApp.OTHER)
    ages = shortest([own_ages(policy) for policy in enforced])
    in_time = proofs_in_time(request, at, ages)
    stale = proved(request, at, ages)[1]
    registering = request.target == UserActionTarget(action=UserAction.REGISTER_SECURITY_INFO)
    on_action = {policy.id for policy in enforced if names_action(policy, UserAction.REGISTER_SECURITY_INFO)}
    replaced = registering and any(
        all(control[0] == "authenticationStrength" for control in demand)
        for policy in enforced
        if policy.id in on_action
        for demand in demands_alone(policy, policy_set, request)
    )

    def demands(
        policy: ConditionalAccessPolicy, policy_set: PolicySet, request: AccessRequest
    ) -> list[frozenset[Control]]:
        """A strength of the registration stands in for those of policies that are not about it."""
        return [
            demand
            for demand in demands_alone(policy, policy_set, request)
            if not (replaced and policy.id not in on_action and {"authenticationStrength"} & {one[0] for one in demand})
        ]

    all_demands = [demand for policy in enforced for demand in demands(policy, policy_set, request)]

    def hopeless(policy: ConditionalAccessPolicy) -> bool:
        blocks = policy.grant_controls and BuiltInControl.BLOCK in policy.grant_controls.built_in_controls
        own = ages if policy.state is PolicyState.ENABLED else own_ages(policy)
        impossible = any(
            not met(demand, proofs_in_time(request, at, own), request)
            and not any(askable(control, request) for control in demand)
            for demand in demands(policy, policy_set, request)
        )
        return bool(
            blocks
            or undecided_paths(policy, policy_set)
            or (legacy and demands(policy, policy_set, request))
            or impossible
            or unkept(policy, request)
        )

    def frequency_kept(policy: ConditionalAccessPolicy) -> bool:
        own = own_ages(policy)
        if not primary_fresh(request, at, own):
            return False
        now, ever = proofs_in_time(request, at, own), proofs_in_time(request, at, (None, None))
        return not any(met(demand, ever, request) and not met(demand, now, request) for demand in all_demands)

    def result(policy: ConditionalAccessPolicy) -> PolicyResult:
        if undecided_paths(policy, policy_set):
            return PolicyResult.UNKNOWN
        report_only = policy.state is PolicyState.REPORT_ONLY
        if hopeless(policy):
            return PolicyResult.REPORT_ONLY_FAILURE if report_only else PolicyResult.FAILURE
        proofs = proofs_in_time(request, at, own_ages(policy)) if report_only else in_time
        satisfied = frequency_kept(policy) and all(
            met(demand, proofs, request) for demand in demands(policy, policy_set, request)
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
            asked = frozenset({("signInFrequency", None, None, ways, old, ages[0])})
            unmet[asked] = {policy.id for policy in enforced if own_ages(policy)[0] is not None}
        for policy in enforced:
            for demand in demands(policy, policy_set, request):
                if not met(demand, in_time, request):
                    asked = frozenset(_missing(control, in_time, stale, ages) for control in demand)
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


def _missing(control: Control, in_time: list[Proof], stale: set[str], ages: Ages) -> Missing:
    name, strength, ways, subject, _ = control
    found = {way: lacking(control, way, in_time) for way in ways}
    old = {
        Factor.PRIMARY if method in FIRST_FACTORS else Factor.SECONDARY
        for missing in found.values()
        if set(missing) <= stale
        for method in missing
    }
    bounds = [ages[0] if which is Factor.PRIMARY else ages[1] for which in old]
    youngest = min((age for age in bounds if age), default=None)
    return name, strength, subject, frozenset(found.items()), frozenset(old), youngest

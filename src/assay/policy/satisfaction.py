"""Whether what is demanded is met: by what was proved and when, by the device, by what else was done."""

from datetime import datetime

from assay.policy.controls import Alternative, Group
from assay.policy.decision import CombinationOption, Factor, UnmetControl
from assay.policy.definition import CombinationConfiguration
from assay.policy.enforcement import Control, SessionControl
from assay.policy.freshness import NEVER, PRIMARY, Ages, Freshness, factor
from assay.policy.request import AccessRequest, GuestType, Method, Principal, Proof, TransferMethod, UserKind

AUTHENTICATION = frozenset({Control.MFA, Control.AUTHENTICATION_STRENGTH})
# Guests cannot change a password here that they do not have here, nor bring a protected app (D EXT).
NOT_FOR_GUESTS = frozenset({Control.PASSWORD_CHANGE, Control.APPROVED_APPLICATION, Control.COMPLIANT_APPLICATION})
# A direct connect user has no account here that could have accepted anything (D EXT).
NOT_FOR_DIRECT_CONNECT = frozenset({Control.TERMS_OF_USE})


def shown(alternative: Alternative, request: AccessRequest) -> bool:
    """Whether a control that no method of authentication satisfies is met."""
    satisfied, control = request.satisfied, alternative.control
    if _never(control, request):
        return False
    match control:
        case Control.COMPLIANT_DEVICE | Control.DOMAIN_JOINED_DEVICE:
            return _device(control, request)
        case Control.APPROVED_APPLICATION:
            return satisfied.approved_application
        case Control.COMPLIANT_APPLICATION:
            return satisfied.compliant_application
        case Control.PASSWORD_CHANGE:
            return satisfied.password_change is not None
        case Control.RISK_REMEDIATION:
            return satisfied.risk_remediation is not None
        case Control.TERMS_OF_USE:
            return alternative.subject in satisfied.terms_of_use
        case Control.CUSTOM_AUTHENTICATION_FACTOR:
            return alternative.subject in satisfied.custom_authentication_factors
        case _:
            return False


def _device(control: Control, request: AccessRequest) -> bool:
    """In a device code flow the device that shows itself approves, and another one gets in (D GRANT)."""
    device = request.device
    if device is None or TransferMethod.DEVICE_CODE_FLOW in request.flows:
        return False
    return device.is_compliant is True if control is Control.COMPLIANT_DEVICE else device.hybrid_joined


def _never(control: Control, request: AccessRequest) -> bool:
    """Whether nobody of this sort can meet the control."""
    if control in NOT_FOR_GUESTS:
        return is_guest(request)
    return control in NOT_FOR_DIRECT_CONNECT and _direct_connect(request)


def _direct_connect(request: AccessRequest) -> bool:
    return request.principal.guest_type is GuestType.B2B_DIRECT_CONNECT_USER


def is_guest(request: AccessRequest) -> bool:
    """Whether the person belongs to another organisation, or to none; an internal guest's account is ours (D EXT)."""
    principal = request.principal
    if principal.guest_type is not None:
        return principal.guest_type is not GuestType.INTERNAL_GUEST
    return principal.kind in (UserKind.GUEST, UserKind.CUSTOMER)


def can_be_asked(principal: Principal) -> bool:
    """Whether there is a person: nobody answers for a program or an agent (D WL, AGENT)."""
    return principal.kind is not None and not principal.agent


def askable(alternative: Alternative, request: AccessRequest) -> bool:
    """Whether whoever asks the engine can lead the person through this control."""
    if not can_be_asked(request.principal) or _never(alternative.control, request):
        return False
    # They have no object here to register a method with: only claims of their own organisation count (D EXT).
    if alternative.control in AUTHENTICATION and _direct_connect(request):
        return False
    return alternative.control in request.enforced_by.asks


def unenforced(controls: frozenset[SessionControl], request: AccessRequest) -> frozenset[SessionControl]:
    """Those of the session controls that this request's enforcement point does not keep."""
    bound = request.satisfied.token_protection
    lacking = controls - request.enforced_by.enforces
    if bound is None or SessionControl.SECURE_SIGN_IN_SESSION not in controls:
        return lacking
    alone = frozenset({SessionControl.SECURE_SIGN_IN_SESSION})
    return lacking - alone if bound else lacking | alone


def satisfied_until(group: Group, fresh: Freshness, request: AccessRequest) -> datetime | None:
    """Until when the group stays satisfied by the way that lasts longest; None: it is not."""
    lasting = [until for alternative in group if (until := _until(alternative, fresh, request)) is not None]
    return max(lasting, default=None)


def _until(alternative: Alternative, fresh: Freshness, request: AccessRequest) -> datetime | None:
    if alternative.control not in AUTHENTICATION:
        return NEVER if shown(alternative, request) else None
    return max((until for until, _ in _proved(alternative, fresh)), default=None)


def _proved(alternative: Alternative, fresh: Freshness) -> list[tuple[datetime, tuple[Method, ...]]]:
    """The combinations that are proved, and until when."""
    if not alternative.configurations:
        until, proved = fresh.until, frozenset(fresh.until).issuperset
        return [
            (min([until[method] for method in way]), way) for way in alternative.combinations if way and proved(way)
        ]
    found = []
    for combination in alternative.combinations:
        ends = [_method_until(alternative, combination, method, fresh) for method in combination]
        if ends and None not in ends:
            found.append((min(end for end in ends if end is not None), combination))
    return found


def _method_until(
    alternative: Alternative, combination: tuple[Method, ...], method: Method, fresh: Freshness
) -> datetime | None:
    """Until when one method of a combination counts, by the keys and certificates that its configurations allow."""
    limits = _limits(alternative, combination)
    if not limits:
        return fresh.until.get(method)
    return max(
        (until for proof, until in fresh.proofs(method) if all(_allowed(proof, limit) for limit in limits)),
        default=None,
    )


def _limits(alternative: Alternative, combination: tuple[Method, ...]) -> list[CombinationConfiguration]:
    """Those that are about the combination; Graph's order of methods in it says nothing."""
    methods = frozenset(combination)
    return [
        found
        for found in alternative.configurations
        if not found.applies_to_combinations or methods in map(frozenset, found.applies_to_combinations)
    ]


def method_allowed(alternative: Alternative, combination: tuple[Method, ...], proof: Proof) -> bool:
    """Whether a proof may count in a combination, by the configurations of the alternative."""
    return all(_allowed(proof, limit) for limit in _limits(alternative, combination))


_KEYS = frozenset({Method.FIDO2})
_CERTIFICATES = frozenset({Method.X509_CERTIFICATE_SINGLE_FACTOR, Method.X509_CERTIFICATE_MULTI_FACTOR})
OIDS_READ = 5  # of a certificate's policies only the first five count (D AS3)


def _allowed(proof: Proof, limit: CombinationConfiguration) -> bool:
    """Any one of a list is enough; of a certificate both lists must hold (D AS3)."""
    if proof.method in _KEYS and limit.allowed_aaguids:
        return proof.aaguid in limit.allowed_aaguids
    if proof.method in _CERTIFICATES:
        return (not limit.allowed_issuer_skis or proof.issuer_ski in limit.allowed_issuer_skis) and (
            not limit.allowed_policy_oids
            or not set(proof.policy_oids[:OIDS_READ]).isdisjoint(limit.allowed_policy_oids)
        )
    return True


def satisfied_by(alternative: Alternative, fresh: Freshness) -> tuple[Method, ...]:
    """The combination that satisfies the alternative longest, empty where none does."""
    best = max(_proved(alternative, fresh), default=None)
    return () if best is None else best[1]


def missing_of(alternative: Alternative, combination: tuple[Method, ...], fresh: Freshness) -> tuple[Method, ...]:
    """What of one combination is still to be proved."""
    if not alternative.configurations:
        until = fresh.until
        return tuple([method for method in combination if method not in until])
    return tuple(method for method in combination if _method_until(alternative, combination, method, fresh) is None)


def unmet(group: Group, fresh: Freshness, ages: Ages, request: AccessRequest) -> tuple[UnmetControl, ...]:
    """The group's alternatives as things to ask for, those first that can be asked for."""
    ordered = sorted(group, key=lambda alternative: not askable(alternative, request))
    return tuple(_unmet_control(alternative, fresh, ages) for alternative in ordered)


def _unmet_control(alternative: Alternative, fresh: Freshness, ages: Ages) -> UnmetControl:
    too_old: set[Factor] = set()
    options = []
    for combination in alternative.combinations:
        missing = missing_of(alternative, combination, fresh)
        if all(method in fresh.stale for method in missing):
            too_old |= {factor(method) for method in missing}
        options.append(CombinationOption(combination=combination, missing=missing))
    limits = [age for which in too_old if (age := ages.of(which)) is not None]
    return UnmetControl(
        control=alternative.control,
        options=tuple(sorted(options, key=lambda option: len(option.missing))),
        strength=alternative.strength,
        subject=alternative.subject,
        too_old=tuple(sorted(too_old)),
        max_age=min(limits, default=None),
    )


def unmet_frequency(fresh: Freshness, ages: Ages) -> UnmetControl | None:
    """Re-authentication with any first factor, where the sign-in frequency leaves none fresh."""
    if ages.primary is None or fresh.primary_until is not None:
        return None
    return UnmetControl(
        control=Control.SIGN_IN_FREQUENCY,
        options=tuple(
            CombinationOption(combination=(method,), missing=(method,)) for method in Method if method in PRIMARY
        ),
        too_old=(Factor.PRIMARY,) if fresh.proved_primary else (),
        max_age=ages.primary,
    )

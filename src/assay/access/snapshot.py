"""The compact form in which a decision's signals are kept: everything the engine was told but the instant."""

from datetime import datetime
from ipaddress import ip_address

import msgspec

from assay.events.canonical import of_any_length
from assay.policy import (
    AccessRequest,
    AppTarget,
    ClientApp,
    Method,
    Platform,
    Principal,
    Proof,
    Target,
    UserAction,
    UserActionTarget,
    UserKind,
)
from assay.policy.device import Device
from assay.policy.enforcement import EVERYTHING, GATEWAY
from assay.policy.request import (
    NOTHING_ELSE,
    Attributes,
    AuthenticationContextTarget,
    GuestType,
    InsiderRiskLevel,
    RiskLevel,
    Satisfied,
    TransferMethod,
)
from assay.values import AppId, GroupId, InvalidInputError, RoleId, Stored, UserId


class KeptProof(Stored, frozen=True, kw_only=True, omit_defaults=True):
    """A proof; `at` as RFC 3339 text with microseconds, so that ages come out to the same bit."""

    method: Method
    at: datetime
    user_verified: bool = False
    device_bound: bool = False
    aaguid: str = ""
    issuer_ski: str = ""
    policy_oids: tuple[str, ...] = ()


class KeptRisks(Stored, frozen=True, kw_only=True, omit_defaults=True):
    """The levels of risk; None: nobody could tell."""

    sign_in: RiskLevel | None = RiskLevel.NONE
    user: RiskLevel | None = RiskLevel.NONE
    service_principal: RiskLevel | None = RiskLevel.NONE
    agent_id: RiskLevel | None = RiskLevel.NONE
    insider: InsiderRiskLevel | None = InsiderRiskLevel.NONE


class Snapshot(Stored, frozen=True, kw_only=True, omit_defaults=True):
    """The signals of one decision; what is as usual is left out, so that most snapshots stay small."""

    version: int = 1
    user: UserId
    kind: UserKind | None  # None: a workload identity
    groups: tuple[GroupId, ...] = ()
    roles: tuple[RoleId, ...] = ()
    guest_type: GuestType | None = None
    tenant: str | None = None
    agent: bool = False
    foreign: bool = False
    attributes: Attributes = ()
    assigned: bool | None = None
    app: AppId | None = None
    contexts: tuple[str, ...] = ()
    app_attributes: Attributes = ()
    app_groups: tuple[str, ...] = ()
    user_action: UserAction | None = None
    context: str | None = None
    client_app: ClientApp | None = None
    platform: Platform | None = None
    address: str | None = None
    country: str | None = None
    gps_country: str | None = None
    compliant_network: bool = False
    device: Device | None = None
    flows: tuple[TransferMethod, ...] = ()
    risks: KeptRisks = KeptRisks()
    agent_context: str | None = None
    proofs: tuple[KeptProof, ...] = ()
    satisfied: Satisfied = NOTHING_ELSE
    # Decided as Entra and its clients would enforce it, not as our gateway does.
    enforced_by_everything: bool = False
    break_glass: bool = False
    # From when the picture was, where the database was gone: the decision is that much older than its instant.
    known_at: datetime | None = None


def encode_snapshot(request: AccessRequest, *, known_at: datetime | None = None) -> bytes:
    """Canonical JSON (RFC 8785): equal signals are equal bytes, whatever order they were gathered in."""
    target, principal = request.target, request.principal
    app = target if isinstance(target, AppTarget) else None
    snapshot = Snapshot(
        user=principal.id,
        kind=principal.kind,
        groups=tuple(sorted(principal.groups)),
        roles=tuple(sorted(principal.roles)),
        guest_type=principal.guest_type,
        tenant=principal.tenant,
        agent=principal.agent,
        foreign=principal.foreign,
        attributes=_ordered(principal.attributes),
        assigned=request.assigned,
        app=app.app_id if app else None,
        contexts=tuple(sorted(app.contexts)) if app else (),
        app_attributes=_ordered(app.attributes) if app else (),
        app_groups=tuple(sorted(app.groups)) if app else (),
        user_action=target.action if isinstance(target, UserActionTarget) else None,
        context=target.context if isinstance(target, AuthenticationContextTarget) else None,
        client_app=request.client_app,
        platform=request.platform,
        address=None if request.address is None else str(request.address),
        country=request.country,
        gps_country=request.gps_country,
        compliant_network=request.compliant_network,
        device=request.device,
        flows=tuple(sorted(request.flows)),
        risks=_risks(request),
        agent_context=request.agent_context,
        proofs=tuple(map(_kept_proof, request.proofs)),
        satisfied=request.satisfied,
        enforced_by_everything=request.enforced_by == EVERYTHING,
        break_glass=principal.break_glass,
        known_at=known_at,
    )
    return of_any_length(msgspec.json.encode(snapshot, order="deterministic"))


def _ordered(attributes: Attributes) -> Attributes:
    return tuple(sorted(attributes, key=lambda found: found[0]))


def _risks(request: AccessRequest) -> KeptRisks:
    return KeptRisks(
        sign_in=request.sign_in_risk,
        user=request.user_risk,
        service_principal=request.service_principal_risk,
        agent_id=request.agent_id_risk,
        insider=request.insider_risk,
    )


def _kept_proof(proof: Proof) -> KeptProof:
    return KeptProof(
        method=proof.method,
        at=proof.at,
        user_verified=proof.user_verified,
        device_bound=proof.device_bound,
        aaguid=proof.aaguid,
        issuer_ski=proof.issuer_ski,
        policy_oids=proof.policy_oids,
    )


def decode_snapshot(snapshot: bytes, at: datetime) -> AccessRequest:
    """The question as it was asked at that instant; raises InvalidInputError for what is no snapshot."""
    try:
        kept = msgspec.json.decode(snapshot, type=Snapshot)
        address = None if kept.address is None else ip_address(kept.address)
    except (msgspec.MsgspecError, ValueError) as error:
        raise InvalidInputError(f"this is no snapshot of signals: {error}") from error
    return AccessRequest(
        principal=_principal(kept),
        assigned=kept.assigned,
        target=_target(kept),
        client_app=kept.client_app,
        platform=kept.platform,
        address=address,
        country=kept.country,
        gps_country=kept.gps_country,
        compliant_network=kept.compliant_network,
        device=kept.device,
        flows=frozenset(kept.flows),
        sign_in_risk=kept.risks.sign_in,
        user_risk=kept.risks.user,
        service_principal_risk=kept.risks.service_principal,
        agent_id_risk=kept.risks.agent_id,
        insider_risk=kept.risks.insider,
        agent_context=kept.agent_context,
        proofs=tuple(map(_proof, kept.proofs)),
        satisfied=kept.satisfied,
        enforced_by=EVERYTHING if kept.enforced_by_everything else GATEWAY,
        at=at,
    )


def _principal(kept: Snapshot) -> Principal:
    return Principal(
        id=kept.user,
        kind=kept.kind,
        groups=frozenset(kept.groups),
        roles=frozenset(kept.roles),
        break_glass=kept.break_glass,
        guest_type=kept.guest_type,
        tenant=kept.tenant,
        agent=kept.agent,
        foreign=kept.foreign,
        attributes=kept.attributes,
    )


def _proof(kept: KeptProof) -> Proof:
    return Proof(
        method=kept.method,
        at=kept.at,
        user_verified=kept.user_verified,
        device_bound=kept.device_bound,
        aaguid=kept.aaguid,
        issuer_ski=kept.issuer_ski,
        policy_oids=kept.policy_oids,
    )


def _target(kept: Snapshot) -> Target:
    if kept.user_action is not None:
        return UserActionTarget(action=kept.user_action)
    if kept.context is not None:
        return AuthenticationContextTarget(context=kept.context)
    if kept.app is None:
        raise InvalidInputError("this snapshot names neither an app, nor a user action, nor a context")
    return AppTarget(
        app_id=kept.app,
        contexts=frozenset(kept.contexts),
        attributes=kept.app_attributes,
        groups=frozenset(kept.app_groups),
    )

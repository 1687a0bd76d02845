"""The compact form in which a decision's signals are kept: everything the engine was told but the instant."""

from datetime import datetime
from ipaddress import ip_address

import msgspec
import rfc8785

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
from assay.values import AppId, GroupId, InvalidInputError, RoleId, Stored, UserId


class KeptProof(Stored, frozen=True, kw_only=True, omit_defaults=True):
    """A proof; `at` as RFC 3339 text with microseconds, so that ages come out to the same bit."""

    method: Method
    at: datetime
    user_verified: bool = False


class Snapshot(Stored, frozen=True, kw_only=True, omit_defaults=True):
    """The signals of one decision."""

    version: int = 1
    user: UserId
    kind: UserKind | None  # None: a workload identity
    groups: tuple[GroupId, ...] = ()
    roles: tuple[RoleId, ...] = ()
    assigned: bool | None = None
    app: AppId | None = None
    user_action: UserAction | None = None
    client_app: ClientApp
    platform: Platform | None = None
    address: str | None = None
    proofs: tuple[KeptProof, ...] = ()
    break_glass: bool = False
    # From when the picture was, where the database was gone: the decision is that much older than its instant.
    known_at: datetime | None = None


def encode_snapshot(request: AccessRequest, *, known_at: datetime | None = None) -> bytes:
    """Canonical JSON (RFC 8785): equal signals are equal bytes, whatever order they were gathered in."""
    target = request.target
    snapshot = Snapshot(
        user=request.principal.id,
        kind=request.principal.kind,
        groups=tuple(sorted(request.principal.groups)),
        roles=tuple(sorted(request.principal.roles)),
        assigned=request.assigned,
        app=target.app_id if isinstance(target, AppTarget) else None,
        user_action=target.action if isinstance(target, UserActionTarget) else None,
        client_app=request.client_app,
        platform=request.platform,
        address=None if request.address is None else str(request.address),
        proofs=tuple(KeptProof(method=p.method, at=p.at, user_verified=p.user_verified) for p in request.proofs),
        break_glass=request.principal.break_glass,
        known_at=known_at,
    )
    return rfc8785.dumps(msgspec.to_builtins(snapshot))


def decode_snapshot(snapshot: bytes, at: datetime) -> AccessRequest:
    """The question as it was asked at that instant; raises InvalidInputError for what is no snapshot."""
    try:
        kept = msgspec.json.decode(snapshot, type=Snapshot)
        address = None if kept.address is None else ip_address(kept.address)
    except (msgspec.MsgspecError, ValueError) as error:
        raise InvalidInputError(f"this is no snapshot of signals: {error}") from error
    return AccessRequest(
        principal=Principal(
            id=kept.user,
            kind=kept.kind,
            groups=frozenset(kept.groups),
            roles=frozenset(kept.roles),
            break_glass=kept.break_glass,
        ),
        assigned=kept.assigned,
        target=_target(kept),
        client_app=kept.client_app,
        platform=kept.platform,
        address=address,
        proofs=tuple(Proof(method=p.method, at=p.at, user_verified=p.user_verified) for p in kept.proofs),
        at=at,
    )


def _target(kept: Snapshot) -> Target:
    if kept.user_action is not None:
        return UserActionTarget(action=kept.user_action)
    if kept.app is None:
        raise InvalidInputError("this snapshot names neither an app nor a user action")
    return AppTarget(app_id=kept.app)

"""A sign-in as lists show, filter and order it: lifted out of its event, and made anew from that at any time."""

from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec

from assay.events.envelope import DecisionReference, Envelope
from assay.events.sign_in_codes import NO_ERROR, error_code
from assay.events.types import SIGN_IN_FAILED, SIGN_IN_INTERRUPTED, SIGN_IN_SUCCEEDED, SIGN_IN_THROTTLED
from assay.events.user_agents import browser_of, client_app_of, system_of
from assay.policy import PolicyResult, PolicySet
from assay.policy.definition import BuiltInControl, ConditionalAccessPolicy
from assay.policy.request import Method
from assay.values import Stored, Value
from assay.values.asking import folded

SIGN_IN_CODES: Final = tuple(
    kind.code for kind in (SIGN_IN_SUCCEEDED, SIGN_IN_INTERRUPTED, SIGN_IN_FAILED, SIGN_IN_THROTTLED)
)
SINGLE_FACTOR: Final = "singleFactorAuthentication"
MULTI_FACTOR: Final = "multiFactorAuthentication"
CANNOT_BE_EVALUATED: Final = frozenset({"policyCannotBeEvaluated", "conditionCannotBeEvaluated"})


class SignInOutcome(StrEnum):
    """How it ended: let in, asked for more, refused by the engine, not proved, or not looked at."""

    ALLOW = "allow"
    STEP_UP = "stepUp"
    BLOCK = "block"
    FAILED = "failed"
    THROTTLED = "throttled"


class Strength(StrEnum):
    """How well somebody who got in had proved who they are; NONE for whoever did not get in."""

    NONE = ""
    PASSWORD_ONLY = "passwordOnly"  # noqa: S105 - a name, not a password
    MFA = "mfa"
    PHISHING_RESISTANT = "phishingResistant"


class SeenProof(Stored, frozen=True, kw_only=True):
    """A proof, as a decision's snapshot keeps it."""

    method: str
    user_verified: bool = False


class SeenSignals(Stored, frozen=True, kw_only=True):
    """Of a decision's snapshot, what a list shows."""

    proofs: tuple[SeenProof, ...] = ()
    break_glass: bool = False


class SignIn(Value, frozen=True, kw_only=True):
    """One row. Texts are "" where nothing is known; `user_key` and `app_key` are the names as they are looked for.

    `conditional_access`: success, failure or notApplied. `methods`: what was proved, in Graph's words, in order.
    """

    at: datetime
    leaf_index: int
    id: str
    outcome: SignInOutcome
    error_code: int
    reason: str
    conditional_access: str
    requirement: str
    strength: Strength
    client_app: str
    system: str
    browser: str
    address: str
    user_key: str
    app_key: str
    user_id: str
    app_id: str
    session_id: str
    decision_id: str
    methods: tuple[str, ...]


def sign_in_of(envelope: Envelope, signals: SeenSignals, demanding: frozenset[str]) -> SignIn:
    """The row of an event of a sign-in; `demanding`: policies of its time that ask for more than one factor."""
    decision, reason = envelope.unmapped.decision, envelope.unmapped.reason
    outcome = _outcome(envelope.metadata.event_code, decided=decision is not None)
    code = reason.code if reason is not None else ""
    user_agent = envelope.http_request.user_agent if envelope.http_request is not None else ""
    user, app = envelope.user, envelope.service
    return SignIn(
        at=envelope.time_dt,
        leaf_index=envelope.metadata.sequence,
        id=envelope.metadata.uid,
        outcome=outcome,
        error_code=NO_ERROR if outcome is SignInOutcome.ALLOW else error_code(code, decided=decision is not None),
        reason=code,
        conditional_access=conditional_access(decision, code),
        requirement=_requirement(decision, signals, demanding),
        strength=_strength(signals) if outcome is SignInOutcome.ALLOW else Strength.NONE,
        client_app=client_app_of(user_agent),
        system=system_of(user_agent),
        browser=browser_of(user_agent),
        address=envelope.src_endpoint.ip if envelope.src_endpoint is not None else "",
        user_key=_key(user.name) if user is not None else "",
        app_key=_key(app.name) if app is not None else "",
        user_id=(user.uid or "") if user is not None else "",
        app_id=app.uid if app is not None else "",
        session_id=envelope.session.uid if envelope.session is not None else "",
        decision_id=decision.uid if decision is not None else "",
        methods=tuple(proof.method for proof in signals.proofs),
    )


def conditional_access(decision: DecisionReference | None, reason: str) -> str:
    """Graph's conditionalAccessStatus over the enforced policies that applied; `reason` is why it was refused.

    A policy in report-only that cannot be evaluated is unknown too, and stops nobody.
    """
    results = {each.result for each in decision.applied} if decision is not None else set()
    if PolicyResult.FAILURE in results or (PolicyResult.UNKNOWN in results and reason in CANNOT_BE_EVALUATED):
        return "failure"
    return "success" if PolicyResult.SUCCESS in results else "notApplied"


def read_signals(snapshot: bytes | None) -> SeenSignals:
    """What a snapshot says; nothing where there is none, or where it cannot be read."""
    try:
        return SeenSignals() if snapshot is None else msgspec.json.decode(snapshot, type=SeenSignals)
    except msgspec.MsgspecError:
        return SeenSignals()


def demanding_policies(policy_set: bytes | None) -> frozenset[str]:
    """The policies of a kept set that ask for more than one factor."""
    try:
        read = PolicySet() if policy_set is None else msgspec.json.decode(policy_set, type=PolicySet)
    except msgspec.MsgspecError:
        return frozenset()
    return frozenset(policy.id for policy in read.policies if _demands(policy))


def _demands(policy: ConditionalAccessPolicy) -> bool:
    controls = policy.grant_controls
    if controls is None:
        return False
    return BuiltInControl.MFA in controls.built_in_controls or controls.authentication_strength is not None


def _key(name: str | None) -> str:
    """As it is looked for; PostgreSQL keeps no NUL, which somebody may have typed as a name."""
    return folded((name or "").replace("\x00", "\ufffd"))


def _outcome(code: str, *, decided: bool) -> SignInOutcome:
    if code == SIGN_IN_SUCCEEDED.code:
        return SignInOutcome.ALLOW
    if code == SIGN_IN_INTERRUPTED.code:
        return SignInOutcome.STEP_UP
    if code == SIGN_IN_THROTTLED.code:
        return SignInOutcome.THROTTLED
    return SignInOutcome.BLOCK if decided else SignInOutcome.FAILED


def _requirement(decision: DecisionReference | None, signals: SeenSignals, demanding: frozenset[str]) -> str:
    enforced = (PolicyResult.SUCCESS, PolicyResult.FAILURE)
    asked = decision is not None and any(
        each.policy in demanding and each.result in enforced for each in decision.applied
    )
    return MULTI_FACTOR if asked or signals.break_glass else SINGLE_FACTOR


def _strength(signals: SeenSignals) -> Strength:
    if any(proof.user_verified for proof in signals.proofs):
        return Strength.PHISHING_RESISTANT
    methods = {proof.method for proof in signals.proofs}
    if len(methods) > 1:
        return Strength.MFA
    return Strength.PASSWORD_ONLY if methods == {Method.PASSWORD.value} else Strength.NONE

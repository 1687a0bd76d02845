"""What the engine answers: the outcome, what is missing, what is limited, until when, and why."""

from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec

from assay.policy.enforcement import Control
from assay.policy.request import AccessRequest, Method
from assay.policy.session_controls import CloudAppSecurity, ContinuousAccessEvaluation, PersistentBrowserMode
from assay.values import PolicyId, Reason, Value, Word

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})  # RFC 9110 §9.2.1 without TRACE, which no app needs


class Outcome(Word):
    """What the enforcement point does."""

    ALLOW = "allow"
    STEP_UP = "stepUp"
    BLOCK = "block"


class Assignment(Word):
    """Whether access exists at all; Conditional Access never creates it."""

    ASSIGNED = "assigned"
    NOT_ASSIGNED = "notAssigned"
    NOT_EVALUATED = "notEvaluated"


class ConditionalAccessStatus(Word):
    """Graph's conditionalAccessStatus, over the enforced policies."""

    SUCCESS = "success"
    FAILURE = "failure"
    NOT_APPLIED = "notApplied"


class PolicyResult(Word):
    """Graph's appliedConditionalAccessPolicyResult."""

    SUCCESS = "success"
    FAILURE = "failure"
    NOT_APPLIED = "notApplied"
    NOT_ENABLED = "notEnabled"
    UNKNOWN = "unknown"
    REPORT_ONLY_SUCCESS = "reportOnlySuccess"
    REPORT_ONLY_FAILURE = "reportOnlyFailure"
    REPORT_ONLY_NOT_APPLIED = "reportOnlyNotApplied"
    REPORT_ONLY_INTERRUPTED = "reportOnlyInterrupted"


class Factor(Word):
    """Which part of the authentication is too old for a sign-in frequency."""

    PRIMARY = "primary"
    SECONDARY = "secondary"


class CombinationOption(Value, frozen=True, kw_only=True):
    """One allowed combination and what of it is still to be proved, in the order to prove it."""

    combination: tuple[Method, ...]
    missing: tuple[Method, ...]


class UnmetControl(Value, frozen=True, kw_only=True):
    """One control that is not satisfied; any one of `options` (fewest missing first) satisfies it.

    `options` is empty for what methods of authentication do not satisfy.
    `strength`: the authentication strength's id (mfa is strength …0002), None for other controls.
    `subject`: the id of the terms of use or of the custom factor.
    `too_old`: the factors that were proved, but longer ago than `max_age`.
    """

    control: Control
    options: tuple[CombinationOption, ...]
    strength: str | None = None
    subject: str | None = None
    too_old: tuple[Factor, ...] = ()
    max_age: timedelta | None = None


class Unmet(Value, frozen=True, kw_only=True):
    """One demand of one or more policies; any one of its alternatives meets it (operator OR)."""

    policies: tuple[PolicyId, ...]
    alternatives: tuple[UnmetControl, ...]

    @property
    def options(self) -> tuple[CombinationOption, ...]:
        """Every combination that meets this demand, fewest missing methods first."""
        found = {option for alternative in self.alternatives for option in alternative.options}
        return tuple(sorted(found, key=lambda option: (len(option.missing), option.combination)))


class Limits(Value, frozen=True, kw_only=True):
    """What an allowed request may still not do; `methods` None means any HTTP method."""

    read_only: bool = False
    methods: frozenset[str] | None = None

    def permits(self, method: str, *, upgrade: bool = False) -> bool:
        """Whether an HTTP method (upper case) passes; an upgraded connection can write, so read-only refuses it."""
        if self.read_only and (upgrade or method not in SAFE_METHODS):
            return False
        return self.methods is None or method in self.methods


class EffectiveSessionControls(Value, frozen=True, kw_only=True):
    """The session controls of all applicable policies merged: the shortest age, never before always.

    Of cloud app security the strongest; of continuous access evaluation strict location before strict enforcement;
    the profiles of Global Secure Access side by side.
    """

    primary_max_age: timedelta | None = None
    secondary_max_age: timedelta | None = None
    persistent_browser: PersistentBrowserMode | None = None
    # Not on what was known before an outage: Graph's session control of that name.
    disable_resilience_defaults: bool = False
    application_enforced_restrictions: bool = False
    cloud_app_security: CloudAppSecurity | None = None
    continuous_access_evaluation: ContinuousAccessEvaluation | None = None
    secure_sign_in_session: bool = False
    network_access_security: tuple[str, ...] = ()
    global_secure_access_filtering_profiles: tuple[str, ...] = ()


class AppliedPolicy(Value, frozen=True, kw_only=True):
    """One applicable policy and how it went."""

    policy: PolicyId
    display_name: str
    result: PolicyResult


class Details(Value, frozen=True, kw_only=True):
    """What a decision says beside what is done: see `Decision`."""

    reasons: tuple[Reason, ...] = ()
    unmet: tuple[Unmet, ...] = ()
    applied: tuple[AppliedPolicy, ...] = ()
    report_only: tuple[AppliedPolicy, ...] = ()


Tell = Callable[[int, AccessRequest], Details]  # from the applicable policies, as a mask, and what was asked


class Account(msgspec.Struct, eq=False, gc=False):
    """The details of a decision, told when they are first read: nobody reads most of them.

    INVARIANT: `tell` is pure, so whenever it is asked it says the same; then what it said takes its place. It knows of
    no answer (`gc`: no cycle leads back here).
    """

    tell: Tell | Details = Details()
    applicable: int = 0
    request: AccessRequest | None = None

    @classmethod
    def of(cls, *reasons: Reason) -> "Account":
        """Reasons alone, of an answer for which no policy was asked."""
        return cls(Details(reasons=reasons))

    @property
    def details(self) -> Details:
        """All of it; once told, the request and the policies that it was told from are let go."""
        # In this order, because another thread may be told meanwhile: whoever sees no request sees the details.
        request, told = self.request, self.tell
        if not isinstance(told, Details):
            assert request is not None
            self.tell = told = told(self.applicable, request)
            self.request = None
        return told

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Account) and self.details == other.details

    def __hash__(self) -> int:
        return hash(self.details)

    def __repr__(self) -> str:
        return repr(self.details)


class WholeDecision(Value, frozen=True, kw_only=True):
    """A decision with its account told, as it is hashed: the order of the fields is part of the hash."""

    outcome: Outcome
    assignment: Assignment
    conditional_access: ConditionalAccessStatus
    reasons: tuple[Reason, ...]
    unmet: tuple[Unmet, ...]
    limits: Limits
    session: EffectiveSessionControls
    applied: tuple[AppliedPolicy, ...]
    report_only: tuple[AppliedPolicy, ...]
    valid_until: datetime | None
    policy_set_hash: str


class Decision(Value, frozen=True, kw_only=True, gc=False):
    """The answer.

    `account` holds `reasons`, `unmet`, `applied` and `report_only`.
    `valid_until`: the first instant at which the same question may get another answer; None: time alone
    changes nothing.
    """

    outcome: Outcome
    assignment: Assignment
    conditional_access: ConditionalAccessStatus
    limits: Limits = Limits()
    session: EffectiveSessionControls = EffectiveSessionControls()
    valid_until: datetime | None = None
    policy_set_hash: str = ""
    account: Account = msgspec.field(default_factory=Account)

    @property
    def allowed(self) -> bool:
        """Whether the request may pass now (within `limits`)."""
        return self.outcome is Outcome.ALLOW

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Why it is not allowed."""
        return self.account.details.reasons

    @property
    def unmet(self) -> tuple[Unmet, ...]:
        """What is to be asked for, in this order (re-authentication, then mfa and strengths)."""
        return self.account.details.unmet

    @property
    def applied(self) -> tuple[AppliedPolicy, ...]:
        """The enforced policies that apply."""
        return self.account.details.applied

    @property
    def report_only(self) -> tuple[AppliedPolicy, ...]:
        """The policies that would apply if they were enforced."""
        return self.account.details.report_only

    @property
    def whole(self) -> WholeDecision:
        """All that it says, at once."""
        return WholeDecision(**{field: getattr(self, field) for field in WholeDecision.__struct_fields__})

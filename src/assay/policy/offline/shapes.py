"""The JSON of an answer, in Graph's result vocabulary: what `assay policy decide --json` prints."""

from msgspec import UNSET, UnsetType

from assay.policy.decision import Assignment, ConditionalAccessStatus, PolicyResult
from assay.policy.offline.expected import Verdict
from assay.policy.offline.given_set import SetProblem
from assay.values import Wire


class ReasonShape(Wire, frozen=True, kw_only=True):
    """Why: a stable code, and the sentence."""

    code: str
    message: str


class WayShape(Wire, frozen=True, kw_only=True):
    """One control that would meet a demand. `missing`: the methods that the shortest way lacks.

    `subject`: the id of the strength, the terms of use or the custom factor; `displayName`: what a strength is called;
    `maxAgeMinutes`: older does not count.
    """

    control: str
    subject: str | None = None
    display_name: str | None = None
    missing: tuple[str, ...] = ()
    combinations: tuple[tuple[str, ...], ...] = ()
    max_age_minutes: float | None = None


class DemandShape(Wire, frozen=True, kw_only=True):
    """Something to ask for: any one of `anyOf` meets it; the policies that demand it."""

    any_of: tuple[WayShape, ...]
    policies: tuple[str, ...]


class RuleShape(Wire, frozen=True, kw_only=True):
    """Graph's conditionalAccessRuleSatisfied, and the id or word that did it."""

    conditional_access_condition: str
    rule_satisfied: str
    value: str = ""


class StrengthShape(Wire, frozen=True, kw_only=True):
    """Graph's authenticationStrength of an applied policy, as far as it is decided here."""

    authentication_strength_id: str
    display_name: str
    authentication_strength_result: str


class AppliedShape(Wire, frozen=True, kw_only=True):
    """Graph's appliedConditionalAccessPolicy; `notDecided`: parts of the policy that make its result `unknown`."""

    id: str
    display_name: str
    result: PolicyResult
    enforced_grant_controls: tuple[str, ...] = ()
    enforced_session_controls: tuple[str, ...] = ()
    session_controls_not_satisfied: tuple[str, ...] = ()
    conditions_satisfied: str = "none"
    conditions_not_satisfied: str = "none"
    include_rules_satisfied: tuple[RuleShape, ...] = ()
    exclude_rules_satisfied: tuple[RuleShape, ...] = ()
    authentication_strength: StrengthShape | UnsetType = UNSET
    not_decided: tuple[str, ...] | UnsetType = UNSET


class SessionShape(Wire, frozen=True, kw_only=True, omit_defaults=True):
    """The session controls of all applicable policies together, in Graph's names; ages in minutes."""

    sign_in_frequency_minutes: float | None = None
    secondary_authentication_minutes: float | None = None
    persistent_browser: str | None = None
    application_enforced_restrictions: bool = False
    cloud_app_security: str | None = None
    continuous_access_evaluation: str | None = None
    disable_resilience_defaults: bool = False
    secure_sign_in_session: bool = False
    network_access_security: tuple[str, ...] = ()
    global_secure_access_filtering_profiles: tuple[str, ...] = ()
    read_only: bool = False
    methods: tuple[str, ...] | None = None


class WayChangeShape(Wire, frozen=True, kw_only=True):
    """One thing that somebody can do, such as useMethod; `subject`: the method, the terms or the place, by name."""

    change: str
    subject: str


class WayInShape(Wire, frozen=True, kw_only=True):
    """The cheapest changes by which the sign-in would be granted, verified by deciding again.

    `changes` null: nothing that the person can do. `exhaustive` false: too many ways were tried; nothing is known.
    """

    changes: tuple[WayChangeShape, ...] | None
    exhaustive: bool


class Account(Wire, frozen=True, kw_only=True):
    """The whole answer. `askFor`: what to ask for, in the order of Graph's prompts; `asExpected`: where it says so.

    `wayIn`: where it was asked for, and the sign-in is not granted; null for programs.
    """

    decision: Verdict
    assignment: Assignment
    conditional_access_status: ConditionalAccessStatus
    reasons: tuple[ReasonShape, ...]
    ask_for: tuple[DemandShape, ...]
    session_controls: SessionShape
    applied_conditional_access_policies: tuple[AppliedShape, ...]
    notes: tuple[str, ...]
    set_problems: tuple[SetProblem, ...]
    policy_set_hash: str
    description: str | UnsetType = UNSET
    as_expected: bool | UnsetType = UNSET
    differs: tuple[str, ...] | UnsetType = UNSET
    way_in: WayInShape | UnsetType | None = UNSET

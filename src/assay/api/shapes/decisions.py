"""The account of a decision."""

from datetime import datetime

from assay.values import Wire


class ReasonShape(Wire, frozen=True, kw_only=True):
    """A stable code and its parameters."""

    code: str
    parameters: dict[str, str]


class ConditionShape(Wire, frozen=True, kw_only=True):
    """One condition: the value seen, whether it is satisfied, and the rules (Graph's names) that matched."""

    condition: str
    configured: bool
    value: str
    satisfied: bool
    include: tuple[str, ...]
    exclude: tuple[str, ...]
    undecided: tuple[str, ...]


class ControlShape(Wire, frozen=True, kw_only=True):
    """One control: satisfied by which methods, or what the shortest way lacks; of one `group` one is enough."""

    control: str
    group: int
    satisfied: bool
    satisfied_by: tuple[str, ...]
    missing: tuple[str, ...]


class ExplainedPolicyShape(Wire, frozen=True, kw_only=True):
    """One policy of the set and what became of it, in Graph's result vocabulary."""

    id: str
    display_name: str
    state: str
    result: str
    conditions: tuple[ConditionShape, ...]
    controls: tuple[ControlShape, ...]
    undecided: tuple[str, ...]


class AskedShape(Wire, frozen=True, kw_only=True):
    """What the engine was told."""

    user_id: str
    user_type: str
    groups: tuple[str, ...]
    roles: tuple[str, ...]
    assigned: bool | None
    target: str
    client_app: str
    platform: str | None
    address: str | None
    methods: tuple[str, ...]


class SpeaksAgainstShape(Wire, frozen=True, kw_only=True):
    """A condition, and how many policies do not apply because of it; of several conditions the first counts."""

    condition: str
    count: int


class OthersShape(Wire, frozen=True, kw_only=True):
    """The policies that do not apply: how many, and those of them that were asked for, in full.

    `disabled`: how many are switched off. Ask for more with `others` (how many) and `othersAfter` (how many before).
    """

    count: int
    disabled: int
    by_condition: tuple[SpeaksAgainstShape, ...]
    policies: tuple[ExplainedPolicyShape, ...]


class WayChangeShape(Wire, frozen=True, kw_only=True):
    """One thing that the person can do, such as useMethod; `subject`: the method, the terms or the place, by name."""

    change: str
    subject: str


class WayInShape(Wire, frozen=True, kw_only=True):
    """The cheapest changes by which the person would be let in, each verified by deciding again.

    `changes` null: nothing that the person can do; it takes an administrator. `exhaustive` false: too many ways were
    tried, and nothing is known.
    """

    changes: tuple[WayChangeShape, ...] | None
    exhaustive: bool


class DecisionShape(Wire, frozen=True, kw_only=True):
    """A recorded decision, made again: `same` says whether it came out equal; None: no policy was asked then.

    `policies`: those that apply. `wayIn`: null where the person was let in, or where nobody could do anything.
    """

    id: str
    code: str
    at: datetime
    last_at: datetime
    count: int
    user: str
    app: str
    outcome: str
    assignment: str
    conditional_access: str
    reasons: tuple[ReasonShape, ...]
    same: bool | None
    policy_set_hash: str
    engine_then: str
    engine_now: str
    asked: AskedShape
    policies: tuple[ExplainedPolicyShape, ...]
    others: OthersShape
    way_in: WayInShape | None = None

"""What is said of one policy: its conditions, the values seen, its controls and what came of it."""

from assay.policy.conditions.base import ConditionName, RuleMatch
from assay.policy.decision import PolicyResult
from assay.policy.definition import PolicyState
from assay.policy.request import Method
from assay.values import PolicyId, Value


class ConditionExplanation(Value, frozen=True, kw_only=True):
    """One condition: the value seen, and the rules that it satisfied in Graph's conditionalAccessRule names.

    `undecided`: parts that cannot be evaluated here, because of which the condition counts as satisfied.
    """

    condition: ConditionName
    configured: bool
    value: str
    satisfied: bool
    include: tuple[RuleMatch, ...] = ()
    exclude: tuple[RuleMatch, ...] = ()
    undecided: tuple[str, ...] = ()
    supplied: bool = True


class ControlExplanation(Value, frozen=True, kw_only=True):
    """One control: satisfied by which methods, or what the shortest way lacks. `group`: one of each is enough.

    `subject`: the terms of use or the custom factor that it names; which strength is demanded, the policy says.
    """

    control: str
    group: int
    satisfied: bool
    subject: str | None = None
    satisfied_by: tuple[Method, ...] = ()
    missing: tuple[Method, ...] = ()


class PolicyExplanation(Value, frozen=True, kw_only=True):
    """One policy of the set; controls only where all its conditions are satisfied."""

    policy: PolicyId
    display_name: str
    state: PolicyState
    result: PolicyResult
    conditions: tuple[ConditionExplanation, ...]
    controls: tuple[ControlExplanation, ...] = ()
    undecided: tuple[str, ...] = ()

"""Conditions that name levels of risk: a level is in the list or it is not; none compares by severity (D COND)."""

from collections.abc import Callable
from enum import StrEnum
from typing import TypeVar

from msgspec.structs import replace

from assay.policy.condition_set import ConditionSet
from assay.policy.conditions.base import Condition, ConditionName, Index, Match, Policies, Rule, RuleMatch, mask, masks
from assay.policy.definition import ConditionalAccessPolicy
from assay.policy.graph_json import JsonObject, Node, strings
from assay.policy.location_table import LocationTable
from assay.policy.request import AccessRequest
from assay.policy.symbolic import TRUE, Term, Vocabulary
from assay.policy.symbolic import level as level_of

L = TypeVar("L", bound=StrEnum)
UNKNOWN = "unknown"


def level_condition(
    name: ConditionName,
    part: str,
    kind: type[L],
    *,
    field: str,
    rule: Rule,
    named: Callable[[ConditionSet], tuple[L, ...]],
    seen: Callable[[AccessRequest], L | None],
    flags: bool = False,
) -> Condition:
    """One condition on the level that `seen` reads; `field`: in ConditionSet; `flags`: a comma string in Graph.

    A level that nobody can tell satisfies every such condition: a policy that could restrict applies.
    """

    def index(policies: Policies, _: LocationTable) -> Index:
        by_level = masks(policies, lambda policy: named(policy.conditions))
        if not by_level:
            return None
        anyhow = mask(policies, lambda policy: not named(policy.conditions))
        table: dict[L | None, int] = {level: anyhow | by_level.get(level, 0) for level in kind}
        table[None] = (1 << len(policies)) - 1
        return lambda request: table[seen(request)]

    def match(policy: ConditionalAccessPolicy, request: AccessRequest, _: LocationTable) -> Match:
        levels, level = named(policy.conditions), seen(request)
        satisfied = levels if level is None else (level,) if level in levels else ()
        return Match(
            configured=bool(levels),
            value=UNKNOWN if level is None else level,
            include=tuple(RuleMatch(rule=rule, value=found) for found in satisfied),
        )

    def decode(node: Node, conditions: ConditionSet) -> ConditionSet:
        found = node.flags(part, kind) if flags else node.choices(part, kind)
        return replace(conditions, **{field: found})

    def encode(conditions: ConditionSet) -> JsonObject:
        levels = named(conditions)
        if flags:
            return {part: ",".join(levels) or None}
        return {part: strings(levels)}

    def symbolic(policy: ConditionalAccessPolicy, vocabulary: Vocabulary) -> Term:
        levels = named(policy.conditions)
        return vocabulary.where(level_of(name), lambda seen: seen in levels) if levels else TRUE

    return Condition(name=name, part=part, decode=decode, encode=encode, match=match, index=index, symbolic=symbolic)

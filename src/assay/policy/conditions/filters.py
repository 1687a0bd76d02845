"""Filters in policies: compiled once, asked with the properties of a device, an app or a workload identity."""

from collections.abc import Callable, Mapping

from assay.policy.condition_set import Filter, FilterMode
from assay.policy.definition import Undecided
from assay.policy.filter_parser import FilterRuleError, parse_filter_rule
from assay.policy.filter_rule import FilterRule, Vocabulary
from assay.policy.graph_json import JsonObject, Node, is_empty
from assay.policy.request import Attributes

Values = Mapping[str, str | bool | tuple[str, ...] | None]


def decode_filter(node: Node, key: str, vocabulary: Vocabulary) -> Filter | None:
    """conditionalAccessFilter at `key`; a rule that nobody can read stays undecided, whole, and is shown."""
    value = node.take(key)
    if is_empty(value):
        return None
    beside: list[Undecided] = []
    part = Node(value, (*node.path, key), beside)
    mode, rule = part.choice("mode", FilterMode), part.text("rule")
    part.leave()
    if mode is None or not rule or not _readable(rule, vocabulary):
        node.undecided(key, value)
        return None
    node.kept.extend(beside)
    return Filter(mode=mode, rule=rule)


def _readable(rule: str, vocabulary: Vocabulary) -> bool:
    try:
        parse_filter_rule(rule, vocabulary)
    except FilterRuleError:
        return False
    return True


def encode_filter(found: Filter | None) -> JsonObject | None:
    """Graph's shape, the rule as it was written."""
    return None if found is None else {"mode": found.mode.value, "rule": found.rule}


def rule_of(found: Filter, vocabulary: Vocabulary) -> FilterRule:
    """The rule of a stored filter; raises FilterRuleError where it cannot be read, which denies."""
    return parse_filter_rule(found.rule, vocabulary)


def attribute_values(attributes: Attributes) -> Values:
    """Custom security attributes as a rule reads them."""
    return dict(attributes)


def narrowed(found: Filter | None, matches: Callable[[], bool], *, included: bool, everything: bool) -> bool:
    """A list and a filter beside it: an exclude filter takes away; an include filter adds, or narrows the word for all.

    (U: no document says how an include filter and the word for all combine; as a union the filter would say nothing.)
    """
    if found is None:
        return included
    if found.mode is FilterMode.EXCLUDE:
        return included and not matches()
    if everything:
        return matches()
    return included or matches()

"""Filters in policies: compiled once, asked with the properties of a device, an app or a workload identity."""

from collections.abc import Callable, Mapping

from msgspec.structs import replace

from assay.policy.condition_set import Filter, FilterMode
from assay.policy.definition import Undecided
from assay.policy.filter_parser import FilterRuleError, parse_filter_rule
from assay.policy.filter_rule import (
    CUSTOM_SECURITY_ATTRIBUTE,
    NEGATIVE,
    And,
    Comparison,
    FilterRule,
    Not,
    Or,
    Vocabulary,
    holds,
)
from assay.policy.graph_json import JsonObject, Node, is_empty
from assay.policy.request import Attributes
from assay.policy.symbolic import SEVERAL, Is, Term, Thing, every, one_of_several, opposite, some
from assay.policy.symbolic import Vocabulary as SymbolicVocabulary

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


def symbolic_rule(rule: FilterRule, comparison: Callable[[Comparison], Term]) -> Term:
    """For proofs: a rule, by what each comparison means."""
    match rule:
        case Comparison():
            return comparison(rule)
        case Not():
            return opposite(symbolic_rule(rule.rule, comparison))
        case And():
            return every(*(symbolic_rule(part, comparison) for part in rule.rules))
        case Or():
            return some(*(symbolic_rule(part, comparison) for part in rule.rules))


def passes_filter(found: Filter, whose: str, known: SymbolicVocabulary) -> Term:
    """For proofs: a filter on custom security attributes of apps or of programs, by the rule itself.

    An attribute holds nothing, one text or several, of which one is enough.
    """

    def comparison(rule: Comparison) -> Term:
        dimension = whose + rule.property
        positive = replace(rule, operator=NEGATIVE.get(rule.operator, rule.operator))

        def alone(seen: Thing) -> bool:
            return seen is not SEVERAL and holds(positive, {rule.property: None if seen is None else str(seen)})

        several = (text for text in known.elements[dimension] if holds(positive, {rule.property: (text,)}))
        term = some(
            known.where(dimension, alone),
            every(Is(dimension, SEVERAL), some(*(Is(one_of_several(dimension, text), True) for text in several))),
        )
        return term if positive.operator is rule.operator else opposite(term)

    return symbolic_rule(rule_of(found, CUSTOM_SECURITY_ATTRIBUTE), comparison)


def narrowed_term(
    found: Filter | None, included: Term, whose: str, known: SymbolicVocabulary, *, everything: bool
) -> Term:
    """For proofs: as `narrowed`."""
    if found is None:
        return included
    passing = passes_filter(found, whose, known)
    if found.mode is FilterMode.EXCLUDE:
        return every(included, opposite(passing))
    return passing if everything else some(included, passing)


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

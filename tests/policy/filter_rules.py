"""Filter rules for tests: drawn ones, and their meaning a second time, as the reference's table says it."""

from collections.abc import Mapping

from hypothesis import strategies as st

from assay.policy.filter_rule import DEVICE, And, Comparison, FilterRule, Not, Or, PropertyKind

PROPERTIES = {found.name: found for found in DEVICE.table.values()}
# Few words, so that comparisons come true; with every character that quoting has to do with.
texts = st.one_of(st.sampled_from(["", "a", "A", "ab", "b", "true", "null"]), st.text("aB\"'`\\ ß[](),-", max_size=6))


@st.composite
def comparisons(draw: st.DrawFn) -> Comparison:
    found = PROPERTIES[draw(st.sampled_from(["isCompliant", "deviceId", "displayName", "model", "systemLabels"]))]
    operator = draw(st.sampled_from(sorted(found.operators)))
    scalars = st.booleans() if found.kind is PropertyKind.BOOLEAN else texts | st.booleans()
    if operator in ("eq", "ne"):
        scalars = scalars | st.none()
    many = st.lists(scalars, min_size=1, max_size=3 if operator.takes_list else 1)
    return Comparison(property=found.name, operator=operator, values=tuple(draw(many)))


def _larger(inner: st.SearchStrategy[FilterRule]) -> st.SearchStrategy[FilterRule]:
    parts = st.lists(inner, min_size=2, max_size=3).map(tuple)
    return st.one_of(
        inner.map(lambda rule: Not(rule=rule)),
        parts.map(lambda rules: And(rules=rules)),
        parts.map(lambda rules: Or(rules=rules)),
    )


rules = st.recursive(comparisons(), _larger, max_leaves=5)
devices = st.fixed_dictionaries(
    {},
    optional={
        "isCompliant": st.booleans() | st.none(),
        "deviceId": texts | st.none(),
        "displayName": texts | st.none(),
        "model": texts,
        "systemLabels": st.lists(texts, max_size=3).map(tuple) | st.none(),
    },
)

OBVIOUS = {
    "eq": lambda seen, wanted: seen == wanted,
    "startsWith": lambda seen, wanted: seen[: len(wanted)] == wanted,
    "endsWith": lambda seen, wanted: wanted == "" or seen[-len(wanted) :] == wanted,
    "contains": lambda seen, wanted: any(seen[at : at + len(wanted)] == wanted for at in range(len(seen) + 1)),
    "in": lambda seen, wanted: seen == wanted,
}


def obviously(rule: FilterRule, device: Mapping[str, object]) -> bool:
    """The table of the reference, row by row; the characters drawn have no case but the ASCII one."""
    if isinstance(rule, Not):
        return not obviously(rule.rule, device)
    if isinstance(rule, And | Or):
        answers = [obviously(part, device) for part in rule.rules]
        return False not in answers if isinstance(rule, And) else True in answers
    name = str(rule.operator)
    negative = name.startswith("not") or name == "ne"
    positive = {"ne": "eq", "notIn": "in"}.get(name, name.removeprefix("not"))
    positive = positive[0].lower() + positive[1:]
    seen = device.get(rule.property)
    seen = None if seen == () else seen
    if rule.values == (None,):
        return (seen is None) is not negative
    if seen is None:
        return negative
    if isinstance(seen, tuple) and positive == "contains":
        positive = "eq"
    elements = [str(one).lower() for one in (seen if isinstance(seen, tuple) else (seen,))]
    found = any(OBVIOUS[positive](one, str(wanted).lower()) for one in elements for wanted in rule.values)
    return found is not negative

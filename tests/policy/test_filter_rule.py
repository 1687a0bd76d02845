"""Filter rules as Microsoft documents them: D documented, X from exports, I follows, U ours (docs/policy.md)."""

import json
import time
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.policy.filter_parser import MAX_NESTING, FilterRuleError, parse_filter_rule
from assay.policy.filter_rule import (
    CUSTOM_SECURITY_ATTRIBUTE,
    DEVICE,
    MAX_RULE,
    NEGATIVE,
    And,
    Comparison,
    FilterOperator,
    FilterRule,
    Not,
    Or,
    fold,
    holds,
    properties,
)
from assay.policy.filter_text import write_filter_rule
from assay.policy.importers.source import read_json
from tests.policy.filter_rules import PROPERTIES, devices, obviously, rules

PACKS = Path(__file__).parent / "packs"
LABELS = ("AzureResource", "M365Managed")
LAPTOP = {
    "isCompliant": True,
    "trustType": "AzureAD",
    "displayName": "Anna's MacBook",
    "model": "",
    "operatingSystemVersion": "10.0.19045",
    "extensionAttribute1": "True",
    "systemLabels": LABELS,
    "physicalIds": (),
}


def device(text: str) -> FilterRule:
    return parse_filter_rule(text, DEVICE)


def eq(name: str, *values: str | bool | None, operator: FilterOperator = FilterOperator.EQ) -> Comparison:
    return Comparison(property=name, operator=operator, values=values)


A, B, C = (eq("model", one) for one in "abc")
a, b, c = (f'device.model -eq "{one}"' for one in "abc")
COMPLIANT = eq("isCompliant", True)

READ = [
    # X: the rules of the packs, and of exports the reference names.
    (
        'device.isCompliant -eq True -or device.trustType -eq "ServerAD"',
        Or(rules=(COMPLIANT, eq("trustType", "ServerAD"))),
    ),
    ('device.isCompliant -eq "True"', COMPLIANT),
    ("device.deviceid -eq 'x'", eq("deviceId", "x")),
    # D: hyphens optional, any case, single quotes; whitespace is nothing.
    ("DEVICE.ISCOMPLIANT EQ true", COMPLIANT),
    ('device.model -NotStartsWith"a"', eq("model", "a", operator=FilterOperator.NOT_STARTS_WITH)),
    ("\n device.model-eq'a'\t", A),
    ("device.isCompliant -ne FALSE", eq("isCompliant", False, operator=FilterOperator.NE)),
    ("device.model -eq Null", eq("model", None)),
    # D DYN: null is a word only without quotes. U: so is a bare True, which compares as the text.
    ('device.model -eq "null"', eq("model", "null")),
    ("device.model -eq True", eq("model", True)),
    # D: lists in brackets. X: in parentheses.
    ('device.model -in ["a", "b"]', eq("model", "a", "b", operator=FilterOperator.IN)),
    ("device.model notIn ('a')", eq("model", "a", operator=FilterOperator.NOT_IN)),
    # D: the support article's label.
    ('device.systemLabels -eq "CloudPC"', eq("systemLabels", "CloudPC")),
    # D: comparison, -not, -and, -or; parentheses first.
    (f"{a} -or {b} -and {c}", Or(rules=(A, And(rules=(B, C))))),
    (f"({a} -or {b}) -and {c}", And(rules=(Or(rules=(A, B)), C))),
    (f"-not {a} -and {b}", And(rules=(Not(rule=A), B))),
    (f"not not({a} or {b})and(({c}))", And(rules=(Not(rule=Not(rule=Or(rules=(A, B)))), C))),
    (f"{a} and {b} and {c}", And(rules=(A, B, C))),
    (f"({a} and {b}) and {c}", And(rules=(And(rules=(A, B)), C))),
    # D DYN: a quote inside of quotes; I: the rest is as it stands.
    ('device.model -eq "say `"a`""', eq("model", 'say "a"')),
    ("device.model -eq 'it''s'", eq("model", "it's")),
    (r"""device.model -eq "it's -and `n \" """, eq("model", r"it's -and `n " + "\\")),
]


@pytest.mark.parametrize(("text", "rule"), READ, ids=[text for text, _ in READ])
def test_read(text: str, rule: FilterRule) -> None:
    assert device(text) == rule
    assert device(write_filter_rule(rule, DEVICE)) == rule


ATTRIBUTE = 'CustomSecurityAttribute.ConditionalAccessTaggedAgents_policyRequirement -contains "ApprovedAgent"'


def test_custom_security_attributes() -> None:
    """X (the agents of a real export); D AFIL: contains is a part of a string, and one whole value of a collection."""
    rule = parse_filter_rule(ATTRIBUTE, CUSTOM_SECURITY_ATTRIBUTE)
    name = "ConditionalAccessTaggedAgents_policyRequirement"
    assert rule == eq(name, "ApprovedAgent", operator=FilterOperator.CONTAINS)
    assert write_filter_rule(rule, CUSTOM_SECURITY_ATTRIBUTE) == ATTRIBUTE
    assert [
        holds(rule, {name: seen}) for seen in ("not approvedAGENT", ("ApprovedAgent", "x"), ("ApprovedAgent2",))
    ] == [
        True,
        True,
        False,
    ]


# One row: the comparison, and whether it holds on LAPTOP and on a device that nobody knows.
MEANING = [
    ("isCompliant -eq True", True, False),
    ("isCompliant -eq False", False, False),  # D: never matches an unregistered device
    ("isCompliant -ne True", False, True),  # D: but this does
    ('trustType -eq "azuread"', True, False),  # D DYN: without case
    ('displayName -startsWith "ANNA"', True, False),
    ('displayName -notStartsWith "Bob"', True, True),
    ('displayName -endsWith "book"', True, False),
    ('displayName -notEndsWith "book"', False, True),
    ('displayName -contains "s mac"', True, False),
    ('displayName -notContains "s mac"', False, True),
    ('displayName -in ["x", "anna\'s macbook"]', True, False),
    ('displayName -notIn ["x"]', True, True),
    ('displayName -contains ""', True, False),
    ('operatingSystemVersion -startsWith "10.0.1"', True, False),
    ('systemLabels -contains "m365managed"', True, False),
    ('systemLabels -contains "M365"', False, False),  # D: one whole element
    ('systemLabels -notContains "M365"', True, True),
    ('systemLabels -eq "M365Managed"', True, False),  # U: as contains
    ('physicalIds -notContains "x"', True, True),
    ("displayName -eq null", False, True),  # D DYN
    ("displayName -ne null", True, False),
    ("isCompliant -eq null", False, True),
    ("systemLabels -eq null", False, True),
    ('model -eq ""', True, False),  # U: an empty text is not null
    ("extensionAttribute1 -eq true", True, False),  # U: a bare True beside a text
]


@pytest.mark.parametrize(("comparison", "laptop", "unknown"), MEANING, ids=[row[0] for row in MEANING])
def test_meaning(comparison: str, laptop: bool, unknown: bool) -> None:
    rule = device(f"device.{comparison}")
    assert (holds(rule, LAPTOP), holds(rule, {})) == (laptop, unknown)
    # U: the leaf first, then Boolean logic, so `-not` makes null pass what it failed.
    opposite = device(f"-not device.{comparison}")
    assert (holds(opposite, LAPTOP), holds(opposite, {})) == (not laptop, not unknown)


def test_every_operator_on_null() -> None:
    """D: positive false, negative true, for every property that has the operator."""
    for found in PROPERTIES.values():
        for operator in found.operators:
            rule = eq(found.name, "x", operator=operator)
            assert [holds(rule, seen) for seen in ({}, {found.name: None}, {found.name: ()})] == [
                operator in NEGATIVE
            ] * 3


@given(rules, devices)
def test_any_rule(rule: FilterRule, values: dict[str, str | bool | tuple[str, ...] | None]) -> None:
    """It holds as the table says, and what is written reads the same."""
    assert holds(rule, values) is obviously(rule, values)
    text = write_filter_rule(rule, DEVICE)
    again = device(text)
    assert (again, write_filter_rule(again, DEVICE)) == (rule, text)
    assert properties(rule) == {name for name in PROPERTIES if f"device.{name} " in text}


def test_a_rule_as_long_as_can_be_is_written_no_longer() -> None:
    text = "not(" + "or ".join(['device.model eq"a"'] * 145) + ")"
    text += " " * (MAX_RULE - len(text))
    again = write_filter_rule(device(text), DEVICE)
    assert len(again) <= MAX_RULE
    assert device(again) == device(text)


def _rules(value: object) -> list[str]:
    if isinstance(value, dict):
        here = [value["rule"]] if isinstance(value.get("rule"), str) else []
        return here + [rule for inner in value.values() for rule in _rules(inner)]
    return [rule for inner in value for rule in _rules(inner)] if isinstance(value, list) else []


def test_every_rule_of_the_packs_is_read() -> None:
    """7 filters for devices."""
    found = []
    for path in sorted(PACKS.rglob("*.json")):
        found += _rules(read_json(path.read_bytes()))
    assert len(found) == 7
    for text in found:
        assert write_filter_rule(device(text), DEVICE) == text


UNREADABLE = [
    ("", 0, "filterProperty"),
    ("   ", 3, "filterProperty"),
    ("True", 0, "filterProperty"),
    ('user.department -eq "x"', 0, "filterUnknownProperty"),
    ('device.colour -eq "x"', 0, "filterUnknownProperty"),
    ('device.extensionAttribute16 -eq "x"', 0, "filterUnknownProperty"),
    ('device.\N{LATIN SMALL LETTER LONG S}ystemLabels -contains "x"', 0, "filterUnknownProperty"),
    ("device.model", 12, "filterOperator"),
    ('device.model -match "x"', 13, "filterOperator"),  # D: of dynamic groups, not of filters
    ('device.isCompliant -contains "x"', 19, "filterOperatorOfProperty"),
    ('device.deviceId -startsWith "x"', 16, "filterOperatorOfProperty"),
    ('device.physicalIds -eq "x"', 19, "filterOperatorOfProperty"),
    ("device.model -eq x", 17, "filterValue"),
    ("device.model -eq -True", 17, "filterValue"),
    ('device.model -eq ["x"]', 17, "filterValue"),
    ("device.model -startsWith null", 25, "filterNull"),
    ("device.model -in [null]", 18, "filterNull"),
    ('device.isCompliant -eq "yes"', 23, "filterBoolean"),
    ('device.model -in "x"', 17, "filterList"),
    ("device.model -in []", 18, "filterValue"),
    ('device.model -in ["x" "y"]', 22, "filterList"),
    ('device.model -in ["x")', 21, "filterList"),
    ('device.model -eq "x', 17, "filterStringOpen"),
    ('device.model -eq "x`"', 17, "filterStringOpen"),
    ("device.model == 'x'", 13, "filterCharacter"),
    ("device.model \N{EN DASH}eq 'x'", 13, "filterCharacter"),
    ("device.model -eq '\ud800'", 18, "filterCharacter"),
    (f"{a} {b}", 21, "filterConnective"),
    (f"{a} -and", 25, "filterProperty"),
    (f"{a})", 20, "filterConnective"),
    (f"({a}", 21, "filterConnective"),
    ("()", 1, "filterProperty"),
    ("(" * 3000, MAX_NESTING, "filterTooDeep"),
    ("not " * 700, 4 * MAX_NESTING, "filterTooDeep"),
    (f"{a} " + " " * MAX_RULE, MAX_RULE, "filterTooLong"),
]


@pytest.mark.parametrize(("text", "position", "code"), UNREADABLE, ids=range(len(UNREADABLE)))
def test_unreadable(text: str, position: int, code: str) -> None:
    with pytest.raises(FilterRuleError) as refused:
        device(text)
    assert (refused.value.position, refused.value.reason.code) == (position, code)
    json.dumps(refused.value.reason.parameters).encode()


def test_nesting_is_counted_where_it_is() -> None:
    """Many parentheses and -not beside one another are no nesting."""
    text = " or ".join([f"not({a})"] * 100)
    assert len(device(text).rules) == 100
    deepest = "(not " * (MAX_NESTING // 2) + a + ")" * (MAX_NESTING // 2)
    assert holds(device(deepest), {"model": "a"}) is (MAX_NESTING % 4 == 0)


@pytest.mark.parametrize(
    "part", ["(", "not ", "'", '"', '`"', "''", "[", "a", "-", " ", "device.model eq'a'or ", "\N{KELVIN SIGN}"]
)
def test_the_longest_rules_take_no_time(part: str) -> None:
    """3,072 characters of anything are read or refused in well under a tenth of a second."""
    for text in (part * MAX_RULE, f"device.model eq {part * MAX_RULE}"):
        # The best of some: a core that others use too, or the collector of garbage, slows one or the other.
        assert min(seconds_for(text[:MAX_RULE]) for _ in range(3)) < 0.1


def seconds_for(rule: str) -> float:
    started = time.thread_time()
    with suppress(FilterRuleError):
        device(rule)
    return time.thread_time() - started


@given(st.text(st.characters(exclude_categories=())))
def test_case_is_lost_and_nothing_else(text: str) -> None:
    """The length stays, folding twice is folding once, and nothing beyond ASCII becomes ASCII."""
    folded = fold(text)
    assert (len(folded), fold(folded)) == (len(text), folded)
    assert [one.isascii() for one in folded] == [one.isascii() for one in text]


def test_names_without_case() -> None:
    assert [
        fold("É") == fold("é"),
        fold("ς") == fold("Σ"),
        fold("ß") == fold("ss"),
        fold("\N{LATIN SMALL LETTER DOTLESS I}") == fold("i"),
    ] == [
        True,
        True,
        False,
        False,
    ]

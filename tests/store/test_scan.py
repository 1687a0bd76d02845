"""Which part of a filter goes to the index, and which is held against rows that are looked at."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import Column, MetaData, Table

from assay.store import Count, Instant, Text
from assay.store.conditions import Field
from assay.store.scan import Split, split
from assay.values.asking import All, Among, Ask, Compare, Condition, Either, Holds, Not, Operator, Order

ROWS = Table("row", MetaData(), *(Column(name, Text) for name in ("id", "user", "outcome", "browser", "name")),
             Column("at", Instant), Column("number", Count))  # fmt: skip
RANKS = {"id": 0, "user": 2, "name": 2, "outcome": 6}
FIELDS = {column.name: Field(column=column, rank=RANKS.get(column.name)) for column in ROWS.columns}
KEY = ("at", "number")
NOW = datetime(2026, 11, 23, tzinfo=UTC)


def is_(field: str, value: str | datetime = "x", operator: Operator = Operator.EQ) -> Condition:
    return Compare(field=field, operator=operator, value=value)


USER, OUTCOME, BROWSER, SINCE = is_("user"), is_("outcome"), is_("browser"), is_("at", NOW, Operator.GE)
HOLDS = Holds(field="user", text="x", anywhere=True)
OTHER = is_("outcome", "x", Operator.NE)
SOME = Among(field="user", values=("x", "y"))
MANY = Among(field="outcome", values=("x", "y"))


@pytest.mark.parametrize(
    ("order", "where", "inside", "rest", "lead"),
    [
        ("at", None, (), (), False),
        ("at", SINCE, (SINCE,), (), False),
        ("at", USER, (USER,), (), True),
        ("at", All(parts=(OUTCOME, USER)), (USER,), (OUTCOME,), True),
        ("at", All(parts=(All(parts=(OUTCOME, SINCE)), USER)), (SINCE, USER), (OUTCOME,), True),
        ("at", BROWSER, (), (BROWSER,), False),
        ("at", OTHER, (), (OTHER,), False),
        ("at", HOLDS, (), (HOLDS,), False),
        ("at", SOME, (SOME,), (), True),
        ("at", MANY, (), (MANY,), False),
        ("at", Either(parts=(USER, OUTCOME)), (), (Either(parts=(USER, OUTCOME)),), False),
        ("at", Not(part=USER), (), (Not(part=USER),), False),
        ("name", None, (), (), True),
        ("name", OUTCOME, (), (OUTCOME,), True),
        ("name", All(parts=(OUTCOME, USER)), (USER,), (OUTCOME,), True),
        ("name", SINCE, (), (SINCE,), True),
        ("name", is_("name", "x", Operator.GE), (is_("name", "x", Operator.GE),), (), True),
    ],
)
def test_the_part_that_finds_the_fewest_rows_leads(
    order: str, where: Condition | None, inside: tuple[Condition, ...], rest: tuple[Condition, ...], lead: bool
) -> None:
    found = split(Ask(order=Order(field=order), where=where), FIELDS, KEY)
    assert found == Split(inside=inside, rest=rest, lead=lead)

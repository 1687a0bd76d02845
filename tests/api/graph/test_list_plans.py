"""No order that the API offers of people and of sessions makes a database sort, on a first page or on a later one."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial

import pytest
from sqlalchemy import Connection, event

from assay.api.graph.sessions import SESSIONS
from assay.api.graph.users import USERS
from assay.api.odata.properties import Collection, Kind
from assay.identities.records import users
from assay.sessions.records import sessions
from assay.store import Reader, Store
from assay.values.asking import Ask, Compare, Condition, Operator, Order, Position, Scalar, order_fields

AT = datetime(2026, 11, 23, tzinfo=UTC)
SAMPLES: dict[Kind, Scalar] = {Kind.TEXT: "x", Kind.INSTANT: AT, Kind.FLAG: True, Kind.NUMBER: 1}
Find = Callable[[Reader, Ask], object]
LISTS: list[tuple[Collection, Find, tuple[str, ...]]] = [
    (USERS.asked, users.page, ("email", "display_name", "enabled", "kind")),
    (SESSIONS.asked, lambda reader, ask: sessions.page(reader, ask, AT), ()),
]


def questions(collection: Collection, filtered: tuple[str, ...]) -> Iterator[Ask]:
    kinds = {each.field: each.kind for each in collection.properties} | dict(collection.key)
    key = tuple(name for name, _ in collection.key)
    for field in (each.field for each in collection.properties if each.ordered):
        for descending in (False, True):
            order = Order(field=field, descending=descending)
            after = Position(values=tuple(SAMPLES[kinds[name]] for name in order_fields(order, key)))
            yield from (Ask(order=order), Ask(order=order, after=after))
    for field in filtered:
        where: Condition = Compare(field=field, operator=Operator.EQ, value=SAMPLES[kinds[field]])
        yield Ask(order=collection.order, where=where)


def plans(reader: Reader, find: Find, ask: Ask) -> str:
    """The steps by which the database finds the page's places."""
    asked: list[tuple[str, object]] = []

    def heard(_: Connection, __: object, statement: str, parameters: object, *___: object) -> None:
        asked.append((statement, parameters))

    event.listen(reader.connection, "before_cursor_execute", heard)
    find(reader, ask)
    event.remove(reader.connection, "before_cursor_execute", heard)
    explain = "EXPLAIN QUERY PLAN"
    if reader.connection.dialect.name == "postgresql":
        # With nobody in the table any plan is quick: what is asked is whether there is one without these steps.
        reader.connection.exec_driver_sql("SET LOCAL enable_sort = off; SET LOCAL enable_seqscan = off")
        explain = "EXPLAIN"
    statement, parameters = next(each for each in asked if "ORDER BY" in each[0])
    found = reader.connection.exec_driver_sql(f"{explain} {statement}", parameters)  # type: ignore[arg-type]  # as it was given to the driver
    return "\n".join(str(step[-1]) for step in found)


@pytest.mark.parametrize(("collection", "find", "filtered"), LISTS, ids=["users", "sessions"])
async def test_an_index_gives_the_order(
    store: Store, collection: Collection, find: Find, filtered: tuple[str, ...]
) -> None:
    for ask in questions(collection, filtered):
        found = await store.read(partial(plans, find=find, ask=ask))
        assert "INDEX" in found.upper(), (ask, found)
        assert "SORT" not in found.upper(), (ask, found)
        assert "TEMP B-TREE" not in found, (ask, found)
        assert "ix_" in found or ask.order.field in ("user_key", "id"), (ask, found)

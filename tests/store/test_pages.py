"""A page read by keyset from a table is the page that the same question makes of the same rows in memory."""

import asyncio
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Column, MetaData, Table, insert, select

from assay.store import Count, Flag, Instant, Reader, Store, Text, Transaction
from assay.store.pages import Field, find_page
from assay.store.text_search import beyond
from assay.values import InvalidInputError
from assay.values.asked_in_memory import page_of
from assay.values.asking import Ask, Condition, Found, Order, Position, folded
from tests.api.odata.collection import FIELDS, NOW, Book
from tests.api.odata.test_filter import CONDITIONS

METADATA = MetaData()
BOOKS = Table(
    "book",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("title", Text, nullable=False),
    Column("pages", Count, nullable=False),
    Column("lent", Flag, nullable=False),
    Column("at", Instant, nullable=False),
    Column("language", Text, nullable=True),
    sqlite_strict=True,
)
COLUMNS = {column.name: Field(column=column) for column in BOOKS.columns}
TITLES = ("", "a", "A", "ab", "b", "a%", "_", "Ä", "ä", "日本", "a\U0010ffff", "b'", "Straße")
SHELF = [
    Book(
        id=f"{number:02}",
        title=TITLES[number % len(TITLES)],
        pages=number % 5 - 1,
        lent=number % 3 == 0,
        at=NOW + timedelta(days=400 * (number % 7)),
        language=(None, "en", "de")[number % 3],
    )
    for number in range(40)
]


def shelve(transaction: Transaction) -> None:
    METADATA.create_all(transaction.connection)
    rows = [{name: getattr(book, name) for name in Book.__struct_fields__} | {"title": folded(book.title)}
            for book in SHELF]  # fmt: skip
    transaction.connection.execute(insert(BOOKS), rows)


def look(reader: Reader, ask: Ask) -> Found[str]:
    return find_page(reader, select(BOOKS.c.id), ask, COLUMNS, ("id",), lambda row: str(row.id))


def from_memory(ask: Ask) -> Found[str]:
    found = page_of(SHELF, ask, FIELDS, ("id",))
    return Found(rows=tuple(book.id for book in found.rows), next=found.next, count=found.count)


async def test_every_question_has_the_same_answer_from_a_table_and_from_memory(store: Store) -> None:
    await store.write(shelve)
    asked: list[Ask] = []

    @given(CONDITIONS, st.sampled_from(["title", "pages", "at", "id"]), st.booleans())
    @settings(max_examples=150, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    def gather(where: Condition, field: str, descending: bool) -> None:
        asked.append(Ask(order=Order(field=field, descending=descending), where=where, limit=1_000, count=True))

    await asyncio.to_thread(gather)
    for ask in asked:
        found = await store.read(lambda reader, ask=ask: look(reader, ask))  # type: ignore[misc]
        expected = from_memory(ask)
        assert set(found.rows) == set(expected.rows), ask
        assert found.count == expected.count
        if ask.order.field != "title":  # which PostgreSQL orders by the rules of a language
            assert found == expected, ask


@pytest.mark.parametrize("field", ["title", "pages", "at", "id"])
@pytest.mark.parametrize("descending", [False, True])
async def test_pages_meet_every_row_once(store: Store, field: str, descending: bool) -> None:
    await store.write(shelve)
    order, met, after = Order(field=field, descending=descending), [], None
    while True:
        ask = Ask(order=order, after=after, limit=7)
        found = await store.read(lambda reader, ask=ask: look(reader, ask))  # type: ignore[misc]
        met += found.rows
        after = found.next
        if after is None:
            break
    assert sorted(met) == [book.id for book in SHELF]


async def test_a_place_of_another_list_is_refused(store: Store) -> None:
    await store.write(shelve)
    ask = Ask(order=Order(field="title"), after=Position(values=("a",)))
    with pytest.raises(InvalidInputError):
        await store.read(lambda reader: look(reader, ask))


ANY_TEXT = st.text(st.characters(exclude_categories=("Cs",)))


@given(ANY_TEXT.filter(bool), ANY_TEXT)
def test_what_begins_with_a_text_lies_between_it_and_what_is_beyond(text: str, rest: str) -> None:
    assert text <= text + rest < beyond(text) or set(text) == {"\U0010ffff"}

"""A page read by keyset from a table is the page that the same question makes of the same rows in memory."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Column, MetaData, Row, Table, insert, select, text, update

from assay.store import Count, Database, Flag, Instant, Reader, Store, Text, Transaction
from assay.store.pages import Field, Listed, Look, find_page
from assay.store.text_search import beyond
from assay.values import InvalidInputError
from assay.values.asked_in_memory import page_of
from assay.values.asking import Ask, Compare, Condition, Found, Operator, Order, Position, folded
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
LISTED = Listed(table=BOOKS, fields=COLUMNS, key=("id",))
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
    return find_page(reader, LISTED, select(BOOKS), ask, lambda row: str(row.id))


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


BOUNDED = Listed(table=BOOKS, fields=COLUMNS, key=("id",), look=Look(in_order=6, by_index=5))
FEW = Compare(field="language", operator=Operator.EQ, value="de")


@pytest.mark.parametrize("order", [Order(field="id"), Order(field="pages", descending=True)])
async def test_a_bounded_number_of_rows_is_looked_at_and_pages_meet_every_row_once(store: Store, order: Order) -> None:
    await store.write(shelve)
    met: list[str] = []
    pages: list[int] = []
    after: Position | None = None
    while True:
        ask = Ask(order=order, where=FEW, after=after, limit=4, count=True)
        found = await store.read(
            lambda reader, ask=ask: find_page(reader, BOUNDED, select(BOOKS), ask, lambda row: str(row.id))  # type: ignore[misc]
        )
        assert found.count is None, "forty books are more than are looked at"
        met += found.rows
        pages.append(len(found.rows))
        after = found.next
        if after is None:
            break
    assert sorted(met) == [book.id for book in SHELF if book.language == "de"]
    assert len(pages) > len(met) // 4
    assert min(pages) < 4


async def test_what_is_looked_at_whole_is_counted(store: Store) -> None:
    await store.write(shelve)
    listed = Listed(table=BOOKS, fields=COLUMNS, key=("id",), look=Look(in_order=40, by_index=40))
    ask = Ask(order=Order(field="id"), where=FEW, limit=4, count=True)
    found = await store.read(lambda reader: find_page(reader, listed, select(BOOKS), ask, lambda row: str(row.id)))
    assert found.count == sum(book.language == "de" for book in SHELF)


async def test_rows_without_a_place_end_no_list(tmp_path: Path) -> None:
    """What cannot be read by its place in the order is passed by, however short a page is; SQLite alone keeps such."""
    store = Store(Database.at(tmp_path / "books.db"))
    await store.write(shelve)
    broken = text("UPDATE book SET at = -999999999999999999 WHERE id IN ('01', '02', '03')")
    await store.write(lambda transaction: transaction.connection.execute(broken))
    met: list[str] = []
    after: Position | None = None
    while True:
        ask = Ask(order=Order(field="at", descending=False), limit=1, after=after)
        found = await store.read(lambda reader, ask=ask: look(reader, ask))  # type: ignore[misc]
        met += found.rows
        after = found.next
        if after is None:
            break
    assert sorted(met) == [book.id for book in SHELF if book.id not in {"01", "02", "03"}]
    await store.close()


async def test_a_row_that_cannot_be_read_is_left_out_said_and_forgotten_once_it_can(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    await store.write(shelve)

    def title(row: Row[tuple[object, ...]]) -> str:
        return f"{row.id} {int(row.title or 0)}" if row.id == "02" else str(row.id)

    ask = Ask(order=Order(field="id"), limit=3)
    for _ in range(2):
        found = await store.read(lambda reader: find_page(reader, LISTED, select(BOOKS), ask, title))
        assert found.rows == ("00", "01")
        assert found.next == Position(values=("02",))
    (damaged,) = await store.read(store.skipped.still)
    assert (damaged.table, damaged.key) == ("book", "02")
    assert caplog.text.count("lists leave it out") == 1
    await store.write(lambda transaction: transaction.connection.execute(update(BOOKS).values(title="7")))
    assert await store.read(store.skipped.still) == ()

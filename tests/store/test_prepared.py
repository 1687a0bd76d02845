"""Prepared statements say what SQLAlchemy says of them: the same values, the same snapshot, the same errors."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Column, Executable, MetaData, Table, bindparam, select
from sqlalchemy.exc import IntegrityError, StatementError

from assay.store import Count, Flag, Id, Instant, Json, Octets, Prepared, Reader, Store, Text, Transaction, upsert

AT = datetime(2026, 11, 29, 21, 0, 0, 123_456, tzinfo=UTC)
KEPT = Table(
    "kept",
    MetaData(),
    Column("key", Id, primary_key=True),
    Column("at", Instant, nullable=True),
    Column("flag", Flag, nullable=False),
    Column("octets", Octets, nullable=False),
    Column("words", Json(tuple[str, ...]), nullable=False),
    Column("note", Text, nullable=False, server_default="by itself"),
    Column("number", Count, nullable=True),
)
ROW: dict[str, object] = {"key": "a", "at": AT, "flag": True, "octets": b"\x00\xff", "words": ("ä", "b"), "number": 7}
INSERT = Prepared(KEPT.insert())
EVERY = Prepared(select(KEPT).order_by(KEPT.c.key))
OF = Prepared(select(KEPT).where(KEPT.c.key == bindparam("wanted"), KEPT.c.number < 100))
LATER = Prepared(KEPT.update().where(KEPT.c.key == bindparam("wanted")).values(at=bindparam("then"), number=1))


def _put(dialect: str) -> Executable:
    put = upsert(KEPT, dialect)
    return put.on_conflict_do_update(index_elements=["key"], set_={"note": put.excluded.note})


@pytest.fixture
async def kept(store: Store) -> Store:
    await store.write(lambda transaction: KEPT.create(transaction.connection))
    return store


def _keys(reader: Reader) -> list[object]:
    return [row.key for row in EVERY.rows(reader)]


async def test_every_type_comes_back_as_sqlalchemy_reads_it(kept: Store) -> None:
    await kept.write(lambda transaction: INSERT.run(transaction, ROW, ROW | {"key": "b", "at": None, "number": None}))
    ours = await kept.read(EVERY.rows)
    theirs = await kept.read(lambda reader: reader.connection.execute(select(KEPT).order_by(KEPT.c.key)).all())
    assert [dict(row._mapping) for row in ours] == [dict(row._mapping) for row in theirs]
    assert ours[0]._mapping == ROW | {"note": "by itself"}


async def test_an_update_and_an_upsert_do_what_they_say(kept: Store) -> None:
    then, put = AT + timedelta(hours=1), Prepared(_put)

    def act(transaction: Transaction) -> None:
        INSERT.run(transaction, ROW)
        LATER.run(transaction, {"wanted": "a", "then": then})
        put.run(transaction, ROW | {"note": "second"}, ROW | {"key": "b", "note": "first"})
        INSERT.run(transaction)

    await kept.write(act)
    row = await kept.read(lambda reader: OF.one(reader, {"wanted": "a"}))
    assert row is not None
    assert (row.at, row.number, row.note) == (then, 1, "second")
    assert await kept.read(lambda reader: OF.one(reader, {"wanted": "nobody"})) is None
    assert await kept.read(_keys) == ["a", "b"]


async def test_what_is_broken_is_said_as_sqlalchemy_says_it_and_undone_alone(kept: Store) -> None:
    await kept.write(lambda transaction: INSERT.run(transaction, ROW))
    with pytest.raises(IntegrityError) as raised:
        await kept.write(lambda transaction: INSERT.run(transaction, ROW | {"key": "b"}, ROW))
    assert "xff" not in str(raised.value).partition("[SQL")[0]
    with pytest.raises((ValueError, StatementError), match="naive"):
        await kept.write(lambda transaction: INSERT.run(transaction, ROW | {"key": "c", "at": AT.replace(tzinfo=None)}))
    assert await kept.read(_keys) == ["a"]


async def test_a_reader_begins_its_snapshot_with_it(kept: Store) -> None:
    def twice(reader: Reader) -> tuple[int, int]:
        before = len(EVERY.rows(reader))
        with kept.database.following.begin() as other:
            other.execute(KEPT.insert(), ROW)
        return before, len(EVERY.rows(reader))

    if kept.database.dialect == "sqlite":
        assert await kept.read(twice) == (0, 0)
        assert await kept.read(_keys) == ["a"]


async def test_several_rows_where_there_can_be_one_are_an_error(kept: Store) -> None:
    await kept.write(lambda transaction: INSERT.run(transaction, ROW, ROW | {"key": "b"}))
    with pytest.raises(LookupError):
        await kept.read(EVERY.one)


async def test_what_a_statement_needs_is_given(kept: Store) -> None:
    if kept.database.dialect == "sqlite":
        with pytest.raises(LookupError, match="wanted"):
            await kept.read(lambda reader: OF.rows(reader, {"wnated": "a"}))
    with pytest.raises((LookupError, StatementError), match="then"):
        await kept.write(lambda transaction: LATER.run(transaction, {"wanted": "a"}))

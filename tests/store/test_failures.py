"""What the store does when its database, its followers or its writer fail: it never leaves a cache believing."""

import asyncio
import logging
import tempfile
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from assay.store import AskedTooMuchError, Database, Reader, Store, StoreClosedError, StoreUnavailableError, Transaction
from assay.store.migrate import upgrade
from tests.postgres import Cluster
from tests.store.lossy_postgres import LossyPostgres
from tests.store.things import make_things, names, put


@pytest.fixture
async def things(store: Store) -> Store:
    return await make_things(store)


@pytest.fixture
def wire(postgres_cluster: Cluster) -> Iterator[LossyPostgres]:
    with (
        tempfile.TemporaryDirectory(prefix="assay-wire-") as directory,
        LossyPostgres(postgres_cluster.socket_dir, Path(directory)) as wire,
    ):
        yield wire


@pytest.fixture
async def distant(wire: LossyPostgres, postgres_cluster: Cluster) -> AsyncIterator[Store]:
    """A store on PostgreSQL behind the wire."""
    url = postgres_cluster.new_database().replace(str(postgres_cluster.socket_dir), str(wire.directory))
    database = Database(url)
    upgrade(database)
    opened = await make_things(Store(database))
    yield opened
    await opened.close()


async def test_a_commit_whose_acknowledgement_is_lost_is_heard_of(distant: Store, wire: LossyPostgres) -> None:
    seen: list[list[str]] = []
    losses: list[Exception] = []
    distant.feed.follow(lambda reader, _changes: names(reader), seen.append)
    distant.feed.on_loss(losses.append)
    wire.lose_commit()
    with pytest.raises(StoreUnavailableError):
        await distant.write(put("a"))
    assert seen == [["a"]], "the followers look at what is stored, whatever the writer was told"
    assert losses == []
    await distant.write(put("b"))
    assert seen[-1] == ["a", "b"]


async def test_a_lost_acknowledgement_and_no_way_to_look_makes_stale(distant: Store, wire: LossyPostgres) -> None:
    losses: list[Exception] = []
    distant.feed.follow(lambda reader, _changes: names(reader), lambda _seen: None)
    distant.feed.on_loss(losses.append)
    wire.lose_commit(for_good=True)
    with pytest.raises(StoreUnavailableError):
        await distant.write(put("a"))
    assert len(losses) == 1


async def test_a_server_that_ends_the_session_before_the_commit_leaves_nothing_in_doubt(distant: Store) -> None:
    losses: list[Exception] = []
    distant.feed.follow(lambda reader, _changes: names(reader), lambda _seen: None)
    distant.feed.on_loss(losses.append)

    def ended(transaction: Transaction) -> None:
        put("a")(transaction)
        transaction.connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    with pytest.raises(StoreUnavailableError) as told:
        await distant.write(ended)
    assert "INSERT" not in told.value.message
    assert "terminat" in told.value.message
    await distant.write(put("b"))
    assert await distant.read(names) == ["b"]
    assert losses == []


async def test_a_reader_whose_session_ends_says_so_in_our_words(distant: Store) -> None:
    def ended(reader: Reader) -> None:
        reader.connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    with pytest.raises(StoreUnavailableError):
        await distant.read(ended)
    assert await distant.read(names) == []


async def test_a_follower_that_fails_lets_writers_resume_and_the_others_follow(
    things: Store, caplog: pytest.LogCaptureFixture
) -> None:
    losses: list[Exception] = []
    followed: list[list[str]] = []

    def apply(_seen: object) -> None:
        raise LookupError("half applied")

    def deaf(_error: Exception) -> None:
        raise RuntimeError("cannot hear")

    things.feed.follow(lambda _reader, changes: changes, apply)
    things.feed.follow(lambda reader, _changes: names(reader), followed.append)
    things.feed.on_loss(deaf)
    things.feed.on_loss(losses.append)
    async with asyncio.timeout(60):
        assert await things.write(put("a")) == "a"
        assert await things.write(put("b")) == "b"
    assert [str(loss) for loss in losses] == ["half applied", "half applied"]
    assert followed == [["a"], ["a", "b"]]
    critical = [record for record in caplog.records if record.levelno == logging.CRITICAL]
    assert "half applied" in caplog.text
    assert all(record.exc_info for record in critical)


class Panic(BaseException):
    """What a native library raises where it gave up: no Exception."""


async def test_a_panic_in_a_change_fails_that_change_alone(things: Store) -> None:
    def panics(transaction: Transaction) -> None:
        put("lost")(transaction)
        raise Panic("index out of bounds")

    async with asyncio.timeout(60):
        results = await asyncio.gather(
            things.write(put("a")), things.write(panics), things.write(put("b")), return_exceptions=True
        )
    assert results[0] == "a"
    assert isinstance(results[1], RuntimeError)
    assert isinstance(results[1].__cause__, Panic)
    assert results[2] == "b"
    assert await things.read(names) == ["a", "b"]


async def test_a_panic_in_a_follower_makes_stale_and_the_writer_goes_on(things: Store) -> None:
    losses: list[Exception] = []

    def look(_reader: Reader, _changes: object) -> None:
        raise Panic("in a follower")

    things.feed.follow(look, lambda _seen: None)
    things.feed.on_loss(losses.append)
    async with asyncio.timeout(60):
        await things.write(put("a"))
        await things.write(put("b"))
    assert len(losses) == 2


async def test_after_close_nobody_waits(things: Store) -> None:
    await things.close()
    async with asyncio.timeout(60):
        with pytest.raises(StoreClosedError):
            await things.write(put("a"))
        with pytest.raises(StoreClosedError):
            await things.read(names)


async def test_a_writer_that_came_to_an_end_is_told_of_and_waited_for_by_nobody(things: Store) -> None:
    losses: list[Exception] = []
    things.feed.on_loss(losses.append)
    begun, go_on = threading.Event(), threading.Event()

    def slow(transaction: Transaction) -> None:
        begun.set()
        go_on.wait(60)
        put("a")(transaction)

    async def impatient() -> None:
        asyncio.ensure_future(things.write(slow)).add_done_callback(lambda task: task.cancelled())
        await asyncio.to_thread(begun.wait, 60)

    # Who asked is on an event loop that ends before the answer: the writer has nobody to tell, and cannot go on.
    await asyncio.to_thread(asyncio.run, impatient())
    waiting = asyncio.ensure_future(things.write(put("b")))
    await asyncio.sleep(0)
    go_on.set()
    async with asyncio.timeout(60):
        with pytest.raises((StoreUnavailableError, RuntimeError)):
            await waiting
        with pytest.raises(StoreClosedError):
            await things.write(put("c"))
    assert len(losses) == 1


async def test_a_reader_sees_one_instant_through_all_its_queries(things: Store) -> None:
    await things.write(put("a"))
    looked, go_on = threading.Event(), threading.Event()

    def twice(reader: Reader) -> tuple[list[str], list[str]]:
        before = names(reader)
        looked.set()
        assert go_on.wait(60)
        return before, names(reader)

    reading = asyncio.ensure_future(things.read(twice))
    await asyncio.to_thread(looked.wait, 60)
    await things.write(put("b"))
    go_on.set()
    assert await reading == (["a"], ["a"])
    assert await things.read(names) == ["a", "b"]


FOR_EVER = "WITH RECURSIVE more(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM more) SELECT max(n) FROM more"


async def test_what_a_list_is_asked_ends_in_time(things: Store) -> None:
    with pytest.raises(AskedTooMuchError):
        await things.read_list(lambda reader: reader.connection.execute(text(FOR_EVER)).scalar())
    assert await things.read_list(names) == [], "the next one has its own time"


@pytest.mark.parametrize("kind", ["list", "long"])
async def test_lists_and_long_readers_do_not_stand_in_the_way(things: Store, kind: str) -> None:
    go_on = threading.Event()
    read = things.read_list if kind == "list" else things.read_long
    long = [asyncio.ensure_future(read(lambda reader: go_on.wait(60) and names(reader))) for _ in range(8)]
    async with asyncio.timeout(60):
        assert await things.read(names) == []
        await things.write(put("a"))
    go_on.set()
    for each in await asyncio.gather(*long, return_exceptions=True):
        # A list has three seconds, which a busy machine may have spent on the two above.
        assert each == ["a"] or (kind == "list" and isinstance(each, AskedTooMuchError)), each

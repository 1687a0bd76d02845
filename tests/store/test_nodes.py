"""Several stores on one PostgreSQL, as nodes have them: one order of commits, and everybody hears of each."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import pytest
from sqlalchemy import text

from assay.clock import SystemClock
from assay.store import Database, Reader, Store, StoreUnavailableError, Topic, Transaction
from assay.store.database import STATEMENT_SECONDS
from assay.store.errors import StoreBusyError
from assay.store.migrate import upgrade
from assay.store.records import changes
from tests.postgres import Cluster
from tests.store.things import make_things, names, put

T = TypeVar("T")


@pytest.fixture
def url(postgres_cluster: Cluster) -> str:
    return postgres_cluster.new_database()


@pytest.fixture
async def nodes(url: str) -> AsyncIterator[tuple[Store, Store]]:
    """Two nodes that follow each other."""
    empty = Database(url)
    upgrade(empty)
    empty.close()
    first, second = Store(Database(url)), Store(Database(url))
    await make_things(first)
    for store in (first, second):
        await store.listen(SystemClock())
    yield first, second
    for store in (first, second):
        await store.close()


async def until(holds: Callable[[], bool], seconds: float = 60) -> None:
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.005)


async def written(store: Store, act: Callable[[Transaction], T]) -> T:
    """As whoever is told that another node writes: again."""
    while True:
        try:
            return await store.write(act)
        except StoreBusyError:
            continue


def follow(store: Store) -> tuple[list[str], list[list[str]]]:
    """What a follower hears, change by change; and what it read when it had to read everything."""
    heard: list[str] = []
    read: list[list[str]] = []

    def take(seen: tuple[str, list[str]]) -> None:
        kind, found = seen
        if kind == "changes":
            heard.extend(found)
        else:
            read.append(found)

    store.feed.follow(
        lambda _reader, told: ("changes", [change.key for change in told]),
        take,
        again=lambda reader: ("everything", names(reader)),
    )
    return heard, read


async def test_every_node_hears_of_every_commit_once_and_in_one_order(nodes: tuple[Store, Store]) -> None:
    heard = [follow(store)[0] for store in nodes]
    for number in range(60):
        await asyncio.gather(*(written(store, put(f"{index}-{number}")) for index, store in enumerate(nodes)))
    await until(lambda: all(len(each) == 120 for each in heard))
    assert heard[0] == heard[1]
    assert len(set(heard[0])) == 120


async def test_who_wrote_is_told_after_its_own_picture_is_true_whatever_others_write(
    nodes: tuple[Store, Store],
) -> None:
    first, second = nodes
    heard, _ = follow(first)

    async def write_beside() -> None:
        for number in range(40):
            await written(second, put(f"other-{number}"))

    async with asyncio.TaskGroup() as group:
        group.create_task(write_beside())
        for number in range(40):
            await written(first, put(f"own-{number}"))
            assert heard[-1] == f"own-{number}" or f"own-{number}" in heard


async def test_what_is_counted_is_counted_once_by_all_nodes(nodes: tuple[Store, Store]) -> None:
    def count(transaction: Transaction) -> None:
        # Read, then write: right for a single writer only.
        found = transaction.connection.execute(text("SELECT count(*) FROM thing")).scalar_one()
        transaction.connection.execute(text("INSERT INTO thing (name) VALUES (:name)"), {"name": f"{found:05}"})

    for _ in range(100):
        await asyncio.gather(*(written(store, count) for store in nodes))
    assert len(await nodes[0].read(names)) == 200


async def test_a_node_that_hears_no_notification_asks_and_then_asks_more_often(
    nodes: tuple[Store, Store], url: str
) -> None:
    first, second = nodes
    heard, _ = follow(second)
    quiet = Store(Database(url))
    try:
        # As through a pooler: the changes are there, and nobody is told.
        for name in (f"silent-{number}" for number in range(20)):

            def silent(transaction: Transaction, name: str = name) -> None:
                transaction.connection.execute(
                    text(
                        "INSERT INTO change SELECT coalesce(max(sequence), 0) + 1, 'm' || count(*), 0,"
                        ' \'[{"topic": "user", "key": "\' || :name || \'"}]\' FROM change'
                    ),
                    {"name": name},
                )

            await quiet.write(silent)
            await until(lambda name=name: name in heard)
            # What took long to be asked, as on a busy machine, says nothing of notifications.
            if not second.following.notified:
                break
        assert not second.following.notified
        await first.write(put("c"))
        await until(lambda: second.following.notified)
    finally:
        await quiet.close()


async def test_a_node_that_was_away_for_too_long_reads_everything(nodes: tuple[Store, Store]) -> None:
    first, second = nodes
    heard, read = follow(second)
    await first.write(put("a"))
    await until(lambda: heard == ["a"])

    def lose(transaction: Transaction) -> None:
        transaction.connection.execute(text("UPDATE change SET sequence = sequence + 10, mark = 'other'"))

    await first.write(lose)
    await first.write(put("b"))
    await until(lambda: ["a", "b"] in read)


async def test_changes_are_swept_but_never_the_last(nodes: tuple[Store, Store]) -> None:
    first, _ = nodes
    for name in ("a", "b", "c"):
        await first.write(put(name))
    soon = datetime.now(UTC) + timedelta(minutes=1)
    assert await first.write(lambda transaction: changes.sweep(transaction, soon)) == 2
    assert (await first.read(changes.head)).sequence == 3
    await first.write(lambda transaction: transaction.changed(Topic.USER, "d"))
    assert (await first.read(changes.head)).sequence == 4


async def test_a_writer_that_hung_with_the_lock_is_told_that_the_database_ended_it(nodes: tuple[Store, Store]) -> None:
    first, second = nodes

    def hang(transaction: Transaction) -> None:
        put("late")(transaction)
        transaction.connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = '100ms'"))
        # What a stopped process looks like to the server; it is over when the other node could write.
        assert asyncio.run_coroutine_threadsafe(second.write(put("other")), loop).result(60) == "other"

    loop = asyncio.get_running_loop()
    with pytest.raises(StoreUnavailableError):
        await first.write(hang)
    assert await second.read(names) == ["other"], "its commit never happened"
    async with asyncio.timeout(60):
        while first.contact.lost:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert await first.write(put("again")) == "again"


def slow(seconds: float) -> Callable[[Reader], bool]:
    def look(reader: Reader) -> bool:
        return reader.connection.execute(text("SELECT pg_sleep(:s) IS NOT NULL"), {"s": seconds}).scalar_one()

    return look


async def test_r01_one_slow_statement_fails_alone_and_is_no_outage(nodes: tuple[Store, Store]) -> None:
    first, _ = nodes
    losses: list[bool] = []
    first.contact.on_change(lambda: losses.append(first.contact.lost))
    for ask in (first.read, first.write):
        # The server ends it a fifth of a second before we would: a machine may be too busy for that once, not always.
        for _ in range(4):
            losses.clear()
            ended = first.database.deadlines.ended
            with pytest.raises(StoreUnavailableError):
                await ask(slow(5))
            if first.database.deadlines.ended == ended:
                break
            await until(lambda: not first.contact.lost)
        assert first.database.deadlines.ended == ended
        assert await first.read(names) == []
        assert losses == [], "the server lives: nobody else is refused"


async def test_what_may_take_long_takes_longer_than_a_deadline_of_sign_in(nodes: tuple[Store, Store]) -> None:
    first, _ = nodes
    assert await first.read_long(slow(STATEMENT_SECONDS + 0.5))
    assert not first.contact.lost
    assert first.contact.reconnects == 0

"""The store's promises, on SQLite and on PostgreSQL."""

import asyncio
from collections.abc import Sequence

import pytest
from sqlalchemy import text

from assay.store import Change, Reader, Store, Transaction
from tests.store.things import make_things, names, put


@pytest.fixture
async def things(store: Store) -> Store:
    return await make_things(store)


async def test_a_write_is_visible_when_it_returns(things: Store) -> None:
    assert await things.write(put("a")) == "a"
    assert await things.read(names) == ["a"]


async def test_a_failing_change_undoes_itself_and_not_its_neighbours_in_the_group(things: Store) -> None:
    def fails(transaction: Transaction) -> None:
        put("lost")(transaction)
        raise LookupError("no")

    results = await asyncio.gather(
        things.write(put("a")), things.write(fails), things.write(put("b")), return_exceptions=True
    )
    assert results[0] == "a"
    assert isinstance(results[1], LookupError)
    assert results[2] == "b"
    assert await things.read(names) == ["a", "b"]


async def test_listeners_hear_of_a_change_before_its_writer_resumes(things: Store) -> None:
    order: list[str] = []

    def listen(changes: Sequence[Change]) -> None:
        order.extend(change.key for change in changes)

    things.feed.follow(lambda _reader, changes: changes, listen)
    await things.write(put("a"))
    order.append("resumed")
    assert order == ["a", "resumed"]


async def test_listeners_do_not_hear_of_what_was_undone(things: Store) -> None:
    heard: list[Change] = []
    things.feed.follow(lambda _reader, changes: changes, heard.extend)

    def fails(transaction: Transaction) -> None:
        put("lost")(transaction)
        raise LookupError("no")

    with pytest.raises(LookupError):
        await things.write(fails)
    await things.write(put("kept"))
    assert [change.key for change in heard] == ["kept"]


async def test_who_no_longer_waits_undoes_nothing_and_leaves_the_others_waiting(things: Store) -> None:
    left, other = asyncio.ensure_future(things.write(put("a"))), asyncio.ensure_future(things.write(put("b")))
    await asyncio.sleep(0)
    left.cancel()
    assert await other == "b"
    with pytest.raises(asyncio.CancelledError):
        await left
    assert await things.read(names) == ["a", "b"]


async def test_many_writers_share_commits_and_lose_nothing(things: Store) -> None:
    await asyncio.gather(*(things.write(put(f"{number:03}")) for number in range(300)))
    assert await things.read(names) == [f"{number:03}" for number in range(300)]


async def test_close_finishes_what_was_queued(things: Store) -> None:
    waiting = [asyncio.ensure_future(things.write(put(f"{number}"))) for number in range(20)]
    await asyncio.sleep(0)
    await things.close()
    assert sorted(await asyncio.gather(*waiting)) == sorted(f"{number}" for number in range(20))


async def test_a_follower_reads_the_committed_state_before_the_writer_resumes(things: Store) -> None:
    seen: list[list[str]] = []
    things.feed.follow(lambda reader, _changes: names(reader), seen.append)
    await things.write(put("a"))
    assert seen == [["a"]]
    await things.write(put("b"))
    assert seen == [["a"], ["a", "b"]]


async def test_a_follower_that_cannot_read_is_told_that_it_is_stale(things: Store) -> None:
    losses: list[Exception] = []

    def look(reader: Reader, changes: Sequence[Change]) -> None:
        reader.connection.execute(text("SELECT nothing FROM nowhere"))

    things.feed.follow(look, lambda _seen: None)
    things.feed.on_loss(losses.append)
    assert await things.write(put("a")) == "a"
    assert len(losses) == 1


async def test_what_fails_afterwards_keeps_nobody_from_being_told(things: Store) -> None:
    """The change is made: whoever made it is told so, and so are all others of its group."""
    done: list[str] = []

    def failing(transaction: Transaction) -> str:
        transaction.afterwards(lambda: 1 // 0)
        transaction.afterwards(lambda: done.append("the next"))
        return put("one")(transaction)

    async with asyncio.timeout(60):
        await asyncio.gather(*(things.write(act) for act in (failing, put("two"), put("three"))))
    assert done == ["the next"]
    assert {"one", "two", "three"} <= set(await things.read(names))

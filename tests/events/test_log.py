"""Appending to the log, on both databases."""

import asyncio
import os
from collections.abc import Callable

import pytest
from sqlalchemy.exc import IntegrityError

from assay.events import About, Actor, Event, Source, change, occurrence, record, record_all, types
from assay.events.envelope import decoder
from assay.events.records import log as records
from assay.events.tree import root, root_of, salted_leaf
from assay.store import Database, Store, Transaction
from assay.store.errors import StoreBusyError
from assay.store.migrate import upgrade
from assay.values import EventId, InvalidInputError, Reason, UserId
from tests.events.company import AT, Person, failed_sign_in


def append(salt: bytes, event: Event | None = None) -> Callable[[Transaction], EventId]:
    return lambda transaction: record(transaction, event or failed_sign_in(), salt=salt)


async def test_a_recorded_event_is_read_back_whole(store: Store) -> None:
    salt = os.urandom(32)
    event = change(
        types.USER_CREATED,
        at=AT,
        actor=Actor.host(1000, "root"),
        about=About(user_id=UserId("u1"), user_name="älice"),
        before=None,
        after=Person(name="älice"),
        reason=Reason.of("asked"),
    )
    event_id = await store.write(append(salt, event))
    leaf = await store.read(lambda reader: records.find_by_id(reader, event_id))
    assert leaf is not None
    assert (leaf.leaf_index, leaf.code, leaf.user_id, leaf.at) == (0, "user.created", "u1", AT)
    assert leaf.payload is not None
    envelope = decoder.decode(leaf.payload)
    assert envelope.time_dt == AT
    assert envelope.type_uid == 300101
    assert bytes(envelope.unmapped.before) == b""
    assert bytes(envelope.unmapped.after) == '{"name":"älice"}'.encode()
    assert leaf.leaf_hash == salted_leaf(salt, leaf.payload.encode())


async def test_the_tree_holds_exactly_what_was_committed(store: Store) -> None:
    def fails(transaction: Transaction) -> EventId:
        record(transaction, failed_sign_in("undone"), salt=os.urandom(32))
        raise LookupError("no")

    def nested(transaction: Transaction) -> EventId:
        savepoint = transaction.connection.begin_nested()
        record(transaction, failed_sign_in("undone"), salt=os.urandom(32))
        savepoint.rollback()
        return record(transaction, failed_sign_in("kept"), salt=os.urandom(32))

    work = [fails if number % 3 == 0 else nested if number % 3 == 1 else append(os.urandom(32)) for number in range(60)]
    results = await asyncio.gather(*(store.write(act) for act in work), return_exceptions=True)
    kept = [result for result in results if isinstance(result, str)]
    leaves = await store.read(lambda reader: list(records.stream_leaves(reader)))
    tree = await store.read(records.read_tree)
    assert len(kept) == 40
    assert {leaf.id for leaf in leaves} == set(kept)
    assert [leaf.leaf_index for leaf in leaves] == list(range(40))
    assert tree.size == 40
    assert root(tree) == root_of(leaf.leaf_hash for leaf in leaves)


async def test_a_salt_used_twice_is_refused(store: Store) -> None:
    salt = os.urandom(32)
    await store.write(append(salt))
    with pytest.raises(IntegrityError):
        await store.write(append(salt))
    with pytest.raises(InvalidInputError):
        await store.write(append(b"short"))


async def test_many_events_at_once_are_in_order(store: Store) -> None:
    events = [(failed_sign_in(str(number)), os.urandom(32)) for number in range(10)]
    ids = await store.write(lambda transaction: record_all(transaction, events))
    leaves = await store.read(lambda reader: list(records.stream_leaves(reader)))
    assert tuple(leaf.id for leaf in leaves) == ids


async def test_what_a_client_sends_cannot_keep_an_event_out(store: Store) -> None:
    hostile = "\x00\ud800" + "a" * 10_000_000
    event = occurrence(
        types.SIGN_IN_FAILED,
        at=AT,
        actor=Actor.system(),
        about=About(user_name=hostile),
        source=Source(ip="203.0.113.9", user_agent=hostile),
    )
    await store.write(append(os.urandom(32), event))
    (leaf,) = await store.read(lambda reader: list(records.stream_leaves(reader)))
    assert leaf.payload is not None
    assert len(leaf.payload) < 2_000


def test_a_change_cannot_be_written_as_an_occurrence() -> None:
    with pytest.raises(InvalidInputError):
        occurrence(types.USER_DISABLED, at=AT, actor=Actor.system(), about=About())


async def test_two_processes_append_to_one_tree(database_url: str) -> None:
    """Each with a connection of its own, as two processes have; every append waits for the one before."""
    database = Database(database_url)
    upgrade(database)
    stores = [Store(database), Store(Database(database_url))]

    async def write(number: int) -> EventId:
        """As whoever is told that another node writes: again."""
        leaf = os.urandom(32)
        while True:
            try:
                return await stores[number % 2].write(append(leaf))
            except StoreBusyError:
                continue

    ids = await asyncio.gather(*map(write, range(80)))
    leaves = await stores[0].read(lambda reader: list(records.stream_leaves(reader)))
    tree = await stores[0].read(records.read_tree)
    for each in stores:
        await each.close()
    assert {leaf.id for leaf in leaves} == set(ids)
    assert [leaf.leaf_index for leaf in leaves] == list(range(80))
    assert root(tree) == root_of(leaf.leaf_hash for leaf in leaves)

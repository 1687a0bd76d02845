"""The outbox on both databases: order, leases, retries, giving up, bounds."""

from datetime import datetime, timedelta
from functools import partial

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from assay.messages.message import Message
from assay.messages.notice import Notice
from assay.messages.records import outbox
from assay.messages.retry import FIRST, GIVE_UP_AGE, LONGEST, is_over, next_attempt
from assay.store import Store, Transaction
from tests.messages.build import NOW, message

LATER = NOW + timedelta(minutes=5)


async def put(store: Store, *messages: Message) -> None:
    for each in messages:
        assert await store.write(partial(outbox.put, message=each))


async def take(store: Store, lease: str, *, at: datetime = NOW, limit: int = 10) -> list[str]:
    act = partial(outbox.take, lease=lease, at=at, until=at + timedelta(minutes=1), limit=limit)
    return [each.id for each in await store.write(act)]


async def test_each_recipient_gets_messages_in_order_one_at_a_time(store: Store) -> None:
    first, second, third = message(1), message(2), message(3, recipient="bob@example.net")
    await put(store, first, second, third)
    assert await take(store, "a") == [first.id, third.id]
    assert await take(store, "a") == []
    assert await store.write(partial(outbox.sent, message_id=first.id, lease="a"))
    assert await take(store, "a") == [second.id]


async def test_two_nodes_never_have_the_same_message(store: Store) -> None:
    await put(store, message(1))
    assert await take(store, "a") == [message(1).id]
    assert await take(store, "b") == []
    assert not await store.write(partial(outbox.sent, message_id=message(1).id, lease="b"))
    assert await store.read(lambda reader: outbox.get(reader, message(1).id)) is not None


async def test_what_a_dead_node_had_is_taken_over_and_its_late_word_changes_nothing(store: Store) -> None:
    await put(store, message(1))
    await take(store, "a")
    assert await take(store, "b", at=NOW + timedelta(seconds=59)) == []
    assert await take(store, "b", at=NOW + timedelta(seconds=60)) == [message(1).id]
    late = partial(outbox.failed, message_id=message(1).id, lease="a", error="late", due_at=LATER, given_up_at=LATER)
    assert not await store.write(late)
    assert await store.write(partial(outbox.sent, message_id=message(1).id, lease="b"))


async def test_a_failed_message_waits_and_holds_back_the_next_to_the_same_person_only(store: Store) -> None:
    await put(store, message(1), message(2), message(3, recipient="bob@example.net"))
    await take(store, "a", limit=1)
    await store.write(
        partial(outbox.failed, message_id=message(1).id, lease="a", error="busy", due_at=LATER, given_up_at=None)
    )
    assert await take(store, "b") == [message(3).id]
    found = await store.read(lambda reader: outbox.get(reader, message(1).id))
    assert found is not None
    assert (found.attempts, found.error, found.due_at) == (1, "busy", LATER)
    assert await take(store, "a", at=LATER, limit=1) == [message(1).id]


async def test_one_given_up_holds_nobody_back_and_can_be_retried(store: Store) -> None:
    await put(store, message(1), message(2))
    await take(store, "a", limit=1)
    await store.write(
        partial(outbox.failed, message_id=message(1).id, lease="a", error="no", due_at=NOW, given_up_at=NOW)
    )
    assert await take(store, "a") == [message(2).id]
    counted = await store.read(outbox.count)
    assert (counted.waiting, counted.given_up) == (1, 1)
    assert await store.write(partial(outbox.again, message_id=message(1).id, at=NOW))
    assert await take(store, "b") == [message(1).id]
    assert not await store.write(partial(outbox.again, message_id=message(1).id, at=NOW)), "it is in somebody's hand"


async def test_what_was_given_up_takes_nobodys_place(store: Store) -> None:
    many = [message(number) for number in range(1, outbox.LIMIT_PER_RECIPIENT + 1)]
    await put(store, *many)
    for each in many:
        assert await store.write(partial(outbox.give_up, message_id=each.id, at=NOW))
    # Just as many as before fit, and not one more.
    await put(store, *(message(number) for number in range(101, 101 + outbox.LIMIT_PER_RECIPIENT)))
    assert not await store.write(partial(outbox.put, message=message(1_000)))
    counted = await store.read(outbox.count)
    assert (counted.waiting, counted.given_up) == (outbox.LIMIT_PER_RECIPIENT, outbox.LIMIT_PER_RECIPIENT)


async def test_of_what_was_given_up_the_oldest_go_when_there_is_too_much(store: Store) -> None:
    await put(store, message(1))
    await store.write(partial(outbox.give_up, message_id=message(1).id, at=NOW))

    def fill(transaction: Transaction) -> None:
        """As days of a dead mail server leave it, in one statement rather than in as many transactions."""
        same = [each.name for each in outbox.messages.columns if each.name not in ("id", "number")]
        statement = f"""
            WITH RECURSIVE more(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM more WHERE i <= {outbox.LIMIT})
            INSERT INTO message (id, number, {", ".join(same)})
            SELECT 'more ' || i, i, {", ".join(same)} FROM message, more"""
        transaction.connection.execute(text(statement))

    await store.write(fill)
    await put(store, message(20_000))
    counted = await store.read(outbox.count)
    assert (counted.waiting, counted.given_up) == (1, outbox.LIMIT)
    assert await store.read(lambda reader: outbox.get(reader, message(1).id)) is None
    assert await store.read(lambda reader: outbox.get(reader, "more 2")) is not None


async def test_the_outbox_is_bounded_and_an_alarm_always_fits(store: Store) -> None:
    many = [message(number) for number in range(1, outbox.LIMIT_PER_RECIPIENT + 1)]
    await put(store, *many)
    assert not await store.write(partial(outbox.put, message=message(1_000)))
    await put(store, message(1_001, recipient="bob@example.net"))
    alarm = message(1_002, notice=Notice.BREAK_GLASS_USED)
    assert await store.write(partial(outbox.put, message=alarm, urgent=True))


async def test_what_was_given_up_is_forgotten_after_its_time(store: Store) -> None:
    await put(store, message(1))
    assert await store.write(partial(outbox.give_up, message_id=message(1).id, at=NOW))
    assert not await store.write(partial(outbox.give_up, message_id=message(1).id, at=NOW))
    assert await store.read(partial(outbox.has_given_up, before=NOW))
    assert await store.write(partial(outbox.forget_given_up, before=NOW)) == 1
    assert await store.read(partial(outbox.every, limit=10)) == ()


async def test_a_message_comes_back_as_it_was_put(store: Store) -> None:
    written = message(1, method="passkey", name_of_it="näme \N{SNOWMAN}")
    await put(store, written)
    assert await store.read(partial(outbox.every, limit=10)) == (msgspec.structs.replace(written, number=1),)


@given(attempts=st.integers(1, 10_000), jitter=st.floats(0, 1, exclude_max=True))
def test_attempts_come_later_and_later_up_to_an_hour(attempts: int, jitter: float) -> None:
    wait = next_attempt(NOW, attempts=attempts, jitter=jitter) - NOW
    assert FIRST / 2 <= wait <= LONGEST
    assert wait <= next_attempt(NOW, attempts=attempts + 1, jitter=jitter) - NOW


@pytest.mark.parametrize(("age", "over"), [(timedelta(0), False), (GIVE_UP_AGE, True), (-GIVE_UP_AGE, False)])
def test_days_old_news_is_no_news(age: timedelta, over: bool) -> None:
    assert is_over(NOW - age, NOW) is over

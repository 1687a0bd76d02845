"""Decisions are counted, batched, found again by id and short code, and never lost without a word."""

import asyncio
import os
import time

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.events import DecisionEntry, DecisionId, DecisionLog, EventQuery, record_decision, search, short_code, types
from assay.events.canonical import canonical_json
from assay.events.decision import read_short_code
from assay.events.envelope import Actor, Applied
from assay.events.event import About, occurrence
from assay.events.records import decisions as records
from assay.events.records.decisions import DecisionQuery, find_decisions, search_decisions
from assay.events.records.search import content
from assay.policy.decision import (
    Account,
    AppliedPolicy,
    Assignment,
    ConditionalAccessStatus,
    Decision,
    Details,
    Outcome,
    PolicyResult,
)
from assay.store import Store, Transaction
from assay.values import AppId, ConflictError, PolicyId, Reason, SessionId, UserId, new_id
from tests.events.company import AT, TestClock, entry, leaves_of


def new_log(store: Store, limit: int = 100) -> DecisionLog:
    return DecisionLog(store, clock=TestClock(), random=os.urandom, limit=limit)


async def test_repeats_are_counted_and_others_are_kept_apart(store: Store) -> None:
    log, clock = new_log(store), TestClock()
    first = log.add(entry(), AT)
    clock.seconds = 0.05
    assert log.add(entry(), clock.now()) == first
    others = [
        log.add(each, AT)
        for each in (entry(session="s2"), entry(app="files"), entry(outcome="block"), entry(policies="p2"))
    ]
    assert len({first, *others}) == 5
    await log.flush()
    assert log.waiting == 0
    assert first is not None
    (kept,) = await store.read(lambda reader: find_decisions(reader, first))
    assert (kept.count, kept.at, kept.last_at) == (2, AT, clock.now())
    assert kept.reasons == (Reason.of("mfa-missing"),)
    batches = await store.read(lambda reader: search(reader, EventQuery(code="decision")))
    assert len(batches.events) == 1, "one leaf vouches for the whole batch"
    assert len(await store.read(lambda reader: search_decisions(reader, DecisionQuery()))) == 5
    assert await store.read(lambda reader: records.snapshot(reader, kept.snapshot_hash)) == entry().snapshot


async def test_two_reasons_of_one_refusal_are_two_rows(store: Store) -> None:
    log = new_log(store)
    refused = msgspec.structs.replace(entry(outcome="block"), session_id=None)
    reasons = [(Reason.of("credentialExpired"),), (Reason.of("credentialRevoked"),)]
    ids = [log.add(msgspec.structs.replace(refused, reasons=each), AT) for each in reasons]
    assert log.add(msgspec.structs.replace(refused, reasons=reasons[0]), AT) == ids[0]
    await log.flush()
    kept = await store.read(lambda reader: search_decisions(reader, DecisionQuery()))
    assert {(each.reasons, each.count) for each in kept} == {(reasons[0], 2), (reasons[1], 1)}


async def test_a_batch_is_written_by_itself(sqlite_store: Store) -> None:
    log = new_log(sqlite_store)
    task = asyncio.create_task(log.run())
    wanted = log.add(entry(), AT)
    assert wanted is not None
    async with asyncio.timeout(60):
        while not await sqlite_store.read(lambda reader: find_decisions(reader, wanted)):
            pass
    task.cancel()


async def test_what_does_not_fit_is_counted_and_told(store: Store) -> None:
    log = new_log(store, limit=2)
    ids = [log.add(entry(session=f"s{number}"), AT) for number in range(5)]
    assert ids[2:] == [None] * 3
    assert log.add(entry(session="s0"), AT) == ids[0], "a repeat needs no room"
    await log.flush()
    (lost,) = (await store.read(lambda reader: search(reader, EventQuery(code="decisions.lost")))).events
    told = content(lost)
    assert told is not None
    assert told.unmapped.reason == Reason.of("decision-log-full", count="3")


async def test_decisions_wait_on_when_the_store_cannot_write(store: Store) -> None:
    log = new_log(store)
    wanted = log.add(entry(), AT)
    bad = entry(session="s2", snapshot=b"\xff")
    log.add(bad, AT)
    with pytest.raises(UnicodeDecodeError):
        await log.flush()
    assert log.add(entry(), AT) == wanted
    assert log.waiting == 2
    assert await leaves_of(store) == []


async def test_a_sign_in_keeps_its_decision_in_its_own_transaction(store: Store) -> None:
    applied = AppliedPolicy(policy=PolicyId("p"), display_name="Block legacy", result=PolicyResult.FAILURE)
    details = Details(reasons=(Reason.of("blocked-by-policy"),), applied=(applied,))
    decision = Decision(
        outcome=Outcome.BLOCK,
        assignment=Assignment.ASSIGNED,
        conditional_access=ConditionalAccessStatus.FAILURE,
        account=Account(details),
        policy_set_hash="abc",
    )
    made = DecisionEntry.of(
        decision,
        session_id=SessionId("s1"),
        user_id=UserId("u1"),
        app_id=AppId("wiki"),
        snapshot=canonical_json(b'{"b":1,"a":2}'),
        engine_version="1",
    )
    event = occurrence(
        types.SIGN_IN_FAILED, at=AT, actor=Actor.system(), about=About(user_id=UserId("u1"), user_name="alice")
    )

    def fails(transaction: Transaction) -> None:
        record_decision(transaction, event, made, random=os.urandom)
        raise LookupError("no")

    with pytest.raises(LookupError):
        await store.write(fails)
    wanted = await store.write(lambda transaction: record_decision(transaction, event, made, random=os.urandom))
    (leaf,) = await leaves_of(store)
    told = content(leaf)
    assert told is not None
    assert told.unmapped.decision is not None
    assert told.unmapped.decision.uid == wanted
    assert told.unmapped.decision.applied == (Applied(policy=PolicyId("p"), name="Block legacy", result="failure"),)
    (kept,) = await store.read(lambda reader: find_decisions(reader, short_code(wanted)))
    assert (kept.uid, kept.count, kept.outcome) == (wanted, 1, "block")


async def test_searching_decisions(store: Store) -> None:
    log, clock = new_log(store), TestClock()
    for number in range(6):
        clock.seconds = number
        log.add(entry(session=f"s{number}", app="wiki" if number % 2 else "files"), clock.now())
    await log.flush()

    async def found(query: DecisionQuery) -> list[str | None]:
        return [each.session_id for each in await store.read(lambda reader: search_decisions(reader, query))]

    assert await found(DecisionQuery(app_id="wiki")) == ["s5", "s3", "s1"]
    assert await found(DecisionQuery(session_id="s4", outcome="allow", user_id="id-alice")) == ["s4"]
    assert await found(DecisionQuery(limit=2)) == ["s5", "s4"]
    clock.seconds = 2
    assert await found(DecisionQuery(before=clock.now())) == ["s1", "s0"]
    assert await found(DecisionQuery(since=clock.now(), limit=0)) == ["s5"]


async def test_a_policy_set_is_kept_once_and_for_all(store: Store) -> None:
    for _ in range(2):
        await store.write(lambda transaction: records.keep_policy_set(transaction, "h", b"[1]"))
    with pytest.raises(ConflictError):
        await store.write(lambda transaction: records.keep_policy_set(transaction, "h", b"[2]"))
    assert await store.read(lambda reader: records.policy_set(reader, "h")) == b"[1]"
    assert await store.read(lambda reader: records.policy_set(reader, "none")) is None


@given(st.binary(min_size=16, max_size=16))
def test_a_short_code_survives_the_telephone(random: bytes) -> None:
    code = short_code(DecisionId(new_id(random)))
    assert len(code) == 8
    assert read_short_code(f" {code[:4].lower()}-{code[4:].replace('0', 'o').replace('1', 'l')} ") == code


async def test_counting_a_repeat_is_cheap(sqlite_store: Store) -> None:
    log, same = new_log(sqlite_store), entry()
    log.add(same, AT)
    best = min(_seconds_for(log, same, 10_000) for _ in range(5)) / 10_000
    # The target is 2 µs; a core that others use too gets five times that.
    assert best < 10e-6


def _seconds_for(log: DecisionLog, same: DecisionEntry, times: int) -> float:
    started = time.thread_time()
    for _ in range(times):
        log.add(same, AT)
    return time.thread_time() - started

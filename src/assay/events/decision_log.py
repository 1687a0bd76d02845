"""The decision log: repeats are counted, batches are written within 100 ms, each vouched for by one leaf.

A killed process may lose the last batch; a decision that changes something is kept with `record_decision`, in
the transaction of that change.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final

import msgspec

from assay.clock import Clock
from assay.events.decision import DecisionEntry, DecisionId, DecisionRecord, SaltedDecision, record_of, salted
from assay.events.envelope import Actor, BatchRoot
from assay.events.event import SALT_BYTES, About, Event, occurrence
from assay.events.log import append_events
from assay.events.records.counts import add_decisions
from assay.events.records.decisions import first_reason, insert_decisions
from assay.events.tree import root_of
from assay.events.types import DECISION, DECISIONS_LOST
from assay.store import Store, Transaction
from assay.values import AppId, Reason, SessionId, new_id

Random = Callable[[int], bytes]

BATCH_SECONDS: Final = 0.1
# Different decisions that may wait for one batch; a flood of them must not take the memory of the gateway.
WAITING_LIMIT: Final = 20_000

logger = logging.getLogger(__name__)

_Key = tuple[SessionId | None, AppId | None, str, str, bytes, tuple[Reason, ...]]


class _Waiting:
    """A decision that waits for its batch, and how often it was made."""

    __slots__ = ("at", "count", "entry", "id", "last_at")

    def __init__(self, entry: DecisionEntry, decision_id: DecisionId, at: datetime) -> None:
        self.entry = entry
        self.id = decision_id
        self.at = at
        self.last_at = at
        self.count = 1


class DecisionLog:
    """Takes decisions on the event loop and writes them behind it; `run` is its task, `flush` the last thing to do."""

    def __init__(self, store: Store, *, clock: Clock, random: Random, limit: int = WAITING_LIMIT) -> None:
        self._store = store
        self._clock = clock
        self._random = random
        self._limit = limit
        self._waiting: dict[_Key, _Waiting] = {}
        self._lost = 0
        self._wake = asyncio.Event()
        self._writing = asyncio.Lock()

    def add(self, entry: DecisionEntry, at: datetime) -> DecisionId | None:
        """Count a decision; the id finds it once its batch is written.

        None when too many different ones wait: it is not kept, and an event will say how many were not.
        """
        # Without a session the rest may be equal where a credential is refused now for one thing, now for another.
        key = (entry.session_id, entry.app_id, entry.outcome, entry.policy_set_hash, entry.snapshot, entry.reasons)
        waiting = self._waiting.get(key)
        if waiting is None:
            return self._add_first(key, entry, at)
        waiting.count += 1
        waiting.last_at = at
        return waiting.id

    @property
    def waiting(self) -> int:
        """How many different decisions wait for the next batch."""
        return len(self._waiting)

    async def flush(self) -> None:
        """Write what waits; when the store cannot, it waits on and the store's error is raised."""
        async with self._writing:
            batch, lost = self._waiting, self._lost
            if not batch and not lost:
                return
            self._waiting, self._lost = {}, 0
            at = self._clock.now()
            try:
                await self._store.write(lambda transaction: self._write(transaction, batch, lost, at))
            except Exception:
                self._take_back(batch, lost)
                raise

    async def run(self) -> None:
        """Write a batch at most 100 ms after its first decision, for ever."""
        while True:
            await self._wake.wait()
            await asyncio.sleep(BATCH_SECONDS)
            self._wake.clear()
            try:
                await self.flush()
            except Exception:
                # The decisions wait on; the gateway goes on deciding while the database recovers.
                logger.exception("decisions could not be written; they wait for the next batch")
                self._wake.set()

    def _add_first(self, key: _Key, entry: DecisionEntry, at: datetime) -> DecisionId | None:
        self._wake.set()
        if len(self._waiting) >= self._limit:
            self._lost += 1
            return None
        decision_id = DecisionId(new_id(self._random(16)))
        self._waiting[key] = _Waiting(entry, decision_id, at)
        return decision_id

    def _take_back(self, batch: Mapping[_Key, _Waiting], lost: int) -> None:
        newer, self._waiting = self._waiting, dict(batch)
        self._lost += lost
        for key, waiting in newer.items():
            older = self._waiting.get(key)
            if older is not None:
                # Its id was given out too, but one row has one id; the older one names both.
                older.count += waiting.count
                older.last_at = waiting.last_at
            elif len(self._waiting) < self._limit:
                self._waiting[key] = waiting
            else:
                self._lost += waiting.count

    def _write(self, transaction: Transaction, batch: Mapping[_Key, _Waiting], lost: int, at: datetime) -> None:
        if batch:
            counted = [
                (record_of(each.entry, each.id, at=each.at, last_at=each.last_at, count=each.count), each.entry)
                for each in batch.values()
            ]
            event = occurrence(DECISION, at=at, actor=Actor.system(), about=About())
            _write_batch(transaction, event, counted, self._random)
        if lost:
            reason = Reason.of("decision-log-full", count=str(lost))
            event = occurrence(DECISIONS_LOST, at=at, actor=Actor.system(), about=About(), reason=reason)
            append_events(transaction, [(event, self._random(SALT_BYTES))])


def record_decision(
    transaction: Transaction, event: Event, entry: DecisionEntry, *, random: Random, noted: Sequence[Event] = ()
) -> DecisionId:
    """Keep one decision and the event that it belongs to (a sign-in's outcome), in the transaction of that event.

    `noted`: events that come before it in the log.
    """
    decision_id = DecisionId(new_id(random(16)))
    record = record_of(entry, decision_id, at=event.at, last_at=event.at, count=1)
    event = msgspec.structs.replace(event, decision=entry.reference(decision_id))
    _write_batch(transaction, event, [(record, entry)], random, noted, signals=entry.snapshot)
    return decision_id


def _write_batch(
    transaction: Transaction,
    event: Event,
    counted: Sequence[tuple[DecisionRecord, DecisionEntry]],
    random: Random,
    noted: Sequence[Event] = (),
    *,
    signals: bytes | None = None,
) -> None:
    rows: list[SaltedDecision] = [salted(record, random(SALT_BYTES)) for record, _ in counted]
    batch = BatchRoot(count=len(rows), root=root_of(row.row_hash for row in rows).hex())
    event = msgspec.structs.replace(event, batch=batch)
    salted_events = [(each, random(SALT_BYTES)) for each in (*noted, event)]
    *_, leaf = append_events(transaction, salted_events, signals=signals)
    snapshots = {record.snapshot_hash: entry.snapshot for record, entry in counted}
    insert_decisions(transaction, leaf.leaf_index, rows, snapshots)
    add_decisions(transaction, (_counted(row.record) for row in rows))


def _counted(record: DecisionRecord) -> tuple[datetime, str, str, int]:
    return record.at, record.outcome, first_reason(record), record.count

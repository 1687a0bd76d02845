"""Forgetting on the record: content goes, its hash stays, and an event says who removed what, and why."""

from datetime import datetime

import msgspec

from assay.events.envelope import Actor, Entity, LeafRange
from assay.events.event import About, change
from assay.events.log import record
from assay.events.records.counts import recount_decisions
from assay.events.records.decisions import delete_decisions, last_batch_before, span_of
from assay.events.records.log import erase_payloads, lock_tree
from assay.events.records.sign_ins import delete_sign_ins
from assay.events.types import ERASED, PRUNED
from assay.store import Transaction
from assay.values import EventId, InvalidInputError, Reason, Value

_LOG = Entity(uid="log", type="log")
_DECISIONS = Entity(uid="decisions", type="log")


class Removed(Value, frozen=True, kw_only=True):
    """How many were removed."""

    count: int


def erase(
    transaction: Transaction, ranges: tuple[LeafRange, ...], *, at: datetime, actor: Actor, reason: Reason, salt: bytes
) -> EventId:
    """Erase content and salts of these leaves, and the decisions that they vouch for; raises InvalidInputError."""
    size = lock_tree(transaction).size
    if not ranges or any(not 0 <= each.first <= each.last < size for each in ranges):
        raise InvalidInputError(f"can only erase records between 0 and {size - 1}")
    count = 0
    for each in ranges:
        count += erase_payloads(transaction, each.first, each.last)
        _forget_decisions(transaction, each.first, each.last)
        delete_sign_ins(transaction, each.first, each.last)
    event = change(
        ERASED,
        at=at,
        actor=actor,
        about=About(entity=_LOG),
        before=Removed(count=count),
        after=None,
        reason=reason,
    )
    return record(transaction, msgspec.structs.replace(event, erased=ranges), salt=salt)


def prune_decisions(
    transaction: Transaction, older_than: datetime, *, at: datetime, actor: Actor, reason: Reason, salt: bytes
) -> EventId | None:
    """Remove batches whose decisions are all older; None where there is nothing to remove."""
    last = last_batch_before(transaction, older_than)
    if last is None:
        return None
    count = _forget_decisions(transaction, 0, last)
    event = change(
        PRUNED,
        at=at,
        actor=actor,
        about=About(entity=_DECISIONS),
        before=Removed(count=count),
        after=None,
        reason=reason,
    )
    return record(transaction, msgspec.structs.replace(event, pruned_through=last), salt=salt)


def _forget_decisions(transaction: Transaction, first: int, last: int) -> int:
    """Remove the decisions of these batches and what was counted of them; returns how many."""
    span = span_of(transaction, first, last)
    if span is None:
        return 0
    count = delete_decisions(transaction, first, last)
    recount_decisions(transaction, *span)
    return count

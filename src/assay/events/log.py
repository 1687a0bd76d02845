"""The log: an event becomes a leaf of the Merkle tree in the transaction that makes it true."""

from collections.abc import Sequence
from datetime import UTC

from assay.events.canonical import canonical
from assay.events.counts import bounded
from assay.events.event import Event, envelope, event_id
from assay.events.project_sign_ins import keep_sign_ins
from assay.events.records import log as records
from assay.events.records.counts import add_cut_times
from assay.events.records.log import Leaf
from assay.events.tree import Frontier, append, salted_leaf
from assay.store import Transaction
from assay.values import EventId


def record(transaction: Transaction, event: Event, *, salt: bytes) -> EventId:
    """Append an event to the log; it is there exactly if the transaction commits.

    `salt`: 32 fresh random bytes. Raises InvalidInputError for an event that JSON cannot carry or over 1 MiB.
    """
    return record_all(transaction, [(event, salt)])[0]


def record_all(transaction: Transaction, events: Sequence[tuple[Event, bytes]]) -> tuple[EventId, ...]:
    """Append events with their salts, in this order."""
    return tuple(leaf.id for leaf in append_events(transaction, events))


def append_events(
    transaction: Transaction, events: Sequence[tuple[Event, bytes]], *, signals: bytes | None = None
) -> tuple[Leaf, ...]:
    """Append events with their salts, and return the leaves they became.

    `signals`: the snapshot of the decision that one of them names, where it is at hand.
    """
    if not events:
        return ()
    # Under the lock: every process appends to the tree as the one before left it.
    frontier = records.lock_tree(transaction)
    leaves: list[Leaf] = []
    for event, salt in events:
        leaf = make_leaf(event, salt, frontier)
        frontier = append(frontier, leaf.leaf_hash)
        leaves.append(leaf)
    records.append_leaves(transaction, leaves, frontier)
    keep_sign_ins(transaction, leaves, signals)
    for event, _ in events:
        add_cut_times(transaction, event.at, bounded(event.cut_microseconds))
    return tuple(leaves)


def make_leaf(event: Event, salt: bytes, frontier: Frontier) -> Leaf:
    """The event as the next leaf of this tree."""
    uid = event_id(salt)
    payload = canonical(envelope(event, uid, frontier.size))
    about = event.about
    return Leaf(
        leaf_index=frontier.size,
        id=uid,
        at=event.at.astimezone(UTC),
        code=event.type.code,
        type_uid=event.type.type_uid,
        severity_id=event.type.severity_id,
        status_id=event.type.status_id,
        actor_id=event.actor.user.uid,
        user_id=about.user_id,
        app_id=about.app_id,
        session_id=about.session_id,
        payload=payload.decode(),
        salt=salt,
        leaf_hash=salted_leaf(salt, payload),
    )

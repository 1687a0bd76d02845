"""Keep the rows of sign-ins true: beside each event, and for events that an earlier release wrote."""

from collections.abc import Sequence
from typing import Final

import msgspec

from assay.events.envelope import Envelope, decoder
from assay.events.records.decisions import policy_set, snapshot
from assay.events.records.log import Leaf
from assay.events.records.sign_ins import insert_sign_ins
from assay.events.sign_ins import SIGN_IN_CODES, SignIn, demanding_policies, read_signals, sign_in_of
from assay.policy import PolicySet, policy_set_hash
from assay.store import Reader, Transaction

# By the hash of a set, which says all of it: read once for each publication, not for each sign-in.
_DEMANDING: Final[dict[str, frozenset[str]]] = {}
_SETS_KEPT: Final = 8
_NOTHING_PUBLISHED: Final = policy_set_hash(PolicySet())


def keep_sign_ins(transaction: Transaction, leaves: Sequence[Leaf], signals: bytes | None = None) -> None:
    """Keep the rows of those leaves that are sign-ins; `signals`: the snapshot of the one decision among them."""
    found = [_row(transaction, leaf, signals) for leaf in leaves if leaf.code in SIGN_IN_CODES]
    insert_sign_ins(transaction, [row for row in found if row is not None])


def _row(reader: Reader, leaf: Leaf, signals: bytes | None) -> SignIn | None:
    envelope = _read(leaf)
    if envelope is None:
        return None
    decision = envelope.unmapped.decision
    if decision is None:
        return sign_in_of(envelope, read_signals(None), frozenset())
    seen = read_signals(signals if signals is not None else snapshot(reader, decision.snapshot_hash))
    return sign_in_of(envelope, seen, _demanding(reader, decision.policy_set_hash))


def _demanding(reader: Reader, digest: str) -> frozenset[str]:
    if digest == _NOTHING_PUBLISHED:
        return frozenset()
    known = _DEMANDING.get(digest)
    if known is None:
        content = policy_set(reader, digest)
        known = demanding_policies(content)
        if content is not None:
            if len(_DEMANDING) >= _SETS_KEPT:
                _DEMANDING.clear()
            _DEMANDING[digest] = known
    return known


def _read(leaf: Leaf) -> Envelope | None:
    try:
        return None if leaf.payload is None else decoder.decode(leaf.payload)
    except msgspec.ValidationError:
        return None

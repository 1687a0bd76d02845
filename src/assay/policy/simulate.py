"""Many requests decided at once: the same bitmap index by columns, and the engine itself asked once for each sort.

Two requests are of one sort where nothing that the engine reads tells them apart: the policies that apply, how the
proofs look and which ages each has passed, and everything else that a demand can look at. One of each sort is decided
by `decide`; what no column can say (a signal of a condition that is not known here, a condition that fails, an
emergency access account) is decided request by request.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from assay.policy.columns import Codes, Column, Columns, coded, combined, firsts, renumbered
from assay.policy.compile import CompiledPolicySet
from assay.policy.conditions.base import ConditionName
from assay.policy.decide import decide
from assay.policy.decision import Decision
from assay.policy.request import AccessRequest

Words = NDArray[np.uint64]
Index = Callable[[AccessRequest], int]
WORD: Final = 64
MICROSECOND: Final = timedelta(microseconds=1)
# What these conditions read; one that is not here is asked request by request.
BY_TARGET: Final = frozenset({ConditionName.APPLICATION})
BY_PLACE: Final = frozenset({ConditionName.LOCATION})
BY_OTHERS: Final = frozenset(
    {
        ConditionName.CLIENT_TYPE,
        ConditionName.DEVICE_PLATFORM,
        ConditionName.DEVICE_STATE,
        ConditionName.SIGN_IN_RISK,
        ConditionName.USER_RISK,
        ConditionName.SERVICE_PRINCIPAL_RISK,
        ConditionName.AGENT_ID_RISK,
        ConditionName.INSIDER_RISK,
        ConditionName.AUTHENTICATION_FLOWS,
        ConditionName.AGENT_CONTEXT,
    }
)


class Answers:
    """The decisions on the requests of some columns, each distinct one once.

    `sorts`: for each request the place of its decision in `decisions`. Of requests of one sort the decision is that on
    the first of them, and `valid_until` the first one's; all else is the same for each. `one_by_one`: how many were
    decided alone.
    """

    def __init__(self, sorts: Codes, decisions: Sequence[Decision], *, one_by_one: int) -> None:
        self.sorts = sorts
        self.decisions = decisions
        self.one_by_one = one_by_one

    def of(self, row: int) -> Decision:
        """The decision on one request."""
        return self.decisions[int(self.sorts[row])]


def simulate(compiled: CompiledPolicySet, columns: Columns) -> Answers:
    """Decide every request of these columns; equal to `decide` one by one, but for `valid_until` (see Answers)."""
    subjects = [compiled.subject(request.principal) for request in columns.principal_ones]
    whose = columns.principals[0]
    # Other policies judge it, or it cannot be evaluated.
    apart = [
        subject < 0 or request.principal.break_glass
        for subject, request in zip(subjects, columns.principal_ones, strict=True)
    ]
    apart_signals = np.array(apart, dtype=np.bool_)[whose]
    applicable = _applicable(compiled, columns, [max(0, subject) for subject in subjects], apart_signals)
    if applicable is None:
        apart_signals[:] = True
        keys, size = np.zeros(len(columns), dtype=np.int64), 1
    else:
        signals, kinds = combined([_distinct(applicable), columns.demanded, columns.looks])
        keys, size = combined([(signals[columns.rows], kinds), *_passed(compiled, columns)])
    # Each that is asked alone is a sort of its own.
    rows = np.flatnonzero(apart_signals[columns.rows])
    if len(rows):
        keys[rows] = size + np.arange(len(rows))
        keys, size = renumbered(keys)
    asked = firsts((keys, size))
    decisions = [decide(compiled, subjects[whose[columns.rows[row]]], columns.request(row)) for row in asked]
    return Answers(keys, decisions, one_by_one=len(rows))


def _applicable(
    compiled: CompiledPolicySet, columns: Columns, subjects: Sequence[int], alone: NDArray[np.bool_]
) -> Words | None:
    """For all signals the bits of the policies that apply; marks those of which a condition fails as `alone`.

    None: a condition reads what no column is known to say.
    """
    by_target, by_others, by_place = list[Index](), list[Index](), list[Index]()
    for name, index in compiled.indexes:
        if name in BY_TARGET:
            by_target.append(index)
        elif name in BY_OTHERS:
            by_others.append(index)
        elif name in BY_PLACE:
            by_place.append(index)
        else:
            return None
    every = (1 << len(compiled.policies)) - 1
    width = max(1, -(-len(compiled.policies) // WORD))
    found: Words = _words(subjects, width)[columns.principals[0]]
    parts = [(by_target, columns.targets, columns.target_ones), (by_others, columns.others, columns.other_ones)]
    if by_place:
        places = _places(compiled, columns)
        parts.append((by_place, places, columns.ones(places)))
    for indexes, (codes, _), ones in parts:
        if not indexes:
            continue
        masks = [_mask(indexes, request, every) for request in ones]
        found &= _words([mask or 0 for mask in masks], width)[codes]
        if None in masks:
            alone |= np.array([mask is None for mask in masks], dtype=np.bool_)[codes]
    return found


def _mask(indexes: Sequence[Index], request: AccessRequest, every: int) -> int | None:
    """Of every policy those that these conditions do not speak against; None: one of them cannot be evaluated."""
    found = every
    for index in indexes:
        try:
            found &= index(request)
        except Exception:  # noqa: BLE001  the request is decided alone, which says what failed
            return None
    return found


def _words(masks: Sequence[int], width: int) -> Words:
    """Masks as lines of 64-bit words, the lowest first."""
    octets = b"".join(mask.to_bytes(width * 8, "little") for mask in masks)
    return np.frombuffer(octets, dtype="<u8").reshape(len(masks), width)


def _places(compiled: CompiledPolicySet, columns: Columns) -> Column:
    """Where signals come from: two are alike whose addresses no location tells apart, and whose countries are one."""
    table = compiled.locations
    starts = np.array(table.ipv4_segments(), dtype=np.int64)
    segments = np.searchsorted(starts, columns.addresses, side="right").astype(np.int64)
    size = len(starts) + 1
    rows = np.flatnonzero(columns.addresses < 0)
    if len(rows):
        addresses = [columns.signals[row].address for row in rows.tolist()]
        held = (None if address is None else table.mark(address) for address in addresses)
        codes, distinct = coded(held, len(addresses))
        segments[rows] = size + codes
        size += len(distinct)
    return combined([(segments, size), columns.others])


def _distinct(applicable: Words) -> Column:
    """The number of each distinct set of policies."""
    if applicable.shape[1] == 1:
        whole = applicable[:, 0]
    else:
        lines = np.ascontiguousarray(applicable)
        whole = lines.view([("", lines.dtype)] * lines.shape[1])[:, 0]
    distinct, codes = np.unique(whole, return_inverse=True)
    return codes.astype(np.int64, copy=False), len(distinct)


def _passed(compiled: CompiledPolicySet, columns: Columns) -> list[Column]:
    """How many of the ages, at which any policy ceases to count a proof, each proof has passed."""
    ages = {age for found in compiled.policies for age in (found.ages.primary, found.ages.secondary)}
    edges = np.array(sorted(age // MICROSECOND for age in ages if age is not None), dtype=np.int64)
    if not len(edges):
        return []
    found, proofs = [], columns.proofs[columns.rows]
    for place in range(columns.proved_at.shape[1]):
        elapsed = columns.at - columns.proved_at[proofs, place]
        found.append((np.searchsorted(edges, elapsed, side="right").astype(np.int64), len(edges) + 1))
    return found

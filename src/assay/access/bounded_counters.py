"""Keeps counters of guessing, and drops the least of those that strangers can make as many of as they like."""

from collections.abc import Collection, Iterable

from assay.identities.guessing import OF_NAMES, OF_SOURCES, Counter, GuessingLimits, made_at_will
from assay.identities.records import guessing as counters
from assay.store import Transaction


class BoundedCounters:
    """Counts what this process made, so that how many there are is looked at now and then, and not at each attempt.

    A counter of an account or of a known device is never dropped: there are no more of them than people and devices.
    """

    def __init__(self, limits: GuessingLimits) -> None:
        self._limits = limits
        # Whatever was made before the start is looked at with the first one.
        self._unlooked = limits.rows_unlooked

    def put(self, transaction: Transaction, some: Iterable[Counter], *, known: Collection[bytes]) -> None:
        """Keep these; `known`: the keys of those that were there."""
        kept = tuple(some)
        counters.put(transaction, kept)
        self._unlooked += sum(counter.key not in known and made_at_will(counter.key) for counter in kept)
        if self._unlooked >= self._limits.rows_unlooked:
            self._unlooked = 0
            counters.drop_beyond(transaction, OF_SOURCES, self._limits.source_rows)
            counters.drop_beyond(transaction, OF_NAMES, self._limits.name_rows)

"""Counts by time, and the bounds by which cuts are counted."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from assay.values import Value

DECISION_BUCKET: Final = timedelta(minutes=5)
CUT_BUCKET: Final = timedelta(hours=1)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
# Upper bounds in microseconds, five to each power of ten: a quantile read off them is at most 60 % too high.
BOUNDS: Final = (*(step * 10**power for power in range(2, 7) for step in (1, 2, 3, 5, 7)), 10_000_000)


class DecisionCount(Value, frozen=True, kw_only=True):
    """How many decisions of one outcome and first reason there were from `at` on, for the width of a bucket."""

    at: datetime
    outcome: str
    reason: str
    count: int


class CutTimes(Value, frozen=True, kw_only=True):
    """Cuts by the upper bound of their time, in microseconds, lowest first."""

    counts: tuple[tuple[int, int], ...] = ()

    @property
    def count(self) -> int:
        return sum(count for _, count in self.counts)

    def quantile(self, share: float) -> int | None:
        """The bound below which this share of them was; None where there were none."""
        wanted, met = share * self.count, 0
        for bound, count in self.counts:
            met += count
            if met >= wanted:
                return bound
        return None


def bucket_of(at: datetime, width: timedelta) -> datetime:
    """The instant at which the bucket of this one begins."""
    return at - (at - _EPOCH) % width


def bounded(microseconds: Iterable[int]) -> Mapping[int, int]:
    """How many of these times lie below each bound; what took longer than the last counts there."""
    return Counter(BOUNDS[min(bisect_left(BOUNDS, each), len(BOUNDS) - 1)] for each in microseconds)

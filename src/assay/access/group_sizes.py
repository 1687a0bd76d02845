"""How many people are in each group, directly or through groups, from what decisions know of everybody."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from itertools import chain

from assay.access.signals import Signals
from assay.values import GroupId, UserId


class GroupSizes:
    """Counted once until a group changes: to count 100,000 people in the database again takes a third of a second."""

    def __init__(self, signals: Signals) -> None:
        self._signals = signals
        self._of: Mapping[UserId, frozenset[GroupId]] = {}
        self._sizes: Mapping[GroupId, int] = {}

    async def now(self) -> Mapping[GroupId, int]:
        """By group; one without anybody is not there."""
        # Never changed, but replaced as a whole.
        groups = self._signals.everybody(()).groups
        if groups is not self._of:
            sizes = await asyncio.to_thread(_count, groups)
            self._of, self._sizes = groups, sizes
            return sizes
        return self._sizes


def _count(groups: Mapping[UserId, frozenset[GroupId]]) -> Mapping[GroupId, int]:
    return Counter(chain.from_iterable(groups.values()))

"""How many people each policy is about, counted once for each state of affairs: a walk over 100,000 takes a second."""

import asyncio
from collections.abc import Sequence

from assay.access.everybody import Everybody
from assay.access.signals import Signals
from assay.policy import ConditionalAccessPolicy
from assay.policy.affected import count_affected


class AffectedPeople:
    """Keeps what was counted until anything changes that decisions know; of one event loop."""

    def __init__(self, signals: Signals) -> None:
        self._signals = signals
        self._epoch = -1
        self._counted: dict[str, tuple[ConditionalAccessPolicy, int | None]] = {}
        # Who asks while it is counted waits for the same walk.
        self._walking = asyncio.Lock()

    async def count(self, policies: Sequence[ConditionalAccessPolicy]) -> tuple[int | None, ...]:
        """As `count_affected` says of enabled people, beside the event loop."""
        async with self._walking:
            if self._signals.epoch != self._epoch:
                self._epoch, self._counted = self._signals.epoch, {}
            # By what it says, and not by its id alone: a row may be read before the state of affairs is, or after.
            left = [each for each in policies if self._counted.get(each.id, (None, None))[0] != each]
            if left:
                counts = await asyncio.to_thread(_count, left, self._signals.everybody())
                self._counted |= {each.id: (each, count) for each, count in zip(left, counts, strict=True)}
            return tuple(self._counted[each.id][1] for each in policies)


def _count(policies: Sequence[ConditionalAccessPolicy], everybody: Everybody) -> tuple[int | None, ...]:
    return count_affected(policies, (principal for user, principal in everybody.principals() if user.enabled))

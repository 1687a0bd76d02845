"""How this node stands: whether it may grant anything at all, and from when its picture of the world is.

With the database gone, nothing new is trusted: whatever makes trust is a write, and fails. What was granted before goes
on for a bounded time on what is known, marked as such; then everything is refused until the database is back and what
changed meanwhile was taken over (docs/decisions/0009).
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from assay.values import Reason, Value

# Refusals because of this node's own state: another try, or another node, may succeed where nothing else changed.
UNAVAILABLE: Final = frozenset(
    {"signalsStale", "databaseGone", "notInAnOutage", "nodeClock", "nodeReplaced", "otherRelease", "historyLost"}
)
RETRY: Final = (("retry-after", "3"),)


class OutageLimits(Value, frozen=True, kw_only=True):
    """How long sessions that are in memory go on without the database; zero: not at all."""

    existing_sessions: timedelta = timedelta(minutes=15)


class Standing:
    """Written by the composition root when something changes, asked before every decision."""

    def __init__(self, limits: OutageLimits, monotonic: Callable[[], float]) -> None:
        self._bound = limits.existing_sessions.total_seconds()
        self._monotonic = monotonic
        self._out: dict[str, Reason] = {}
        self._lost_at: float | None = None
        # From when the picture is; None while it is the present one.
        self.known_at: datetime | None = None
        # Whether there is nothing to ask about: the one thing that every request pays for.
        self.clear = True

    @property
    def out(self) -> Reason | None:
        """Why this node is not in rotation."""
        return next(iter(self._out.values()), None)

    @property
    def degraded(self) -> bool:
        """Whether the picture may be older than what is stored."""
        return self._lost_at is not None

    def refusal(self) -> Reason | None:
        """Why nothing may be granted now."""
        if self._out:
            return self.out
        if self._lost_at is not None and self._monotonic() - self._lost_at >= self._bound:
            return Reason.of("databaseGone")
        return None

    def refuses_new(self) -> Reason | None:
        """Why nothing new may be trusted now: no sign-in, no ticket, no method."""
        return self.out or (Reason.of("databaseGone") if self.degraded else None)

    def leave(self, reason: Reason) -> None:
        """Grant nothing until `enter` is called with the same code."""
        self._out[reason.code] = reason
        self._settle()

    def has(self, code: str) -> bool:
        """Whether this is a reason."""
        return code in self._out

    def enter(self, code: str) -> None:
        """This is no reason any more."""
        self._out.pop(code, None)
        self._settle()

    def lost(self, good_at: float, known_at: datetime) -> None:
        """The database is gone; the picture is that of `good_at` (monotonic), which was `known_at`."""
        if self._lost_at is None:
            self._lost_at, self.known_at = good_at, known_at
        self._settle()

    def found(self) -> None:
        """The picture is the present one again."""
        self._lost_at = self.known_at = None
        self._settle()

    def _settle(self) -> None:
        self.clear = not self._out and self._lost_at is None

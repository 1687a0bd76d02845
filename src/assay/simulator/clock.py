"""The company's clock: stands where the simulated days are, until the present begins."""

import time
from datetime import UTC, datetime


class CompanyClock:
    """Implements `assay.clock.Clock`; it only ever goes forward."""

    def __init__(self, start: datetime) -> None:
        self._at: datetime | None = start

    def now(self) -> datetime:
        return self._at or datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    def go_to(self, at: datetime) -> None:
        """Move on to an instant of the simulated days; raises ValueError for one that has passed."""
        if self._at is None or at < self._at:
            raise ValueError(f"the company's clock cannot go back to {at.isoformat()}")
        self._at = at

    def catch_up(self) -> None:
        """From now on this is the machine's clock."""
        self._at = None

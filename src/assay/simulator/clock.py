"""The company's clock: stands where the simulated days are, and goes on when somebody moves it."""

from datetime import datetime


class CompanyClock:
    """Implements `assay.clock.Clock`; it only ever goes forward."""

    def __init__(self, start: datetime) -> None:
        self._start = self._at = start

    def now(self) -> datetime:
        return self._at

    def monotonic(self) -> float:
        return (self._at - self._start).total_seconds()

    def go_to(self, at: datetime) -> None:
        """Move on to an instant; raises ValueError for one that has passed."""
        if at < self._at:
            raise ValueError(f"the company's clock cannot go back to {at.isoformat()}")
        self._at = at

"""Addresses of those whom nobody knows, as the decision log keeps them: so many a second, the rest together.

Whoever holds a large network must not be able to fill the disk with one row for each address of it.
"""

from datetime import datetime
from typing import Final

DIFFERENT_A_SECOND: Final = 100


class Strangers:
    """Remembers who was seen in this second."""

    def __init__(self, limit: int = DIFFERENT_A_SECOND) -> None:
        self._limit = limit
        self._second = 0
        self._seen: set[str] = set()

    def address(self, address: str, at: datetime) -> str | None:
        """The address, or None where too many others came in the same second."""
        second = int(at.timestamp())
        if second != self._second:
            self._second, self._seen = second, set()
        if address not in self._seen and len(self._seen) >= self._limit:
            return None
        self._seen.add(address)
        return address

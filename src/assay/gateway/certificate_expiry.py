"""When somebody is told that a certificate ends: 30, 14, 7 days and a day before."""

from datetime import datetime, timedelta
from typing import Final

TELL_DAYS: Final = (1, 7, 14, 30)


def days_told(not_after: datetime, at: datetime) -> int | None:
    """The narrowest of these marks that has been passed, 0 once it has ended, None while it holds for longer."""
    left = not_after - at
    if left <= timedelta(0):
        return 0
    return next((days for days in TELL_DAYS if left <= timedelta(days=days)), None)

"""When a certificate is fetched again: at two thirds of its life, and slower after each failure; pure."""

from datetime import datetime, timedelta
from typing import Final

_RENEW_AT: Final = 2 / 3
# Many installations that began at the same hour do not ask at the same hour.
_JITTER: Final = 1 / 24
_FIRST_RETRY: Final = timedelta(minutes=5)
# Public authorities count failed validations by the hour, and certificates by the week.
_LONGEST_RETRY: Final = timedelta(hours=12)


def renew_at(not_before: datetime, not_after: datetime, *, jitter: float) -> datetime:
    """The instant from which a new one is due; `jitter`: 0 to 1, earlier by up to a 24th of its life."""
    life = not_after - not_before
    return not_before + life * (_RENEW_AT - _JITTER * jitter)


def retry_after(failures: int, *, jitter: float) -> timedelta:
    """How long to wait after so many failures in a row, 1 or more; `jitter`: 0 to 1, up to half as long again."""
    doubled: timedelta = _FIRST_RETRY * (1 << min(failures - 1, 16))
    return min(doubled, _LONGEST_RETRY) * (1 + jitter / 2)

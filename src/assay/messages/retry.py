"""When a message is tried again, and when nobody tries any more."""

from datetime import datetime, timedelta
from typing import Final

FIRST: Final = timedelta(seconds=30)
LONGEST: Final = timedelta(hours=1)
# RFC 5321 §4.5.4.1: "the give-up time generally needs to be at least 4-5 days".
GIVE_UP_AGE: Final = timedelta(days=4)
# How long one that was given up can still be read and retried by an administrator.
KEEP_GIVEN_UP: Final = timedelta(days=14)
_DOUBLINGS: Final = 16


def next_attempt(at: datetime, *, attempts: int, jitter: float) -> datetime:
    """When to try again after `attempts` failures (1 or more): doubling from 30 s to 1 h, less up to half.

    `jitter` in [0, 1): so that messages that failed together do not come back together.
    """
    longest = min(FIRST * float(1 << min(attempts - 1, _DOUBLINGS)), LONGEST)
    return at + longest * (1 - jitter / 2)


def is_over(created_at: datetime, at: datetime) -> bool:
    """Whether a message is too old to be news."""
    return at - created_at >= GIVE_UP_AGE

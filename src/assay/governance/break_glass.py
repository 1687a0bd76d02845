"""Emergency access accounts: what is known of them, of their uses and of their drills, and what is due."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from assay.values import SessionId, UserId, Value

ACCOUNTS: Final = 2
# Short, and not longer because it is used.
SESSION: Final = timedelta(hours=1)
# Microsoft's guidance for emergency access accounts: validate them at least every 90 days.
DRILL_EVERY: Final = timedelta(days=90)
DRILL_LASTS: Final = timedelta(minutes=30)


class Purpose(StrEnum):
    """Why an emergency access account signed in."""

    ENROLMENT = "enrolment"
    DRILL = "drill"
    EMERGENCY = "emergency"


class BreakGlassAccount(Value, frozen=True, kw_only=True):
    """One of the accounts; `number` is 1 or 2."""

    number: int
    user_id: UserId
    created_at: datetime


class BreakGlassUse(Value, frozen=True, kw_only=True):
    """One session of such an account; `reviewed_at` None: nobody has looked at it yet."""

    id: str
    user_id: UserId
    session_id: SessionId
    purpose: Purpose
    at: datetime
    address: str
    reviewed_at: datetime | None = None
    reviewed_by: str = ""
    finding: str = ""

    @property
    def open(self) -> bool:
        """Whether it still demands a review."""
        return self.purpose is Purpose.EMERGENCY and self.reviewed_at is None


def drill_due(created_at: datetime, last_drill: datetime | None, at: datetime) -> bool:
    """Whether an account must be tried again."""
    return at - (last_drill or created_at) >= DRILL_EVERY


def rotation_due(last_emergency: datetime | None, keys_since: tuple[datetime, ...]) -> bool:
    """Whether a key that was there in the last emergency is still in use."""
    return last_emergency is not None and any(since <= last_emergency for since in keys_since)

"""An attempt that is not looked at, and when to come back."""

import math

from assay.identities.guessing import HOUR, MINUTE, Blocked
from assay.values import Reason, Value


class Throttled(Value, frozen=True, kw_only=True):
    """An attempt that was not looked at; `retry_after` in seconds, 0 where only unlocking helps."""

    reason: Reason
    retry_after: int = 0


def throttled_by(refusal: Blocked) -> Throttled:
    """The refusal in words: when to come back, in the unit in which people count that."""
    wait = refusal.wait
    if wait is None:
        return Throttled(reason=Reason.of("methodLocked"))
    seconds = math.ceil(wait.total_seconds())
    if wait <= 2 * MINUTE:
        reason = Reason.of("waitSeconds", seconds=str(seconds))
    elif wait <= 2 * HOUR:
        reason = Reason.of("waitMinutes", minutes=str(math.ceil(wait / MINUTE)))
    else:
        reason = Reason.of("waitHours", hours=str(math.ceil(wait / HOUR)))
    return Throttled(reason=reason, retry_after=seconds)

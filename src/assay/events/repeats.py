"""Events that strangers can cause at will: the first is told at once, the others as one number when a window ends."""

import hashlib
from datetime import datetime

from assay.values import UserId, Value


class Repeats(Value, frozen=True, kw_only=True):
    """One window: events of one code, person, source and reason; `more` beside the one that was told."""

    key: bytes
    code: str
    user_id: UserId | None
    address: str
    reason: str
    since: datetime
    ends_at: datetime
    more: int = 0


def repeats_key(code: str, account: bytes, source: bytes, reason: str) -> bytes:
    """What counts as the same event."""
    hashed = hashlib.sha256()
    for part in (code.encode(), account, source, reason.encode()):
        hashed.update(len(part).to_bytes(4) + part)
    return hashed.digest()

"""A message in the outbox: to whom, what about, and how far it has come."""

from datetime import datetime

from assay.messages.notice import Notice
from assay.values import UserId, Value


class Message(Value, frozen=True, kw_only=True):
    """One message; it is rendered when it is sent, in `language` (BCP 47, "" for the default).

    `user_id` None: to an address that an administrator named. `given_up_at`: nobody tries any more, `error` says why.
    """

    id: str
    number: int = 0
    user_id: UserId | None
    name: str
    recipient: str
    language: str = ""
    notice: Notice
    parameters: tuple[tuple[str, str], ...] = ()
    created_at: datetime
    due_at: datetime
    attempts: int = 0
    error: str = ""
    given_up_at: datetime | None = None


class OutboxCount(Value, frozen=True, kw_only=True):
    """How full the outbox is; `oldest`: when the first of those that wait was written."""

    waiting: int = 0
    given_up: int = 0
    oldest: datetime | None = None

"""The outbox."""

from datetime import datetime

from assay.values import Wire


class MessageShape(Wire, frozen=True, kw_only=True):
    """One message; `state` is waiting or givenUp, `error` what the last attempt met."""

    id: str
    notice: str
    name: str
    recipient: str
    state: str
    attempts: int
    error: str
    created_date_time: datetime
    due_date_time: datetime
    parameters: dict[str, str]


class MessageList(Wire, frozen=True, kw_only=True):
    """The outbox; `configured`: whether there is a way out, `error`: why nothing gets out at the moment."""

    value: tuple[MessageShape, ...]
    waiting: int
    given_up: int
    oldest: datetime | None
    configured: bool
    error: str


class MessageTest(Wire, frozen=True, kw_only=True):
    """To whom a test message goes."""

    to: str


class MessageTestResult(Wire, frozen=True, kw_only=True):
    """Whether the mail server took it, and if not, what it said in which phase."""

    sent: bool
    error: str

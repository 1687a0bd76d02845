"""The log."""

from datetime import datetime

import msgspec

from assay.values import Wire


class EventShape(Wire, frozen=True, kw_only=True):
    """One event: what lists show, and the whole record (OCSF) under `event`, null where it was erased."""

    number: int
    at: datetime
    code: str
    actor: str
    about: str
    reason: str
    event: msgspec.Raw


class EventList(Wire, frozen=True, kw_only=True):
    """Events; `cursor` goes on where this page ends, None where nothing is left."""

    value: tuple[EventShape, ...]
    cursor: int | None = None


class VerifyRequest(Wire, frozen=True, kw_only=True):
    """Verify against these checkpoints (text of a file kept elsewhere), signed by these keys."""

    checkpoints: str = ""
    keys: tuple[str, ...] = ()


class FindingShape(Wire, frozen=True, kw_only=True):
    """Something wrong with the records `first` to `last`."""

    kind: str
    first: int
    last: int


class VerificationShape(Wire, frozen=True, kw_only=True):
    """The verdict; records below `anchored_outside` are proved by a checkpoint that was kept elsewhere."""

    ok: bool
    size: int
    root: str | None
    findings: tuple[FindingShape, ...]
    more_findings: int
    erased: int
    decisions: int
    anchored: int
    anchored_outside: int

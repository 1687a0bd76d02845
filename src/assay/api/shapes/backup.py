"""A backup that is being made, and one that was."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta

from assay.values import Wire


class TakeBackup(Wire, frozen=True, kw_only=True):
    """The key that seals the segments, made by whoever takes the backup, and the header that they follow."""

    content_key: bytes
    header: bytes


class BackupTaken(Wire, frozen=True, kw_only=True):
    """A backup that was written and read back: told to the service so that it knows when the last one was made."""

    # With its time zone: doctor counts the days since then.
    taken_at: Annotated[datetime, Meta(tz=True)]
    records: Annotated[int, Meta(ge=0)]
    octets: Annotated[int, Meta(ge=0)]
    sealed_for: str


class BackupNoted(Wire, frozen=True, kw_only=True):
    """The number of its record in the log is not told; it is there."""

    taken_at: datetime

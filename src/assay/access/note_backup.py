"""A backup that was made is an event: who took everything, and when; and doctor knows how old the last one is."""

from datetime import datetime

from assay.access.attempt import By
from assay.access.premises import Premises
from assay.events import About, Entity, change
from assay.events.types import BACKUP_MADE
from assay.values import Value


class MadeBackup(Value, frozen=True, kw_only=True):
    """What the log keeps of it; `sealed_for` is passphrase or recipients."""

    taken_at: datetime
    records: int
    octets: int
    sealed_for: str


async def note_backup(premises: Premises, by: By, made: MadeBackup) -> None:
    """Record a backup that was written whole and read back."""
    event = change(
        BACKUP_MADE,
        at=premises.now(),
        actor=by.actor,
        about=About(entity=Entity(uid="backup", type="backup")),
        before=None,
        after=made,
        reason=by.reason,
    )
    await premises.store.write(lambda transaction: premises.record(transaction, event))

"""A backup is two events: who took everything, before any of it leaves; and that it was written whole.

What was begun tells of a leak, what was made tells doctor how old the last backup is.
"""

from datetime import datetime
from hashlib import sha256

from assay.access.attempt import By
from assay.access.premises import Premises
from assay.events import About, ChangeType, Entity, change
from assay.events.types import BACKUP_BEGUN, BACKUP_MADE
from assay.values import Value


class BegunBackup(Value, frozen=True, kw_only=True):
    """SHA-256 of the header that the file begins with: which event a file that turns up somewhere belongs to."""

    header: str


class MadeBackup(Value, frozen=True, kw_only=True):
    """What the log keeps of it; `sealed_for` is passphrase or recipients."""

    taken_at: datetime
    records: int
    octets: int
    sealed_for: str


async def begin_backup(premises: Premises, by: By, header: bytes) -> None:
    """Record who is about to be handed everything; where that cannot be recorded, nothing is.

    Also on a full disk: there a backup to another one is what helps.
    """
    await _record(premises, by, BACKUP_BEGUN, BegunBackup(header=sha256(header).hexdigest()), urgent=True)


async def note_backup(premises: Premises, by: By, made: MadeBackup) -> None:
    """Record a backup that was written whole and read back."""
    await _record(premises, by, BACKUP_MADE, made)


async def _record(
    premises: Premises, by: By, kind: ChangeType, after: BegunBackup | MadeBackup, *, urgent: bool = False
) -> None:
    event = change(
        kind,
        at=premises.now(),
        actor=by.actor,
        about=About(entity=Entity(uid="backup", type="backup")),
        before=None,
        after=after,
        reason=by.reason,
    )
    await premises.store.write(lambda transaction: premises.record(transaction, event), urgent=urgent)

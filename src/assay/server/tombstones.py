"""Who was removed and which credential revoked, kept outside the database: no backup may bring them back."""

import os
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final

from assay.events.records.log import Leaf
from assay.events.records.search import content, tail
from assay.events.types import CREDENTIAL_REVOKED, USER_REMOVED
from assay.store import Store
from assay.values import CredentialId, UserId

SECONDS: Final = 2.0
_PAGE: Final = 1_000
_REMOVED: Final = "removed"
_REVOKED: Final = "revoked"
_RESTORED: Final = "restored"


class Tombstones:
    """`tick` appends what ended for good since the last one; the file itself says how far it is."""

    def __init__(self, store: Store, path: Path) -> None:
        self._store = store
        self._path = path
        self._after: int | None = None

    async def tick(self) -> None:
        """Raises what the store raises, and OSError where the file cannot be written; the next time makes up for it."""
        after = seen_through(self._path) if self._after is None else self._after
        while leaves := await self._store.read(partial(tail, after=after, limit=_PAGE)):
            _append(self._path, [line for leaf in leaves if (line := _line(leaf))])
            after = self._after = leaves[-1].leaf_index


def removed_people(path: Path) -> tuple[UserId, ...]:
    """Everybody who was ever removed, in order; none where there is no file."""
    return tuple(UserId(words[2]) for words in _lines(path) if words[1] == _REMOVED)


def revoked_credentials(path: Path) -> tuple[CredentialId, ...]:
    """Every credential of an app that was ever revoked, in order."""
    return tuple(CredentialId(words[2]) for words in _lines(path) if words[1] == _REVOKED)


def mark_restored(path: Path, size: int, at: datetime) -> None:
    """From here on numbers of records are those of a log that was restored with so many."""
    _append(path, [f"{size - 1} {_RESTORED} - {at.isoformat()}\n"])


def seen_through(path: Path) -> int:
    """The number of the last record that the file speaks of; -1 at the beginning."""
    lines = _lines(path)
    return int(lines[-1][0]) if lines else -1


def _line(leaf: Leaf) -> str:
    """What the file keeps of a record, "" for nothing."""
    if leaf.code == USER_REMOVED.code and leaf.user_id:
        return f"{leaf.leaf_index} {_REMOVED} {leaf.user_id} {leaf.at.isoformat()}\n"
    said = content(leaf) if leaf.code == CREDENTIAL_REVOKED.code else None
    if said is not None and said.entity is not None:
        return f"{leaf.leaf_index} {_REVOKED} {said.entity.uid} {leaf.at.isoformat()}\n"
    return ""


def _lines(path: Path) -> list[list[str]]:
    if not path.exists():
        return []
    lines = (line.split() for line in path.read_text(encoding="utf-8").splitlines())
    # Half a line at the end was left by a power cut; its record is looked at again.
    return [words for words in lines if len(words) == 4 and words[0].lstrip("-").isdigit()]


def _append(path: Path, lines: Sequence[str]) -> None:
    if not lines:
        return
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        # First a line end, which closes the half line that a power cut may have left.
        os.write(descriptor, ("\n" + "".join(lines)).encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

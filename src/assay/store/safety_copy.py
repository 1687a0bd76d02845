"""A copy of a SQLite database beside it, made before its schema changes."""

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

from assay.values import AssayError

_MARK: Final = ".before-"
# The migration itself writes as well: into the journal, and into new tables.
_TIMES: Final = 3


class NoSpaceError(AssayError):
    """The disk has no room for a copy and the change that comes after it."""


def space_needed(file: Path) -> int:
    """Octets that must be free: for the copy, and for what the change writes."""
    return _TIMES * sum(path.stat().st_size for path in (file, file.with_name(f"{file.name}-wal")) if path.exists())


def copy_before(file: Path, revision: str) -> Path:
    """Copy the database as it is before it leaves this revision; older copies go. Raises NoSpaceError and OSError."""
    needed, free = space_needed(file), shutil.disk_usage(file.parent).free
    if free < needed:
        raise NoSpaceError(
            f"an upgrade needs {needed / 1_000_000:.0f} MB free in {file.parent}, and there are {free / 1_000_000:.0f}",
            remedy="free space there; nothing was changed",
        )
    copy = file.with_name(f"{file.name}{_MARK}{revision}")
    draft = copy.with_name(f"{copy.name}.partial")
    draft.unlink(missing_ok=True)
    try:
        draft.touch(mode=0o600)
        with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(draft)) as target:
            source.backup(target)
        with draft.open("rb") as written:
            os.fsync(written.fileno())
        draft.replace(copy)
    finally:
        draft.unlink(missing_ok=True)
    for older in file.parent.glob(f"{file.name}{_MARK}*"):
        if older != copy:
            older.unlink()
    return copy

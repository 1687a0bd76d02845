"""The data directory and its master key: one process at a time, and never data without the key that opens it."""

import contextlib
import fcntl
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from assay.places import Places
from assay.sealing import KeyFile
from assay.store import Database
from assay.values import AssayError


def lock(places: Places) -> Callable[[], None]:
    """Take the directory for this process; the answer lets go of it. Raises AssayError when it is taken.

    Two processes on one SQLite database would each believe that they alone write and cut.
    """
    # The checkpoints' directory too: a log that cannot be signed outside must be known now, not at the first attack.
    made: list[Path] = []
    for directory in (places.data, places.run, places.checkpoints.parent):
        try:
            made += [each for each in (directory, *directory.parents) if not each.exists()]
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            directory.chmod(0o700)
        except OSError as error:
            raise AssayError(
                f"{directory} cannot be used as a directory: {error.strerror}",
                remedy="name another directory with --data, free this one, or run this as the user that it belongs to",
            ) from error
    let_go = _hold(places.lock, what=places.data, option="--data")

    def release() -> None:
        let_go()
        # A start that failed leaves no directory behind that it made for nothing.
        for directory in sorted(made, key=lambda each: len(each.parts), reverse=True):
            with contextlib.suppress(OSError):
                directory.rmdir()

    return release


def lock_database(database: Database) -> Callable[[], None]:
    """Take the database for this process, whatever data directory it belongs to; the answer lets go of it.

    Raises AssayError when it is taken. A PostgreSQL database is for any number of nodes.
    """
    if database.file is None:
        return lambda: None
    database.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Beside the file: closing any descriptor of the file itself would drop SQLite's own locks on it (fcntl(2)).
    return _hold(database.file.with_name(f"{database.file.name}.lock"), what=database.file, option="--database")


def _hold(path: Path, *, what: Path, option: str) -> Callable[[], None]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        holder = os.read(descriptor, 20).decode(errors="replace").strip()
        os.close(descriptor)
        raise AssayError(
            f"Assay runs already on {what} (process {holder or 'unknown'})",
            remedy=f"stop it first, or name another with {option}",
        ) from None
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
    return lambda: os.close(descriptor)


def open_master_key(places: Places, *, holds_data: bool, demo: bool, at: datetime) -> KeyFile:
    """The file of the master key, made at the first start; raises AssayError when data is there and its key is not."""
    file = KeyFile(places.master_key, data_directory=places.data)
    if file.exists():
        return file
    if holds_data:
        raise AssayError(
            f"the master key {places.master_key} is missing, and there is data that only it opens",
            remedy="restore the key from its backup, or name it with --master-key",
        )
    file.create(at=at, demo=demo)
    return file

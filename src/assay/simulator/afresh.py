"""Begin a demo anew: remove what an earlier demo left, and nothing that could be anything else."""

import contextlib
import fcntl
import os
import shutil
from collections.abc import Iterator
from typing import Final

from assay.places import Places
from assay.sealing import KeyFile
from assay.values import AssayError

DIRECTORIES: Final = ("apps", "envoy")
FILES: Final = ("assay.db", "assay.db-wal", "assay.db-shm", "demo.json", "import-report.json")


def begin_afresh(places: Places) -> None:
    """Remove the last demo's state; raises AssayError where key, data or checkpoints are no demo's, or one runs on it.

    Master key and certificates stay: a browser that trusts this demo's authority goes on trusting it.
    """
    refuse_others(places)
    if not places.database.exists():
        return
    with held(places):
        for directory in DIRECTORIES:
            shutil.rmtree(places.data / directory, ignore_errors=True)
        for file in FILES:
            (places.data / file).unlink(missing_ok=True)
        # Checkpoints of a log that is gone would accuse the new one of having been cut off.
        places.checkpoints.unlink(missing_ok=True)


def refuse_others(places: Places) -> None:
    """Raise AssayError for what is no demo's: on PostgreSQL there are key and checkpoints, but no database here."""
    key = KeyFile(places.master_key, data_directory=places.data)
    if key.exists():
        if key.is_demo():
            return
        raise AssayError(
            f"{places.master_key} is the master key of an installation that is no demo's",
            remedy="name another directory with --data and another key with --master-key",
        )
    for left in (places.database, places.checkpoints):
        if left.exists():
            raise AssayError(
                f"{left} is left by an installation that is no demo's: it has no demo's master key {places.master_key}",
                remedy="name another directory with --data",
            )


@contextlib.contextmanager
def held(places: Places) -> Iterator[None]:
    """The directory's lock while it is being emptied or filled; a demo that runs holds it. Raises AssayError then."""
    places.run.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(places.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise AssayError(
            f"a demo runs already on {places.data}",
            remedy="stop it first, or name another directory with --data (and another --port)",
        ) from None
    finally:
        os.close(descriptor)

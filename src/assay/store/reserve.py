"""Space set aside beside the database, so that access can be taken away when the disk is full.

It is given back step by step, and only to changes that take access away; from then on everything else waits until
there is room to set it aside again. Other programs on the disk get a step at most.
"""

import logging
import os
import threading
from pathlib import Path
from typing import Final

from assay.places import RESERVE, RESERVE_SIZE
from assay.store.errors import StoreFullError

logger = logging.getLogger("assay.store")

SIZE: Final = RESERVE_SIZE
STEP: Final = 1 << 20
# What has to be free beside it: setting it aside must not be what fills the disk.
ROOM: Final = SIZE


class Reserve:
    """The reserve of one SQLite file; PostgreSQL has its own disk, and None for a file."""

    def __init__(self, database: Path | None) -> None:
        self._path = None if database is None else database.with_name(RESERVE)
        self._spent = False
        self._gate = threading.Lock()

    def refuse(self) -> None:
        """Raise StoreFullError while what is left is for those who take access away."""
        if self._spent:
            raise StoreFullError(
                "the disk of the database is full: only what takes access away is still written",
                remedy="free some space on it; Assay goes on by itself",
            )

    def spend(self) -> bool:
        """Give a step back to the disk; False where nothing is left."""
        with self._gate:
            size = self._size()
            if self._path is None or size == 0:
                return False
            logger.critical("the disk of the database is full; access is taken away with what was set aside for that")
            self._spent = True
            os.truncate(self._path, max(size - STEP, 0))
            return True

    def keep(self) -> bool:
        """Set it aside, or again what was spent of it, where there is room; whether it is whole."""
        if self._path is None:
            return True
        with self._gate:
            size = self._size()
            if size < SIZE and not self._allocate(self._path, size):
                return False
            if self._spent:
                logger.warning("there is room on the disk of the database again; everything is written again")
            self._spent = False
            return True

    def _size(self) -> int:
        try:
            return 0 if self._path is None else self._path.stat().st_size
        except FileNotFoundError:
            return 0

    @staticmethod
    def _allocate(path: Path, size: int) -> bool:
        room = os.statvfs(path.parent)
        if room.f_bavail * room.f_frsize < SIZE - size + ROOM:
            return False
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.posix_fallocate(descriptor, 0, SIZE)
        except OSError:
            os.ftruncate(descriptor, size)
            return False
        finally:
            os.close(descriptor)
        return True

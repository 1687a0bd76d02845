"""Rows that lists leave out because they cannot be read, remembered until they can be: doctor tells of them."""

import logging
import threading
from typing import Final

from assay.store.reader import DAMAGE, Again, DamagedRow, Reader

logger = logging.getLogger("assay.store")
# Of a table that is damaged as a whole, the first say enough.
LIMIT: Final = 50


class Skipped:
    """What lists have left out; lists are read in several threads."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str], tuple[DamagedRow, Again]] = {}
        self._held = threading.Lock()

    def note(self, row: DamagedRow, again: Again) -> None:
        """Remember a row; it is said once, however often a list comes by it."""
        with self._held:
            place = (row.table, row.key)
            if place in self._rows or len(self._rows) >= LIMIT:
                return
            self._rows[place] = (row, again)
        logger.error(
            "the row %s of the table %s cannot be read (%s): lists leave it out; assay doctor says what to do",
            row.key, row.table, row.error,
        )  # fmt: skip

    def still(self, reader: Reader) -> tuple[DamagedRow, ...]:
        """Those that cannot be read now either; what was mended or removed is forgotten."""
        with self._held:
            noted = tuple(self._rows.items())
        mended = [place for place, (_, again) in noted if _readable(reader, again)]
        with self._held:
            for place in mended:
                self._rows.pop(place, None)
        return tuple(row for place, (row, _) in noted if place not in mended)


def _readable(reader: Reader, again: Again) -> bool:
    try:
        again(reader)
    except DAMAGE:
        return False
    return True

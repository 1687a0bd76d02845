"""One consistent snapshot of the database, as records are handed it."""

from collections.abc import Callable
from typing import Final

import msgspec
from sqlalchemy import Connection

from assay.values import InvalidInputError, Value

# What reading a row raises that a failing disk or a hand left behind.
DAMAGE: Final = (msgspec.MsgspecError, InvalidInputError, ValueError, TypeError, OverflowError)


class DamagedRow(Value, frozen=True, kw_only=True):
    """A row that cannot be read: where it lies, and what went wrong with it, without anything that it holds."""

    table: str
    key: str
    error: str


# Reads the row once more; raises what reading it raised as long as it is damaged.
Again = Callable[["Reader"], object]


def nobody_told(_: DamagedRow, __: Again) -> None:
    """Where no list is read."""


class Reader:
    """One consistent snapshot of the database; `skipped` is told of a row that a list leaves out (`skipped.py`)."""

    def __init__(self, connection: Connection, skipped: Callable[[DamagedRow, Again], None] = nobody_told) -> None:
        self.connection = connection
        self.skipped = skipped
        # What could not be read of the tables that were read whole (`damaged.py`), by their names.
        self.damaged: dict[str, tuple[DamagedRow, ...]] = {}

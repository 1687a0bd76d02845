"""One consistent snapshot of the database, as records are handed it."""

from sqlalchemy import Connection

from assay.values import Value


class DamagedRow(Value, frozen=True, kw_only=True):
    """A row that cannot be read: where it lies, and what went wrong with it, without anything that it holds."""

    table: str
    key: str
    error: str


class Reader:
    """One consistent snapshot of the database."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        # What could not be read of the tables that were read whole (`damaged.py`), by their names.
        self.damaged: dict[str, tuple[DamagedRow, ...]] = {}

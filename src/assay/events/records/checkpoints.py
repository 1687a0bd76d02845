"""The table of signed checkpoints."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Column, delete, func, select

from assay.events.records.log import STREAMING
from assay.store import Count, Instant, Reader, Text, Transaction, table, upsert

_MICROSECONDS_AN_HOUR = 3_600_000_000

checkpoint_table = table(
    "checkpoint",
    Column("size", Count, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("note", Text, nullable=False),
)


def keep_checkpoint(transaction: Transaction, size: int, note: str, at: datetime) -> None:
    """Keep a checkpoint, unless another process has kept one of the same size."""
    transaction.connection.execute(
        upsert(checkpoint_table, transaction.connection.dialect.name)
        .values(size=size, at=at, note=note)
        .on_conflict_do_nothing()
    )


def thin_checkpoints(transaction: Transaction, before: datetime) -> None:
    """Of those made before an instant, keep the last of each hour; there is one every ten seconds."""
    columns = checkpoint_table.c
    hour = columns.at.cast(Count).op("/")(_MICROSECONDS_AN_HOUR)
    last_of_each_hour = select(func.max(columns.size)).group_by(hour)
    transaction.connection.execute(
        delete(checkpoint_table).where(columns.at < before, columns.size.not_in(last_of_each_hour))
    )


def largest_checkpoint(reader: Reader) -> int:
    """The size of the largest tree that was signed; 0 before the first."""
    return int(reader.connection.execute(select(func.coalesce(func.max(checkpoint_table.c.size), 0))).scalar_one())


def newest_checkpoint(reader: Reader) -> tuple[int, datetime] | None:
    """The size of the largest tree that was signed, and when; None before the first."""
    columns = checkpoint_table.c
    query = select(columns.size, columns.at).order_by(columns.size.desc()).limit(1)
    row = reader.connection.execute(query).one_or_none()
    return None if row is None else (row[0], row[1])


def stream_checkpoints(reader: Reader) -> Iterator[str]:
    """Every checkpoint's note, smallest tree first."""
    query = select(checkpoint_table.c.note).order_by(checkpoint_table.c.size)
    with reader.connection.execute(query, execution_options=STREAMING) as rows:
        yield from rows.scalars()

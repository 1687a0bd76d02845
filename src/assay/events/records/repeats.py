"""Records of events that repeat: the first is in the log, the others are counted until their window ends."""

from datetime import datetime

from sqlalchemy import Column, func, select

from assay.events.repeats import Repeats
from assay.store import Count, Id, Instant, Octets, Reader, Text, Transaction, table, upsert

repeated_events = table(
    "repeated_events",
    Column("key", Octets, primary_key=True),
    Column("code", Text, nullable=False),
    Column("user_id", Id),
    Column("address", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("since", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False, index=True),
    Column("more", Count, nullable=False),
)


def one_more(transaction: Transaction, key: bytes, at: datetime) -> bool:
    """Count one more of these; False where no window is open and it has to be told."""
    column = repeated_events.c
    # One that begins in the future was opened before the clock stepped back.
    counted = repeated_events.update().where(column.key == key, column.since <= at, column.ends_at > at)
    return transaction.connection.execute(counted.values(more=column.more + 1)).rowcount == 1


def open_windows(reader: Reader) -> int:
    """How many windows there are."""
    return reader.connection.scalars(select(func.count()).select_from(repeated_events)).one()


def get(reader: Reader, key: bytes) -> Repeats | None:
    """What is counted under this key, its window over or not."""
    row = reader.connection.execute(select(repeated_events).where(repeated_events.c.key == key)).one_or_none()
    return None if row is None else _repeats(row)


def put(transaction: Transaction, repeats: Repeats) -> None:
    """Open a window in place of an earlier one."""
    row = {field: getattr(repeats, field) for field in repeats.__struct_fields__}
    insert = upsert(repeated_events, transaction.connection.dialect.name).values(row)
    transaction.connection.execute(insert.on_conflict_do_update(index_elements=["key"], set_=row))


def over(reader: Reader, at: datetime, limit: int) -> tuple[Repeats, ...]:
    """Some of the windows that are over."""
    found = select(repeated_events).where(repeated_events.c.ends_at <= at).limit(limit)
    return tuple(_repeats(row) for row in reader.connection.execute(found))


def close(transaction: Transaction, repeats: Repeats) -> int | None:
    """Forget a window that is over; how many it counted in the end, None where it was closed or opened anew."""
    column = repeated_events.c
    gone = repeated_events.delete().where(column.key == repeats.key, column.ends_at == repeats.ends_at)
    return transaction.connection.scalar(gone.returning(column.more))


def _repeats(row: object) -> Repeats:
    return Repeats(**{field: getattr(row, field) for field in Repeats.__struct_fields__})

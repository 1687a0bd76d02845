"""The table of changes: what each commit changed, in the order of the commits, for the other nodes to follow."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec
from sqlalchemy import Column, delete, func, select, text

from assay.store.changes import Change
from assay.store.columns import EPOCH, MICROSECOND, Count, Instant, Text
from assay.store.reader import Reader
from assay.store.schema import table
from assay.store.transaction import Transaction
from assay.values import Value

# PostgreSQL tells it to every connection that listens in the same database.
CHANNEL: Final = "assay_change"
# Who was away for longer reads everything again.
KEPT: Final = timedelta(hours=1)

change_table = table(
    "change",
    Column("sequence", Count, primary_key=True, autoincrement=False),
    # Random: the same number with another mark means that the database lost what was committed before (R09).
    Column("mark", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("changes", Text, nullable=False),
)

_DECODER: Final = msgspec.json.Decoder(tuple[Change, ...])
# One round trip: the number follows the last one, because whoever writes holds the writers' lock until the commit.
_APPEND: Final = text(
    "WITH told AS (INSERT INTO change (sequence, mark, at, changes)"
    " SELECT coalesce(max(sequence), 0) + 1, gen_random_uuid()::text,"
    " (extract(epoch FROM clock_timestamp()) * 1000000)::bigint, :changes FROM change RETURNING sequence)"
    " SELECT sequence, pg_notify(:channel, sequence::text) FROM told"
)
HEAD: Final = (
    "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint, h.sequence, h.mark,"
    " (SELECT version_num FROM alembic_version), (SELECT oldest FROM schema_floor) FROM (SELECT 1) one"
    " LEFT JOIN (SELECT sequence, mark FROM change ORDER BY sequence DESC LIMIT 1) h ON true"
)


class Place(Value, frozen=True, kw_only=True):
    """A place in the sequence of changes; number 0 is before the first."""

    sequence: int = 0
    mark: str = ""


class Told(Value, frozen=True, kw_only=True):
    """What one commit changed."""

    place: Place
    changes: tuple[Change, ...]


def append(transaction: Transaction, changes: Sequence[Change]) -> int:
    """Tell the other nodes, once this commits; PostgreSQL only, under the writers' lock. The number in the sequence."""
    encoded = msgspec.json.encode(tuple(changes)).decode()
    return int(transaction.connection.execute(_APPEND, {"changes": encoded, "channel": CHANNEL}).one()[0])


def head(reader: Reader) -> Place:
    """The last commit that was told of."""
    query = select(change_table.c.sequence, change_table.c.mark).order_by(change_table.c.sequence.desc()).limit(1)
    row = reader.connection.execute(query).one_or_none()
    return Place() if row is None else Place(sequence=row.sequence, mark=row.mark)


def since(reader: Reader, place: Place) -> tuple[Told, ...] | None:
    """What was committed after this place; None where that is not known: it was swept, or is another history."""
    columns = change_table.c
    query = (
        select(columns.sequence, columns.mark, columns.changes)
        .where(columns.sequence >= place.sequence)
        .order_by(columns.sequence)
    )
    told = tuple(
        Told(place=Place(sequence=row.sequence, mark=row.mark), changes=_DECODER.decode(row.changes))
        for row in reader.connection.execute(query)
    )
    if place.sequence:
        if not told or told[0].place != place:
            return None
        told = told[1:]
    numbers = [each.place.sequence for each in told]
    return told if numbers == list(range(place.sequence + 1, place.sequence + 1 + len(told))) else None


def is_rewritten(reader: Reader, place: Place) -> bool:
    """Whether this place is of another history: the server lost commits that it had acknowledged."""
    mark = reader.connection.execute(
        select(change_table.c.mark).where(change_table.c.sequence == place.sequence)
    ).scalar_one_or_none()
    return head(reader).sequence < place.sequence if mark is None else mark != place.mark


def instant_of(microseconds: int) -> datetime:
    """An instant as `HEAD` answers it."""
    return EPOCH + microseconds * MICROSECOND


def sweep(transaction: Transaction, before: datetime) -> int:
    """Forget what was told before this instant, but never the last; how many."""
    last = select(func.max(change_table.c.sequence)).scalar_subquery()
    return transaction.connection.execute(
        delete(change_table).where(change_table.c.at < before, change_table.c.sequence < last)
    ).rowcount

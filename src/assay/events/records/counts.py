"""Counts by time: of decisions by outcome and reason, and of how long cuts took; what charts are drawn from."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import Column, Executable, PrimaryKeyConstraint, Table, cast, delete, func, select
from sqlalchemy.types import BigInteger

from assay.events.counts import CUT_BUCKET, DECISION_BUCKET, CutTimes, DecisionCount, bucket_of
from assay.events.records.decisions import decision_table
from assay.store import Count, Instant, Prepared, Reader, Text, Transaction, table, upsert
from assay.store.columns import EPOCH, MICROSECOND

decision_count_table = table(
    "decision_count",
    Column("at", Instant, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("count", Count, nullable=False),
    PrimaryKeyConstraint("at", "outcome", "reason"),
    clustered=True,
)

cut_time_table = table(
    "cut_time",
    Column("at", Instant, nullable=False),
    Column("microseconds", Count, nullable=False),
    Column("count", Count, nullable=False),
    PrimaryKeyConstraint("at", "microseconds"),
    clustered=True,
)


def add_decisions(transaction: Transaction, decisions: Iterable[tuple[datetime, str, str, int]]) -> None:
    """Count decisions: instant, outcome, first reason's code, how many times."""
    counts: dict[tuple[datetime, str, str], int] = {}
    for at, outcome, reason, times in decisions:
        key = (bucket_of(at, DECISION_BUCKET), outcome, reason)
        counts[key] = counts.get(key, 0) + times
    rows = [
        {"at": at, "outcome": outcome, "reason": reason, "count": count}
        for (at, outcome, reason), count in sorted(counts.items())
    ]
    _add(transaction, decision_count_table, rows)


def recount_decisions(transaction: Transaction, first: datetime, last: datetime) -> None:
    """Count those of this time anew, after some were removed."""
    columns, counted = decision_table.c, decision_count_table.c
    since, until = bucket_of(first, DECISION_BUCKET), bucket_of(last, DECISION_BUCKET) + DECISION_BUCKET
    transaction.connection.execute(delete(decision_count_table).where(counted.at >= since, counted.at < until))
    found = select(columns.at, columns.outcome, columns.reason, columns.times)
    rows = transaction.connection.execute(found.where(columns.at >= since, columns.at < until))
    add_decisions(transaction, (tuple(row) for row in rows))


def add_cut_times(transaction: Transaction, at: datetime, counts: Mapping[int, int]) -> None:
    """Count cuts by the bound of the time that they took (microseconds)."""
    hour = bucket_of(at, CUT_BUCKET)
    rows = [{"at": hour, "microseconds": bound, "count": count} for bound, count in sorted(counts.items())]
    _add(transaction, cut_time_table, rows)


def decision_counts(reader: Reader, since: datetime, until: datetime, bucket: timedelta) -> tuple[DecisionCount, ...]:
    """Counts by time, outcome and reason, oldest first; `bucket` is a multiple of five minutes."""
    counted = decision_count_table.c
    width = bucket // MICROSECOND
    start = (cast(counted.at, BigInteger).op("/")(width)).op("*")(width).label("start")
    query = (
        select(start, counted.outcome, counted.reason, func.sum(counted["count"]))
        .where(counted.at >= bucket_of(since, DECISION_BUCKET), counted.at < until)
        .group_by(start, counted.outcome, counted.reason)
        .order_by(start)
    )
    return tuple(
        DecisionCount(at=EPOCH + int(row[0]) * MICROSECOND, outcome=row[1], reason=row[2], count=int(row[3]))
        for row in reader.connection.execute(query)
    )


def cut_times(reader: Reader, since: datetime, until: datetime) -> CutTimes:
    """How long the cuts of this time took."""
    counted = cut_time_table.c
    query = (
        select(counted.microseconds, func.sum(counted["count"]))
        .where(counted.at >= bucket_of(since, CUT_BUCKET), counted.at < until)
        .group_by(counted.microseconds)
        .order_by(counted.microseconds)
    )
    return CutTimes(counts=tuple((int(row[0]), int(row[1])) for row in reader.connection.execute(query)))


def _add(transaction: Transaction, into: Table, rows: list[dict[str, object]]) -> None:
    _more(into).run(transaction, *rows)


# Made once: building a statement costs more than running it.
@cache
def _more(into: Table) -> Prepared:
    return Prepared(lambda dialect: _one_more(into, dialect))


def _one_more(into: Table, dialect: str) -> Executable:
    insert = upsert(into, dialect)
    more = into.c["count"] + insert.excluded["count"]
    keys = [column.name for column in into.primary_key]
    return insert.on_conflict_do_update(index_elements=keys, set_={"count": more})

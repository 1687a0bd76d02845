"""The tables of decisions, of the snapshots they rested on and of the policy sets that made them."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Final

import msgspec
from sqlalchemy import Column, Index, Row, Select, Table, UniqueConstraint, delete, exists, func, select

from assay.events.decision import DecisionRecord, SaltedDecision, read_short_code
from assay.events.records.log import STREAMING
from assay.store import Count, Id, Instant, Octets, Prepared, Reader, Text, Transaction, table, upsert
from assay.store.pages import Field, Listed, Look, find_page, read_rows
from assay.values import ConflictError, Value
from assay.values.asking import Ask, Found

decision_table = table(
    "decision",
    Column("id", Id, primary_key=True),
    Column("short_code", Text, nullable=False, index=True),
    Column("batch", Count, nullable=False),  # the leaf that vouches for it
    Column("position", Count, nullable=False),
    Column("at", Instant, nullable=False, index=True),
    Column("outcome", Text, nullable=False),
    Column("user_id", Id, nullable=True),
    Column("app_id", Id, nullable=True),
    Column("session_id", Id, nullable=True),
    Column("snapshot_hash", Text, nullable=False, index=True),
    Column("record", Text, nullable=False),
    Column("salt", Octets, nullable=False),
    Column("row_hash", Octets, nullable=False),
    # Lifted out of the record for lists: the first reason's code, and how many equal decisions it stands for.
    Column("reason", Text, nullable=False, server_default=""),
    Column("times", Count, nullable=False, server_default="1"),
    UniqueConstraint("batch", "position"),
    Index("ix_decision_user_id_at", "user_id", "at"),
    Index("ix_decision_app_id_at", "app_id", "at"),
    Index("ix_decision_outcome_at", "outcome", "at"),
    Index("ix_decision_reason_at", "reason", "at"),
    Index("ix_decision_session_id_at", "session_id", "at"),
)

snapshot_table = table("snapshot", Column("hash", Text, primary_key=True), Column("content", Text, nullable=False))
policy_set_table = table("policy_set", Column("hash", Text, primary_key=True), Column("content", Text, nullable=False))

# Made once: building and hashing a statement costs more than running it.
_INSERT_DECISION: Final = Prepared(decision_table.insert())


@cache
def _insert_where_absent(target: Table) -> Prepared:
    return Prepared(lambda dialect: upsert(target, dialect).on_conflict_do_nothing())


DECISION_PAGE_LIMIT: Final = 1_000
_decoder = msgspec.json.Decoder(DecisionRecord)


class DecisionRow(Value, frozen=True, kw_only=True):
    """One row: `record` is canonical JSON, the columns beside it are lifted out of it."""

    id: str
    short_code: str
    batch: int
    position: int
    at: datetime
    outcome: str
    user_id: str | None
    app_id: str | None
    session_id: str | None
    snapshot_hash: str
    record: str
    salt: bytes
    row_hash: bytes
    reason: str
    times: int

    def decode(self) -> DecisionRecord:
        """The record."""
        return _decoder.decode(self.record)


# How few decisions one value finds; an index begins with each.
_RANKS: Final = {"id": 0, "short_code": 0, "session_id": 1, "user_id": 2, "app_id": 3, "reason": 4, "outcome": 5}
FIELDS: Final[Mapping[str, Field]] = {
    name: Field(column=decision_table.c[name], rank=_RANKS.get(name)) for name in ("at", *_RANKS)
}
_LISTED: Final = Listed(
    table=decision_table, fields=FIELDS, key=("at", "id"), look=Look(in_order=8_000, by_index=4_000)
)


class DecisionQuery(Value, frozen=True, kw_only=True):
    """Which decisions; None asks for any. `before` is the last decision's instant of the page before."""

    user_id: str | None = None
    app_id: str | None = None
    session_id: str | None = None
    outcome: str | None = None
    since: datetime | None = None
    before: datetime | None = None
    limit: int = 100


def insert_decisions(
    transaction: Transaction, batch: int, decisions: Sequence[SaltedDecision], snapshots: Mapping[str, bytes]
) -> None:
    """Keep the decisions that leaf `batch` vouches for, and the snapshots (by hash) that are not kept yet."""
    _insert_absent(
        transaction,
        snapshot_table,
        [{"hash": digest, "content": content.decode()} for digest, content in sorted(snapshots.items())],
    )
    rows = [
        {
            "id": decision.record.uid,
            "short_code": decision.record.short_code,
            "batch": batch,
            "position": position,
            "at": decision.record.at,
            "outcome": decision.record.outcome,
            "user_id": decision.record.user_id,
            "app_id": decision.record.app_id,
            "session_id": decision.record.session_id,
            "snapshot_hash": decision.record.snapshot_hash,
            "record": decision.text,
            "salt": decision.salt,
            "row_hash": decision.row_hash,
            "reason": first_reason(decision.record),
            "times": decision.record.count,
        }
        for position, decision in enumerate(decisions)
    ]
    _INSERT_DECISION.run(transaction, *rows)


def first_reason(record: DecisionRecord) -> str:
    """The code of the reason that counts most; "" where there is none."""
    return record.reasons[0].code if record.reasons else ""


def stream_decisions(reader: Reader) -> Iterator[DecisionRow]:
    """Every decision in the order of their batches."""
    query = select(decision_table).order_by(decision_table.c.batch, decision_table.c.position)
    with reader.connection.execute(query, execution_options=STREAMING) as rows:
        for row in rows:
            yield _row(row)


def stream_named_snapshots(reader: Reader) -> Iterator[tuple[int, str, bytes | None]]:
    """Every snapshot that a decision names: the first batch that does, its hash, its content (None: it is gone)."""
    columns = decision_table.c
    named = select(func.min(columns.batch).label("batch"), columns.snapshot_hash).group_by(columns.snapshot_hash)
    first = named.subquery()
    query = (
        select(first.c.batch, first.c.snapshot_hash, snapshot_table.c.content)
        .join_from(first, snapshot_table, first.c.snapshot_hash == snapshot_table.c.hash, isouter=True)
        .order_by(first.c.batch)
    )
    with reader.connection.execute(query, execution_options=STREAMING) as rows:
        for batch, digest, content in rows:
            yield batch, digest, None if content is None else content.encode()


def find_decisions(reader: Reader, id_or_code: str) -> tuple[DecisionRecord, ...]:
    """The decision with this id, or those with this short code (nearly always one), newest first, that can be read."""
    wanted = id_or_code.strip()
    query = (
        select(decision_table.c.id)
        .where((decision_table.c.id == wanted.lower()) | (decision_table.c.short_code == read_short_code(wanted)))
        .order_by(decision_table.c.at.desc())
    )
    return _readable(reader, query)


def search_decisions(reader: Reader, query: DecisionQuery) -> tuple[DecisionRecord, ...]:
    """The decisions that match and that can be read, newest first, at most 1,000."""
    columns = decision_table.c
    wanted = [
        columns[name] == value
        for name in ("user_id", "app_id", "session_id", "outcome")
        if (value := getattr(query, name)) is not None
    ]
    if query.since is not None:
        wanted.append(columns.at >= query.since)
    if query.before is not None:
        wanted.append(columns.at < query.before)
    return _readable(
        reader, select(columns.id).where(*wanted).order_by(columns.at.desc(), columns.id), limit=query.limit
    )


def of_batch(reader: Reader, batch: int) -> tuple[DecisionRecord, ...]:
    """The decisions that this leaf vouches for and that can be read, in order; at most 1,000."""
    columns = decision_table.c
    return _readable(reader, select(columns.id).where(columns.batch == batch).order_by(columns.position))


def _readable(
    reader: Reader, ids: Select[tuple[str]], *, limit: int = DECISION_PAGE_LIMIT
) -> tuple[DecisionRecord, ...]:
    """The decisions of these ids, in this order; one that cannot be read is left out and told of, as by lists."""
    some = ids.limit(max(1, min(limit, DECISION_PAGE_LIMIT)))
    wanted = [str(found) for found in reader.connection.execute(some).scalars()]
    read = read_rows(reader, decision_table, select(decision_table), decision_table.c.id, wanted, _record)
    return tuple(read[each] for each in wanted if each in read)


def page(reader: Reader, ask: Ask) -> Found[DecisionRecord]:
    """The page that is asked for, by the names of FIELDS."""
    return find_page(reader, _LISTED, select(decision_table), ask, _record)


def snapshot(reader: Reader, digest: str) -> bytes | None:
    """The snapshot with this SHA-256 (hex), as canonical JSON."""
    return _content(reader, snapshot_table, digest)


def snapshots(reader: Reader, digests: Collection[str]) -> dict[str, bytes]:
    """Those of these snapshots that are kept, by their hashes; at most a page of them."""
    if not digests:
        return {}
    columns = snapshot_table.c
    query = select(columns.hash, columns.content).where(columns.hash.in_(tuple(digests)))
    return {row[0]: str(row[1]).encode() for row in reader.connection.execute(query)}


def policy_set(reader: Reader, digest: str) -> bytes | None:
    """The policy set with this hash, as canonical JSON."""
    return _content(reader, policy_set_table, digest)


def keep_policy_set(transaction: Transaction, digest: str, content: bytes) -> None:
    """Keep a policy set for replays, once and for all; raises ConflictError for another content of the same hash."""
    _insert_absent(transaction, policy_set_table, [{"hash": digest, "content": content.decode()}])
    if policy_set(transaction, digest) != content:
        raise ConflictError(f"another policy set is kept as {digest}")


def delete_decisions(transaction: Transaction, first: int, last: int) -> int:
    """Remove the decisions of batches first to last, and snapshots that no decision needs; returns how many."""
    result = transaction.connection.execute(delete(decision_table).where(decision_table.c.batch.between(first, last)))
    needed = exists().where(decision_table.c.snapshot_hash == snapshot_table.c.hash)
    transaction.connection.execute(delete(snapshot_table).where(~needed))
    return result.rowcount


def span_of(reader: Reader, first: int, last: int) -> tuple[datetime, datetime] | None:
    """When the first and the last decision of these batches was made; None where they have none."""
    columns = decision_table.c
    span = select(func.min(columns.at), func.max(columns.at)).where(columns.batch.between(first, last))
    earliest, latest = reader.connection.execute(span).one()
    return None if earliest is None else (earliest, latest)


def last_batch_before(reader: Reader, instant: datetime) -> int | None:
    """The last batch up to which every decision is older than this instant; None where there is none."""
    columns = decision_table.c
    kept = reader.connection.execute(select(func.min(columns.batch)).where(columns.at >= instant)).scalar_one()
    older = select(func.max(columns.batch))
    last = reader.connection.execute(older if kept is None else older.where(columns.batch < kept)).scalar_one()
    return None if last is None else int(last)


def _content(reader: Reader, content_table: Table, digest: str) -> bytes | None:
    query = select(content_table.c.content).where(content_table.c.hash == digest)
    content = reader.connection.execute(query).scalar_one_or_none()
    return None if content is None else str(content).encode()


def _insert_absent(transaction: Transaction, target: Table, rows: Sequence[Mapping[str, object]]) -> None:
    _insert_where_absent(target).run(transaction, *rows)


def _row(row: Row[*tuple[object, ...]]) -> DecisionRow:
    found = row._mapping
    return DecisionRow(**{name: found[name] for name in DecisionRow.__struct_fields__})


def _record(row: Row[*tuple[object, ...]]) -> DecisionRecord:
    return _row(row).decode()

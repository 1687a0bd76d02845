"""The tables of the log: one row per leaf, and the tree that all rows hang on."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import Column, Index, Row, bindparam, insert, select, text, update

from assay.events.tree import HASH_BYTES, Frontier
from assay.store import Count, Id, Instant, Octets, Prepared, Reader, Text, Transaction, table
from assay.values import EventId, InvalidInputError, Value

# Events of the classes of changes (OCSF 3001, 3004 to 3006), which are few beside sign-ins and decisions.
CHANGES: Final = text("type_uid BETWEEN 300100 AND 300199 OR type_uid BETWEEN 300400 AND 300699")

event_table = table(
    "event",
    Column("leaf_index", Count, primary_key=True, autoincrement=False),
    Column("id", Id, nullable=False, unique=True),
    Column("at", Instant, nullable=False, index=True),
    Column("code", Text, nullable=False),
    Column("type_uid", Count, nullable=False),
    Column("severity_id", Count, nullable=False),
    Column("status_id", Count, nullable=False),
    Column("actor_id", Text, nullable=True),
    Column("user_id", Text, nullable=True),
    Column("app_id", Text, nullable=True),
    Column("session_id", Text, nullable=True),
    # Both are NULL once the content was erased; the leaf's hash stays and with it every proof.
    Column("payload", Text, nullable=True),
    Column("salt", Octets, nullable=True),
    Column("leaf_hash", Octets, nullable=False),
    Index("ix_event_code_leaf_index", "code", "leaf_index"),
    Index("ix_event_actor_id_leaf_index", "actor_id", "leaf_index"),
    Index("ix_event_user_id_leaf_index", "user_id", "leaf_index"),
    Index("ix_event_app_id_leaf_index", "app_id", "leaf_index"),
    # Of such rows on PostgreSQL too: said here, it would load all that SQLAlchemy knows of it (store/upsert.py).
    Index("ix_event_changes", "at", "leaf_index", sqlite_where=CHANGES),
)

tree_table = table(
    "tree",
    Column("id", Count, primary_key=True, autoincrement=False),
    Column("size", Count, nullable=False),
    Column("frontier", Octets, nullable=False),
)

# A thousand rows in memory at a time, whatever the log's length.
STREAMING: Final = {"stream_results": True, "yield_per": 1_000}


class Leaf(Value, frozen=True, kw_only=True):
    """One row of the log; `payload` is canonical JSON, None with `salt` where it was erased."""

    leaf_index: int
    id: EventId
    at: datetime
    code: str
    type_uid: int
    severity_id: int
    status_id: int
    actor_id: str | None
    user_id: str | None
    app_id: str | None
    session_id: str | None
    payload: str | None
    salt: bytes | None
    leaf_hash: bytes


_LOCK_TREE = Prepared(select(tree_table.c.size, tree_table.c.frontier).where(tree_table.c.id == 1).with_for_update())
_READ_TREE = select(tree_table.c.size, tree_table.c.frontier).where(tree_table.c.id == 1)
_INSERT = Prepared(insert(event_table))
_GROW_TREE = Prepared(
    update(tree_table)
    .where(tree_table.c.id == 1)
    .values(size=bindparam("new_size"), frontier=bindparam("new_frontier"))
)


def lock_tree(transaction: Transaction) -> Frontier:
    """The tree as it is, held until the transaction ends: on PostgreSQL other processes wait here."""
    tree = _LOCK_TREE.one(transaction)
    if tree is None:
        raise _damaged()
    return _frontier(tree.size, tree.frontier)


def read_tree(reader: Reader) -> Frontier:
    """The tree as it is."""
    return _frontier(*reader.connection.execute(_READ_TREE).one())


def append_leaves(transaction: Transaction, leaves: Sequence[Leaf], grown: Frontier) -> None:
    """Keep new leaves and the tree that has them; the caller holds the tree's lock."""
    rows = [{name: getattr(leaf, name) for name in Leaf.__struct_fields__} for leaf in leaves]
    _INSERT.run(transaction, *rows)
    _GROW_TREE.run(transaction, {"new_size": grown.size, "new_frontier": b"".join(grown.hashes)})


def stream_leaves(reader: Reader) -> Iterator[Leaf]:
    """Every row in order, also those that have no business to be there."""
    query = select(event_table).order_by(event_table.c.leaf_index)
    with reader.connection.execute(query, execution_options=STREAMING) as rows:
        for row in rows:
            yield leaf_of(row)


def stream_leaf_hashes(reader: Reader, *, first: int, end: int) -> Iterator[bytes]:
    """The hashes of leaves [first, end) in order."""
    query = (
        select(event_table.c.leaf_hash)
        .where(event_table.c.leaf_index >= first, event_table.c.leaf_index < end)
        .order_by(event_table.c.leaf_index)
    )
    with reader.connection.execute(query, execution_options=STREAMING) as rows:
        yield from rows.scalars()


def find_by_id(reader: Reader, event_id: EventId) -> Leaf | None:
    """The leaf with this id."""
    row = reader.connection.execute(select(event_table).where(event_table.c.id == event_id)).one_or_none()
    return None if row is None else leaf_of(row)


def erase_payloads(transaction: Transaction, first: int, last: int) -> int:
    """Remove payload and salt of these leaves, and the columns that tell of people; returns how many it were."""
    result = transaction.connection.execute(
        update(event_table)
        .where(event_table.c.leaf_index.between(first, last), event_table.c.payload.is_not(None))
        .values(payload=None, salt=None, actor_id=None, user_id=None, session_id=None)
    )
    return result.rowcount


def leaf_of(row: Row[*tuple[object, ...]]) -> Leaf:
    """A row of the table of events as a value."""
    found = row._mapping
    return Leaf(**{name: found[name] for name in Leaf.__struct_fields__})


def _frontier(size: int, octets: bytes) -> Frontier:
    if len(octets) % HASH_BYTES:
        raise _damaged()
    hashes = tuple(octets[start : start + HASH_BYTES] for start in range(0, len(octets), HASH_BYTES))
    return Frontier(size=size, hashes=hashes)


def _damaged() -> InvalidInputError:
    return InvalidInputError("the tree's row is damaged", remedy="restore a backup; see: assay events verify")

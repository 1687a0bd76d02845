"""The table of nodes: the service processes on this database, and when each was last heard of."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Column, Row, delete, select, update

from assay.store.columns import Count, Flag, Instant, Text
from assay.store.reader import Reader
from assay.store.schema import table
from assay.store.transaction import Transaction
from assay.store.upsert import upsert
from assay.values import Value

FORGET_AFTER: Final = timedelta(days=7)

node_table = table(
    "node",
    Column("name", Text, primary_key=True),
    # Random at each start: of two processes under one name the newer is the node.
    Column("instance", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("beat_at", Instant, nullable=False),
    Column("sequence", Count, nullable=False),
    Column("skew_milliseconds", Count, nullable=False),
    Column("in_rotation", Flag, nullable=False),
    Column("says", Text, nullable=False),
    # The master key that it seals with; "" where a release before this one does not say.
    Column("seals_with", Text, nullable=False, server_default=""),
    Column("schema", Text, nullable=False, server_default=""),
)


class Node(Value, frozen=True, kw_only=True):
    """One service process, as it said of itself at `beat_at` (its own clock).

    `sequence`: the last change it had applied. `says`: why it is not in rotation, "" where it is.
    `seals_with`: the id of the master key that it seals with. `schema`: its release's newest.
    """

    name: str
    instance: str
    version: str
    started_at: datetime
    beat_at: datetime
    sequence: int
    skew_milliseconds: int
    in_rotation: bool
    says: str
    seals_with: str = ""
    schema: str = ""


def join(transaction: Transaction, node: Node) -> None:
    """Take the name over: whoever had it before hears at its next beat that it is a node no longer."""
    values = {name: getattr(node, name) for name in Node.__struct_fields__}
    statement = upsert(node_table, transaction.connection.dialect.name).values(values)
    changed = {name: value for name, value in values.items() if name != "name"}
    transaction.connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_=changed))


def beat(transaction: Transaction, node: Node) -> bool:
    """Say what is so now; False when another process has taken the name over."""
    values = {name: getattr(node, name) for name in Node.__struct_fields__ if name not in ("name", "instance")}
    result = transaction.connection.execute(
        update(node_table).where(node_table.c.name == node.name, node_table.c.instance == node.instance).values(values)
    )
    return result.rowcount == 1


def leave(transaction: Transaction, name: str, instance: str) -> None:
    """A node that stops in order is not missed."""
    transaction.connection.execute(
        delete(node_table).where(node_table.c.name == name, node_table.c.instance == instance)
    )


def every(reader: Reader) -> tuple[Node, ...]:
    """All nodes, by name."""
    return tuple(_node(row) for row in reader.connection.execute(select(node_table).order_by(node_table.c.name)))


def forget(transaction: Transaction, before: datetime) -> int:
    """Forget nodes that were last heard of before this instant; how many."""
    return transaction.connection.execute(delete(node_table).where(node_table.c.beat_at < before)).rowcount


def _node(row: Row[tuple[object, ...]]) -> Node:
    return Node(**row._mapping)

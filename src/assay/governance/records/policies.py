"""The tables of stored policies, each with every version it ever had."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import TypeVar

from sqlalchemy import Column, Row, Select, delete, func, insert, select, update

from assay.policy.definition import AuthenticationStrengthPolicy, ConditionalAccessPolicy
from assay.policy.importers.anew import policy_anew, strength_anew
from assay.store import Count, Id, Instant, Json, Reader, Text, Topic, Transaction, readable, table
from assay.values import PolicyId

T = TypeVar("T")
policy_table = table(
    "policy",
    Column("id", Id, primary_key=True),
    Column("display_name", Text, nullable=False),
    Column("version", Count, nullable=False),
    Column("definition", Json(ConditionalAccessPolicy), nullable=False),
    Column("modified_at", Instant, nullable=False),
)

# A removed policy keeps its versions: a decision of last year must still be explained.
policy_version_table = table(
    "policy_version",
    Column("id", Id, primary_key=True),
    Column("version", Count, primary_key=True),
    Column("definition", Json(ConditionalAccessPolicy), nullable=True),  # null: removed
    Column("at", Instant, nullable=False),
)

strength_table = table(
    "authentication_strength",
    Column("id", Id, primary_key=True),
    Column("definition", Json(AuthenticationStrengthPolicy), nullable=False),
)


def put(transaction: Transaction, policy: ConditionalAccessPolicy, at: datetime) -> int:
    """Add a policy or replace the one with its id; the new version's number."""
    version = _next_version(transaction, policy.id)
    values = {"display_name": policy.display_name, "version": version, "definition": policy, "modified_at": at}
    replaced = transaction.connection.execute(update(policy_table).where(policy_table.c.id == policy.id).values(values))
    if replaced.rowcount == 0:
        transaction.connection.execute(insert(policy_table).values(id=policy.id, **values))
    _keep_version(transaction, policy.id, version, policy, at)
    transaction.changed(Topic.POLICY, policy.id)
    return version


def remove(transaction: Transaction, policy_id: PolicyId, at: datetime) -> int:
    """Remove a policy, keeping its versions; the number of the one that says so, 0 when there was no policy."""
    result = transaction.connection.execute(delete(policy_table).where(policy_table.c.id == policy_id))
    transaction.changed(Topic.POLICY, policy_id)
    if result.rowcount == 0:
        return 0
    version = _next_version(transaction, policy_id)
    _keep_version(transaction, policy_id, version, None, at)
    return version


def forget(transaction: Transaction, policy_id: PolicyId, at: datetime) -> None:
    """Have a removed policy no longer among those that were; its versions stay. Whoever removes twice says so twice."""
    _keep_version(transaction, policy_id, _next_version(transaction, policy_id), None, at)


def get(reader: Reader, policy_id: PolicyId) -> ConditionalAccessPolicy | None:
    query = select(policy_table.c.definition).where(policy_table.c.id == policy_id)
    found: ConditionalAccessPolicy | None = reader.connection.execute(query).scalar_one_or_none()
    return None if found is None else policy_anew(found)


def beginnings(reader: Reader) -> dict[PolicyId, datetime]:
    """When each policy that is there was first stored."""
    columns = policy_version_table.c
    first = select(columns.id, columns.at).join(policy_table, policy_table.c.id == columns.id)
    return {PolicyId(row[0]): row[1] for row in reader.connection.execute(first.where(columns.version == 1))}


def changes(reader: Reader) -> dict[PolicyId, tuple[int, datetime]]:
    """Of every policy the number of its version, and since when it is that one."""
    columns = policy_table.c
    rows = reader.connection.execute(select(columns.id, columns.version, columns.modified_at))
    return {PolicyId(row[0]): (row[1], row[2]) for row in rows}


def versions(
    reader: Reader, policy_id: PolicyId, *, newest: int | None = None
) -> tuple[tuple[int, datetime, ConditionalAccessPolicy | None], ...]:
    """Every version that a policy ever had, the first first: its number, since when, and what it was, None: removed.

    `newest`: so many of the last alone; each holds a whole policy.
    """
    columns = policy_version_table.c
    query = select(columns.version, columns.at, columns.definition).where(columns.id == policy_id)
    rows = reader.connection.execute(query.order_by(columns.version.desc()).limit(newest)).all()
    return tuple((row[0], row[1], None if row[2] is None else policy_anew(row[2])) for row in reversed(rows))


def history(reader: Reader, policy_id: PolicyId) -> tuple[tuple[int, datetime, ConditionalAccessPolicy | None], ...]:
    """The same without those that cannot be read, which are told of."""
    columns = policy_version_table.c
    query = select(columns.version, columns.at, columns.definition).where(columns.id == policy_id)
    return _readable(
        reader,
        query.order_by(columns.version),
        lambda row: (row.version, row.at, None if row.definition is None else policy_anew(row.definition)),
    )


def was_there(reader: Reader, policy_id: PolicyId) -> bool:
    """Whether any version of a policy with this id was ever stored."""
    columns = policy_version_table.c
    return reader.connection.execute(select(columns.id).where(columns.id == policy_id).limit(1)).first() is not None


def removed(
    reader: Reader, policy_id: PolicyId | None = None
) -> tuple[tuple[ConditionalAccessPolicy, int, datetime], ...]:
    """Every policy that is not there any more: what it was last, the number of that version, and when it went.

    What cannot be read is left out and told of. `policy_id`: only that one; each is a whole policy to read.
    """
    columns, gone = policy_version_table.c, policy_version_table.alias("gone")
    last = (
        select(columns.id, func.max(columns.version).label("version"))
        .where(columns.id.not_in(select(policy_table.c.id)))
        .group_by(columns.id)
        .subquery()
    )
    query = (
        select(columns.definition, columns.version, gone.c.at)
        .join(last, (last.c.id == columns.id) & (last.c.version == columns.version + 1))
        .join(gone, (gone.c.id == last.c.id) & (gone.c.version == last.c.version))
        .where(columns.definition.is_not(None), gone.c.definition.is_(None))
    )
    if policy_id is not None:
        query = query.where(columns.id == policy_id)
    return _readable(reader, query, lambda row: (policy_anew(row.definition), row.version, row.at))


def _readable(
    reader: Reader, query: Select[tuple[object, ...]], make: Callable[[Row[tuple[object, ...]]], T]
) -> tuple[T, ...]:
    found = readable(reader, policy_version_table, query, make)
    for row in reader.damaged[policy_version_table.name]:
        reader.skipped(row, partial(_read_again, key=row.key))
    return found


def _read_again(reader: Reader, *, key: str) -> object:
    policy_id, _, version = key.rpartition("/")
    columns = policy_version_table.c
    query = select(columns.definition).where(columns.id == policy_id, columns.version == int(version))
    return reader.connection.execute(query).scalar_one_or_none()


def every(reader: Reader) -> tuple[ConditionalAccessPolicy, ...]:
    """Every policy, by name."""
    query = select(policy_table.c.definition).order_by(policy_table.c.display_name, policy_table.c.id)
    return tuple(map(policy_anew, reader.connection.execute(query).scalars()))


def note_damage(reader: Reader) -> None:
    """Find which policies and strengths cannot be read, for whoever has to mend them; they are in `reader.damaged`."""
    for stored in (policy_table, strength_table):
        readable(reader, stored, select(stored.c.definition), lambda row: row.definition)


def put_strength(transaction: Transaction, strength: AuthenticationStrengthPolicy) -> None:
    """Add a custom authentication strength or replace the one with its id."""
    transaction.connection.execute(delete(strength_table).where(strength_table.c.id == strength.id))
    transaction.connection.execute(insert(strength_table).values(id=strength.id, definition=strength))
    transaction.changed(Topic.POLICY, strength.id)


def remove_strength(transaction: Transaction, strength_id: str) -> bool:
    """Remove a custom authentication strength; False when there was none."""
    result = transaction.connection.execute(delete(strength_table).where(strength_table.c.id == strength_id))
    transaction.changed(Topic.POLICY, strength_id)
    return result.rowcount == 1


def strengths(reader: Reader) -> tuple[AuthenticationStrengthPolicy, ...]:
    """Every custom authentication strength."""
    query = select(strength_table.c.definition).order_by(strength_table.c.id)
    return tuple(map(strength_anew, reader.connection.execute(query).scalars()))


def _next_version(transaction: Transaction, policy_id: PolicyId) -> int:
    query = select(func.max(policy_version_table.c.version)).where(policy_version_table.c.id == policy_id)
    return (transaction.connection.execute(query).scalar_one_or_none() or 0) + 1


def _keep_version(
    transaction: Transaction, policy_id: PolicyId, version: int, policy: ConditionalAccessPolicy | None, at: datetime
) -> None:
    transaction.connection.execute(
        insert(policy_version_table).values(id=policy_id, version=version, definition=policy, at=at)
    )

"""The tables of app and role assignments."""

from datetime import datetime

from sqlalchemy import Column, ColumnElement, Row, Table, delete, insert, select

from assay.governance.assignments import AppAssignment, Holder, HolderKind, RoleAssignment
from assay.store import Id, Instant, Reader, Text, Topic, Transaction, readable, table
from assay.values import AppId, RoleId

app_assignment_table = table(
    "app_assignment",
    Column("app_id", Id, primary_key=True),
    Column("holder_kind", Text, primary_key=True),
    Column("holder_id", Id, primary_key=True),
    Column("created_at", Instant, nullable=False),
)

role_assignment_table = table(
    "role_assignment",
    Column("role_id", Id, primary_key=True),
    Column("holder_kind", Text, primary_key=True),
    Column("holder_id", Id, primary_key=True),
    Column("created_at", Instant, nullable=False),
)


def assign_app(transaction: Transaction, assignment: AppAssignment, at: datetime) -> bool:
    """Assign; False when it was assigned already."""
    added = _add(transaction, app_assignment_table, "app_id", assignment.app_id, assignment.holder, at)
    transaction.changed(Topic.ASSIGNMENT, assignment.app_id)
    return added


def unassign_app(transaction: Transaction, assignment: AppAssignment) -> bool:
    """Take the assignment away; False when there was none."""
    removed = _remove(transaction, app_assignment_table, "app_id", assignment.app_id, assignment.holder)
    transaction.changed(Topic.ASSIGNMENT, assignment.app_id)
    return removed


def unassign_everybody(transaction: Transaction, app_id: AppId) -> int:
    """Take every assignment of a removed app away; how many there were."""
    result = transaction.connection.execute(delete(app_assignment_table).where(app_assignment_table.c.app_id == app_id))
    transaction.changed(Topic.ASSIGNMENT, app_id)
    return result.rowcount


def assign_role(transaction: Transaction, assignment: RoleAssignment, at: datetime) -> bool:
    """Give a role; False when it was held already."""
    added = _add(transaction, role_assignment_table, "role_id", assignment.role_id, assignment.holder, at)
    transaction.changed(Topic.ROLE, assignment.role_id)
    return added


def unassign_role(transaction: Transaction, assignment: RoleAssignment) -> bool:
    """Take a role away; False when it was not held."""
    removed = _remove(transaction, role_assignment_table, "role_id", assignment.role_id, assignment.holder)
    transaction.changed(Topic.ROLE, assignment.role_id)
    return removed


def remove_holder(transaction: Transaction, holder: Holder) -> None:
    """Take every app and role from a person or group that is deleted."""
    for which, column, topic in (
        (app_assignment_table, "app_id", Topic.ASSIGNMENT),
        (role_assignment_table, "role_id", Topic.ROLE),
    ):
        mine = (which.c.holder_kind == holder.kind.value) & (which.c.holder_id == holder.id)
        for key in transaction.connection.execute(select(which.c[column]).where(mine)).scalars().all():
            transaction.changed(topic, key)
        transaction.connection.execute(delete(which).where(mine))


def held_by(reader: Reader, holder: Holder) -> tuple[tuple[AppId, ...], tuple[RoleId, ...]]:
    """The apps and the roles that this person or group itself was given."""
    apps, roles = (
        reader.connection.execute(
            select(which.c[column])
            .where(which.c.holder_kind == holder.kind.value, which.c.holder_id == holder.id)
            .order_by(which.c[column])
        ).scalars()
        for which, column in ((app_assignment_table, "app_id"), (role_assignment_table, "role_id"))
    )
    return tuple(map(AppId, apps)), tuple(map(RoleId, roles))


def app_assignments(reader: Reader) -> tuple[AppAssignment, ...]:
    """Every app assignment that can be read; the others let nobody in."""
    query = select(app_assignment_table).order_by(*app_assignment_table.primary_key)
    return readable(
        reader,
        app_assignment_table,
        query,
        lambda row: AppAssignment(app_id=AppId(str(row.app_id)), holder=_holder(row)),
    )


def role_assignments(reader: Reader) -> tuple[RoleAssignment, ...]:
    """Every role assignment; raises ValueError where one cannot be read, because nobody knows whose it is then."""
    rows = reader.connection.execute(select(role_assignment_table).order_by(*role_assignment_table.primary_key))
    return tuple(RoleAssignment(role_id=RoleId(row.role_id), holder=_holder(row)) for row in rows)


def readable_role_assignments(reader: Reader) -> tuple[RoleAssignment, ...]:
    """Those that can be read: for who may do more by a role, never for who is spared by having none."""
    query = select(role_assignment_table).order_by(*role_assignment_table.primary_key)
    return readable(
        reader,
        role_assignment_table,
        query,
        lambda row: RoleAssignment(role_id=RoleId(str(row.role_id)), holder=_holder(row)),
    )


def _holder(row: Row[tuple[object, ...]]) -> Holder:
    return Holder(kind=HolderKind(row.holder_kind), id=row.holder_id)


def _add(transaction: Transaction, which: Table, column: str, key: str, holder: Holder, at: datetime) -> bool:
    there = select(which).where(_row_of(which, column, key, holder))
    if transaction.connection.execute(there).first() is not None:
        return False
    transaction.connection.execute(
        insert(which).values({column: key, "holder_kind": holder.kind.value, "holder_id": holder.id, "created_at": at})
    )
    return True


def _remove(transaction: Transaction, which: Table, column: str, key: str, holder: Holder) -> bool:
    result = transaction.connection.execute(delete(which).where(_row_of(which, column, key, holder)))
    return result.rowcount == 1


def _row_of(which: Table, column: str, key: str, holder: Holder) -> ColumnElement[bool]:
    return (which.c[column] == key) & (which.c.holder_kind == holder.kind.value) & (which.c.holder_id == holder.id)

"""Records of groups, of the people in them and of groups in groups."""

from collections.abc import Collection, Iterable

from sqlalchemy import Column, ForeignKey, Row, func, select, text
from sqlalchemy.exc import IntegrityError

from assay.identities.groups import (
    Group,
    canonical_group_name,
    group_name_refusal,
    group_refusal,
    nesting_refusal,
    transitive_groups,
)
from assay.identities.records import users
from assay.identities.users import User
from assay.store import Id, Instant, Reader, Text, Topic, Transaction, readable, table
from assay.store.pages import find_page, read_rows
from assay.values import ConflictError, GroupId, NotFoundError, Reason, RefusedInputError, UserId
from assay.values.asking import Ask, Found

groups = table(
    "user_groups",
    Column("id", Id, primary_key=True),
    Column("name_key", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
)

members = table(
    "group_members",
    Column("group_id", Id, ForeignKey("user_groups.id", ondelete="CASCADE"), primary_key=True),
    Column("user_id", Id, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True),
)

nestings = table(
    "group_nestings",
    Column("parent_id", Id, ForeignKey("user_groups.id", ondelete="CASCADE"), primary_key=True),
    Column("child_id", Id, ForeignKey("user_groups.id", ondelete="CASCADE"), primary_key=True, index=True),
)


def get(reader: Reader, group_id: GroupId) -> Group | None:
    """The group with this id."""
    row = reader.connection.execute(select(groups).where(groups.c.id == group_id)).one_or_none()
    return None if row is None else _group(row)


def by_name(reader: Reader, name: str) -> Group | None:
    """The group with this name, however it is written."""
    if group_name_refusal(name) is not None:
        return None
    found = select(groups).where(groups.c.name_key == canonical_group_name(name))
    row = reader.connection.execute(found).one_or_none()
    return None if row is None else _group(row)


def all_groups(reader: Reader) -> tuple[Group, ...]:
    """Every group that can be read, in the order of their names; who is in which is read elsewhere."""
    return readable(reader, groups, select(groups).order_by(groups.c.name_key), _group)


def direct_members(reader: Reader, group_id: GroupId) -> frozenset[UserId]:
    """The people who are in the group itself."""
    return frozenset(reader.connection.scalars(select(members.c.user_id).where(members.c.group_id == group_id)))


def child_groups(reader: Reader, group_id: GroupId) -> frozenset[GroupId]:
    """The groups that are members of the group itself."""
    return frozenset(reader.connection.scalars(select(nestings.c.child_id).where(nestings.c.parent_id == group_id)))


def groups_in(reader: Reader, group_id: GroupId) -> tuple[Group, ...]:
    """The groups that are members of the group itself and that can be read, in the order of their names."""
    inside = select(nestings.c.child_id).where(nestings.c.parent_id == group_id)
    return readable(reader, groups, select(groups).where(groups.c.id.in_(inside)).order_by(groups.c.name_key), _group)


def people_in(reader: Reader, group_id: GroupId, ask: Ask) -> Found[User]:
    """A page of the people who are in the group itself, asked by the fields of `users.FIELDS`."""
    inside = select(members.c.user_id).where(members.c.group_id == group_id)
    return find_page(reader, users.LISTED, select(users.users).where(users.users.c.id.in_(inside)), ask, users.user_of)


def number_of_people(reader: Reader, group_id: GroupId) -> int:
    """How many people are in the group itself."""
    inside = select(func.count()).select_from(members).where(members.c.group_id == group_id)
    return reader.connection.execute(inside).scalar_one()


def parents(reader: Reader) -> dict[GroupId, tuple[GroupId, ...]]:
    """For each group that is a member of groups, these groups."""
    found: dict[GroupId, list[GroupId]] = {}
    for child, parent in reader.connection.execute(select(nestings.c.child_id, nestings.c.parent_id)):
        found.setdefault(GroupId(child), []).append(GroupId(parent))
    return {child: tuple(above) for child, above in found.items()}


def effective_groups(reader: Reader, user_id: UserId) -> frozenset[GroupId]:
    """The groups this person is in, directly or through groups."""
    reached = select(members.c.group_id.label("id")).where(members.c.user_id == user_id).cte("reached", recursive=True)
    # UNION, not UNION ALL: a group reached by two ways is walked once, and even a cycle would come to an end.
    reached = reached.union(select(nestings.c.parent_id).join(reached, nestings.c.child_id == reached.c.id))
    return frozenset(GroupId(group) for group in reader.connection.scalars(select(reached.c.id)))


def effective_groups_of_all(reader: Reader) -> dict[UserId, frozenset[GroupId]]:
    """The same for everyone who is in a group at all, in two queries."""
    above = parents(reader)
    direct: dict[UserId, list[GroupId]] = {}
    for user, group in reader.connection.execute(select(members.c.user_id, members.c.group_id)):
        direct.setdefault(UserId(user), []).append(GroupId(group))
    closure = {group: transitive_groups((group,), above) for found in direct.values() for group in found}
    return {user: frozenset().union(*(closure[group] for group in found)) for user, found in direct.items()}


def effective_members(reader: Reader, group_id: GroupId) -> frozenset[UserId]:
    """The people who are in the group, directly or through groups."""
    inside = select(groups.c.id).where(groups.c.id == group_id).cte("inside", recursive=True)
    inside = inside.union(select(nestings.c.child_id).join(inside, nestings.c.parent_id == inside.c.id))
    found = select(members.c.user_id).join(inside, members.c.group_id == inside.c.id)
    return frozenset(UserId(user) for user in reader.connection.scalars(found))


def several(reader: Reader, group_ids: Collection[GroupId]) -> dict[GroupId, Group]:
    """Those of these groups that there are and that can be read."""
    found = read_rows(reader, groups, select(groups), groups.c.id, tuple(group_ids), _group)
    return {group.id: group for group in found.values()}


def insert(transaction: Transaction, group: Group) -> None:
    """Add a group; raises InvalidInputError, or ConflictError when the name is taken."""
    _check(group)
    try:
        transaction.connection.execute(
            groups.insert().values(id=group.id, created_at=group.created_at, **_names(group))
        )
    except IntegrityError as error:
        raise _taken(group) from error
    transaction.changed(Topic.GROUP, group.id)


def update(transaction: Transaction, group: Group) -> None:
    """Store name and description anew; raises InvalidInputError, NotFoundError or ConflictError."""
    _check(group)
    try:
        stored = transaction.connection.execute(groups.update().where(groups.c.id == group.id).values(**_names(group)))
    except IntegrityError as error:
        raise _taken(group) from error
    if stored.rowcount != 1:
        raise _missing(group.id)
    transaction.changed(Topic.GROUP, group.id)


def delete(transaction: Transaction, group_id: GroupId) -> None:
    """Remove a group, its memberships and its nestings; raises NotFoundError."""
    below = child_groups(transaction, group_id)
    if transaction.connection.execute(groups.delete().where(groups.c.id == group_id)).rowcount != 1:
        raise _missing(group_id)
    _tell(transaction, (group_id, *below))


def add_member(transaction: Transaction, group_id: GroupId, user_id: UserId) -> bool:
    """Put a person into a group; False when already in it; raises NotFoundError when either does not exist."""
    there = select(members).where(members.c.group_id == group_id, members.c.user_id == user_id)
    if transaction.connection.execute(there).one_or_none() is not None:
        return False
    try:
        transaction.connection.execute(members.insert().values(group_id=group_id, user_id=user_id))
    except IntegrityError as error:
        raise NotFoundError("there is no such group or no such person", remedy="list both first") from error
    _tell(transaction, (group_id,))
    transaction.changed(Topic.USER, user_id)
    return True


def remove_member(transaction: Transaction, group_id: GroupId, user_id: UserId) -> bool:
    """Take a person out of a group; False when not in it directly."""
    gone = members.delete().where(members.c.group_id == group_id, members.c.user_id == user_id)
    if transaction.connection.execute(gone).rowcount != 1:
        return False
    _tell(transaction, (group_id,))
    transaction.changed(Topic.USER, user_id)
    return True


def nest(transaction: Transaction, parent: GroupId, child: GroupId) -> Reason | None:
    """Make `child` a member of `parent`; a reason when that would close a cycle or go too deep, None when it is so.

    Raises NotFoundError when either does not exist.
    """
    _lock_nestings(transaction)
    if child in child_groups(transaction, parent):
        return None
    refusal = nesting_refusal(parent, child, parents(transaction))
    if refusal is not None:
        return refusal
    try:
        transaction.connection.execute(nestings.insert().values(parent_id=parent, child_id=child))
    except IntegrityError as error:
        raise NotFoundError("there is no such group", remedy="list groups with: assay groups list") from error
    _tell(transaction, (parent, child))
    return None


def unnest(transaction: Transaction, parent: GroupId, child: GroupId) -> bool:
    """Take `child` out of `parent`; False when it is not in it directly."""
    gone = nestings.delete().where(nestings.c.parent_id == parent, nestings.c.child_id == child)
    if transaction.connection.execute(gone).rowcount != 1:
        return False
    _tell(transaction, (parent, child))
    return True


def _lock_nestings(transaction: Transaction) -> None:
    # Two halves of a cycle, added at once on two nodes, would each look harmless; SQLite has one writer anyway.
    if transaction.connection.dialect.name == "postgresql":
        transaction.connection.execute(text("LOCK TABLE group_nestings IN SHARE ROW EXCLUSIVE MODE"))


def _tell(transaction: Transaction, changed: Iterable[GroupId]) -> None:
    for group_id in changed:
        transaction.changed(Topic.GROUP, group_id)


def _check(group: Group) -> None:
    refusal = group_refusal(group)
    if refusal is not None:
        raise RefusedInputError(refusal)


def _names(group: Group) -> dict[str, str]:
    return {"name_key": group.key, "name": group.name, "description": group.description}


def _group(row: Row[tuple[object, ...]]) -> Group:
    return Group(id=GroupId(row.id), name=row.name, description=row.description, created_at=row.created_at)


def _taken(group: Group) -> ConflictError:
    return ConflictError(f"the group name {group.name!r} is taken", remedy="choose another name")


def _missing(group_id: GroupId) -> NotFoundError:
    return NotFoundError(f"there is no group with the id {group_id}", remedy="list groups with: assay groups list")

"""A page of a group's members: the groups in it, of which there are few, and then its people, who may be everybody."""

from typing import Final

from assay.identities.groups import Group
from assay.identities.records import groups
from assay.identities.users import User
from assay.store import Reader
from assay.values import GroupId
from assay.values.asking import Ask, Found, Order, Position

# What orders members: 0 for groups and 1 for people, then their names.
MEMBER_KEY: Final = ("kind", "key")
_GROUPS, _PEOPLE = 0, 1


def members_page(reader: Reader, group_id: GroupId, ask: Ask) -> Found[User | Group]:
    """Who is in the group itself, in the order of MEMBER_KEY; of `ask`, the page and whether to count."""
    kind, key = (_GROUPS, "") if ask.after is None else ask.after.values
    inner = groups.groups_in(reader, group_id)
    left = tuple(group for group in inner if kind == _GROUPS and group.key > str(key))
    shown, room = left[: ask.limit], ask.limit - len(left)
    people: Found[User] = Found(rows=())
    if room > 0:
        people = _people(reader, group_id, "" if kind == _GROUPS else str(key), room)
    return Found(
        rows=(*shown, *people.rows),
        next=_next(shown, room, people),
        count=len(inner) + groups.number_of_people(reader, group_id) if ask.count else None,
    )


def _people(reader: Reader, group_id: GroupId, beyond: str, limit: int) -> Found[User]:
    after = Position(values=(beyond,)) if beyond else None
    return groups.people_in(reader, group_id, Ask(order=Order(field="user_key"), after=after, limit=limit))


def _next(shown: tuple[Group, ...], room: int, people: Found[User]) -> Position | None:
    if room < 0:
        return Position(values=(_GROUPS, shown[-1].key))
    if room == 0:
        # Whether anybody follows, the next page says.
        return Position(values=(_PEOPLE, ""))
    return None if people.next is None else Position(values=(_PEOPLE, *people.next.values))

"""A group's members, page by page: groups first, then people, each once and in the order of their names."""

import pytest

from assay.access.group_members import MEMBER_KEY, members_page
from assay.access.groups import Groups
from assay.identities.groups import Group
from assay.identities.users import User
from assay.values.asking import Ask, Found, Order, Position
from tests.access.house import BY, House

INNER = ("Authors", "Editors", "Readers")
PEOPLE = ("ada", "Bob", "eve", "Zoe")


@pytest.fixture
async def everybody(house: House) -> Group:
    groups = Groups(house.premises)
    for name in ("Everybody", "Else", *INNER):
        await groups.add(BY, name=name)
    for name in ("Zoe", "eve", "Bob", "ada", "nobody"):
        await house.people.add(BY, user_name=name)
    for name in INNER[::-1]:
        await groups.add_member(BY, "Everybody", group=name)
    for name in PEOPLE:
        await groups.add_member(BY, "Everybody", user=name)
    await groups.add_member(BY, "Else", user="nobody")
    return (await groups.show("Everybody")).group


@pytest.mark.parametrize("top", [1, 2, 3, 4, 7, 100])
async def test_pages_of_any_length_show_every_member_once(house: House, everybody: Group, top: int) -> None:
    met: list[str] = []
    after: Position | None = None
    for _ in range(20):
        ask = Ask(order=Order(field=MEMBER_KEY[0]), after=after, limit=top, count=True)
        found: Found[User | Group] = await house.store.read(
            lambda reader, ask=ask: members_page(reader, everybody.id, ask)  # type: ignore[misc]
        )
        assert found.count == len(INNER) + len(PEOPLE)
        assert len(found.rows) <= top
        met += [member.user_name if isinstance(member, User) else member.name for member in found.rows]
        after = found.next
        if after is None:
            break
    assert met == [*INNER, *PEOPLE]

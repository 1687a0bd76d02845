"""How many people are in each group: through groups, and true as soon as a change is."""

from assay.access.group_sizes import GroupSizes
from assay.access.groups import Groups
from tests.access.house import BY, House


async def test_sizes_follow_every_change(house: House) -> None:
    sizes, groups = GroupSizes(house.signals), Groups(house.premises)
    for name in ("alice", "bob"):
        await house.person(name)
    inner, outer = (await groups.add(BY, name="inner")).id, (await groups.add(BY, name="outer")).id
    await groups.add_member(BY, "outer", group="inner")
    await groups.add_member(BY, "inner", user="alice")
    await groups.add_member(BY, "outer", user="alice")
    await groups.add_member(BY, "outer", user="bob")
    assert await sizes.now() == {inner: 1, outer: 2}, "who is in it by two ways is counted once"
    assert await sizes.now() is await sizes.now()
    await groups.remove_member(BY, "inner", user="alice")
    assert await sizes.now() == {outer: 2}

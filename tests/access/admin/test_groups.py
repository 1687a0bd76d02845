"""Groups: who is in them, what they give, and what they may not become."""

import msgspec
import pytest

from assay.access.attempt import NotDone
from assay.access.groups import Groups
from assay.access.import_policies import ImportOptions
from assay.access.roles import Roles
from assay.values import ConflictError, InvalidInputError, NotFoundError
from tests.access.admin.conftest import Record
from tests.access.admin.graph import block, source
from tests.access.house import BY, House

ADMINISTRATOR = "Global Administrator"


async def test_people_get_apps_and_roles_through_groups_in_groups(house: House) -> None:
    groups, roles = Groups(house.premises), Roles(house.premises)
    await house.people.add(BY, user_name="alice")
    await groups.add(BY, name="Staff")
    await groups.add(BY, name="Finance", description="those with the money")
    await groups.add_member(BY, "Staff", group="finance")
    await groups.add_member(BY, "Finance", user="alice")
    await house.app("wiki")
    await house.apps.assign(BY, "wiki", group="Staff")
    await roles.assign(BY, "Security Reader", group="Staff")
    details = await house.people.show("alice")
    assert [group.name for group in details.groups] == ["Finance", "Staff"]
    assert [app.name for app in details.apps] == ["wiki"]
    assert len(details.roles) == 1
    staff = await groups.show("STAFF")
    assert ([user.user_name for user in staff.users], [group.name for group in staff.groups]) == ([], ["Finance"])
    assert staff.everybody == 1


async def test_a_removed_group_gives_nothing_any_more(house: House, record: Record) -> None:
    groups = Groups(house.premises)
    await house.people.add(BY, user_name="alice")
    await groups.add(BY, name="Staff")
    await groups.add_member(BY, "Staff", user="alice")
    await house.app("wiki")
    await house.apps.assign(BY, "wiki", group="Staff")
    await groups.remove(BY, "Staff")
    assert (await house.apps.show("wiki")).assigned == ()
    assert (await house.people.show("alice")).apps == ()
    (removed,) = await record.of("group.removed")
    assert removed.group is not None
    assert removed.group.name == "Staff"


async def test_r40_a_group_that_a_policy_names_stays_until_no_policy_does(house: House) -> None:
    """Else whom the policy blocks would be let in, or who is excused would be asked, by a change of something else."""
    groups = Groups(house.premises)
    made = await groups.add(BY, name="Contractors")
    shut = block(users={"includeGroups": [made.id]})
    await house.policies.import_files(BY, (source(shut),), ImportOptions())
    refused = await groups.remove(BY, "Contractors")
    assert isinstance(refused, NotDone)
    assert (refused.reason.code, refused.reason.parameters) == ("groupInUse", (("policies", "Block"),))
    assert (await groups.show("Contractors")).group == made
    await house.policies.remove(BY, "Block")
    assert await groups.remove(BY, "Contractors") == made


async def test_r40_what_was_lost_with_a_group_stands_in_the_log_to_be_put_back(house: House, record: Record) -> None:
    groups, roles = Groups(house.premises), Roles(house.premises)
    for name in ("alice", "bob"):
        await house.people.add(BY, user_name=name)
    for name in ("Everybody", "Staff", "Finance"):
        await groups.add(BY, name=name)
    await groups.add_member(BY, "Everybody", group="Staff")
    await groups.add_member(BY, "Staff", group="Finance")
    for name in ("alice", "bob"):
        await groups.add_member(BY, "Staff", user=name)
    await house.app("wiki")
    await house.apps.assign(BY, "wiki", group="Staff")
    await roles.assign(BY, "Security Reader", group="Staff")
    before = await groups.show("Staff")
    assert await groups.remove(BY, "Staff") == before.group
    (removed,) = await record.of("group.removed")
    lost = msgspec.json.decode(removed.unmapped.before)
    await groups.add(BY, name=lost["name"], description=lost["description"])
    for user in lost["people"]:
        await groups.add_member(BY, "Staff", user=user)
    for inside in lost["groups"]:
        await groups.add_member(BY, "Staff", group=inside)
    for above in lost["member_of"]:
        await groups.add_member(BY, above, group="Staff")
    for app in lost["apps"]:
        await house.apps.assign(BY, app, group="Staff")
    for role in lost["roles"]:
        await roles.assign(BY, role, group="Staff")
    after = await groups.show("Staff")
    assert (after.users, after.groups, after.everybody) == (before.users, before.groups, before.everybody)
    alice = await house.people.show("alice")
    assert [group.name for group in alice.groups] == ["Everybody", "Staff"]
    assert ([app.name for app in alice.apps], len(alice.roles)) == (["wiki"], 1)


async def test_a_cycle_is_refused_and_the_reason_says_so(house: House) -> None:
    groups = Groups(house.premises)
    for name in ("a", "b"):
        await groups.add(BY, name=name)
    await groups.add_member(BY, "a", group="b")
    refused = await groups.add_member(BY, "b", group="a")
    assert isinstance(refused, NotDone)
    assert refused.reason.code == "groupCycle"


async def test_changes_that_change_nothing_leave_no_event(house: House, record: Record) -> None:
    groups = Groups(house.premises)
    await house.people.add(BY, user_name="alice")
    await groups.add(BY, name="Staff")
    first = await groups.add_member(BY, "Staff", user="alice")
    again = await groups.add_member(BY, "Staff", user="alice")
    assert not isinstance(first, NotDone)
    assert not isinstance(again, NotDone)
    assert (first.changed, again.changed) == (True, False)
    assert len(await record.of("group.member-added")) == 1
    taken = await groups.remove_member(BY, "Staff", user="alice")
    assert not isinstance(taken, NotDone)
    assert taken.changed
    assert len(await record.of("group.member-removed")) == 1


async def test_exactly_one_member_is_named_and_it_exists(house: House) -> None:
    groups = Groups(house.premises)
    await groups.add(BY, name="Staff")
    for user, group in ((None, None), ("alice", "Staff")):
        with pytest.raises(InvalidInputError):
            await groups.add_member(BY, "Staff", user=user, group=group)
    with pytest.raises(NotFoundError):
        await groups.add_member(BY, "Staff", user="nobody")
    with pytest.raises(ConflictError):
        await groups.add(BY, name="STAFF")


@pytest.mark.parametrize("how", ["member taken out", "group removed", "nesting taken apart"])
async def test_no_change_of_groups_takes_the_last_administrator(house: House, how: str) -> None:
    groups, roles = Groups(house.premises), Roles(house.premises)
    await house.people.add(BY, user_name="alice")
    await groups.add(BY, name="Admins")
    await groups.add(BY, name="Inner")
    await groups.add_member(BY, "Admins", group="Inner")
    await groups.add_member(BY, "Inner", user="alice")
    await roles.assign(BY, ADMINISTRATOR, group="Admins")
    refused = (
        await groups.remove_member(BY, "Inner", user="alice")
        if how == "member taken out"
        else await groups.remove(BY, "Inner")
        if how == "group removed"
        else await groups.remove_member(BY, "Admins", group="Inner")
    )
    assert isinstance(refused, NotDone)
    assert refused.reason.code == "lastAdministrator"
    assert (await groups.show("Admins")).everybody == 1


async def test_renaming_keeps_the_members(house: House) -> None:
    groups = Groups(house.premises)
    await house.people.add(BY, user_name="alice")
    await groups.add(BY, name="Staff")
    await groups.add_member(BY, "Staff", user="alice")
    renamed = await groups.edit(BY, "Staff", name="Everybody")
    assert renamed.description == ""
    assert (await groups.show("Everybody")).everybody == 1

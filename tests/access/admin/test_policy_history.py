"""Versions of policies: all of them kept, who made each, what differs, and one of before stored anew."""

import pytest
from sqlalchemy import text

from assay.access.attempt import NotDone
from assay.access.deleted_policies import DeletedPolicies
from assay.access.named_locations import NamedLocations
from assay.access.policy_history import PolicyHistory, Side
from assay.access.publish_policy import PolicyDetails
from assay.governance.records.policies import policy_version_table
from assay.policy import PolicyState
from assay.values import ConflictError, InvalidInputError, NotFoundError
from assay.values.asking import Ask, Order
from tests.access.admin.conftest import Record
from tests.access.admin.graph import block, policy, source
from tests.access.admin.test_policies import administered, imported
from tests.access.house import BY, House

MFA = "11111111-1111-4111-8111-111111111111"


async def test_every_version_is_kept_with_who_made_it_and_comes_back_as_a_new_one(house: House, record: Record) -> None:
    history = PolicyHistory(house.premises)
    await imported(house, policy())
    for state in (PolicyState.DISABLED, PolicyState.REPORT_ONLY):
        house.clock.advance(seconds=60)
        await house.policies.set_state(BY, "Require MFA", state)
    house.clock.advance(seconds=60)
    await house.policies.remove(BY, "Require MFA")
    found = await history.versions(MFA)
    assert [each.number for each in found] == [4, 3, 2, 1]
    assert [None if each.policy is None else each.policy.state.value for each in found] == [
        None,
        "enabledForReportingButNotEnforced",
        "disabled",
        "enabled",
    ]
    assert {each.by for each in found} == {BY.actor.user.name}
    with pytest.raises(NotFoundError, match="Require MFA"):
        await history.versions("Require MFA")
    gone = await DeletedPolicies(house.premises).show(MFA)
    assert (gone.policy, gone.version, gone.at) == (found[1].policy, 3, found[0].at)
    for number, error in ((4, ConflictError), (9, NotFoundError)):
        with pytest.raises(error):
            await history.restore(BY, MFA, number)
    back = await history.restore(BY, MFA, 1)
    assert isinstance(back, PolicyDetails)
    assert (back.policy.state, back.version) == (PolicyState.ENABLED, 5)
    with pytest.raises(NotFoundError, match=MFA):
        await DeletedPolicies(house.premises).show(MFA)
    (event, *_) = await record.of("policy.imported")
    assert event.unmapped.reason is not None
    assert event.unmapped.reason.code == "versionRestored"


async def test_a_version_that_cannot_be_read_is_left_out_and_told_of(house: House) -> None:
    """As a failing disk leaves one: the others can be looked at and come back."""
    history, deleted, store = PolicyHistory(house.premises), DeletedPolicies(house.premises), house.store
    await imported(house, policy(), block())
    for name in ("Require MFA", "Block"):
        await house.policies.set_state(BY, name, PolicyState.DISABLED)
        await house.policies.remove(BY, name)
    columns = policy_version_table.c
    bad = policy_version_table.update().where(columns.id == MFA, columns.version == 2)
    await store.write(lambda transaction: transaction.connection.execute(bad.values(definition=text("'{'"))))
    assert [each.number for each in await history.versions(MFA)] == [3, 1]
    page = await deleted.page(Ask(order=Order(field="name")))
    assert [each.policy.display_name for each in page.rows] == ["Block"]
    for asked in (deleted.show(MFA), deleted.restore(BY, MFA), history.restore(BY, MFA, 2)):
        with pytest.raises(NotFoundError):
            await asked
    (told,) = await store.read(store.skipped.still)
    assert (told.table, told.key) == ("policy_version", f"{MFA}/2")
    assert isinstance(await history.restore(BY, MFA, 1), PolicyDetails)


async def test_a_version_comes_back_by_the_checks_of_every_change(house: House) -> None:
    history = PolicyHistory(house.premises)
    locations = NamedLocations(house.premises)
    office = await locations.add(BY, name="Office", ranges=("192.0.2.0/24",))
    assert not isinstance(office, NotDone)
    await imported(house, policy(locations={"includeLocations": [office.id]}))
    await imported(house, policy())
    await locations.remove(BY, "Office")
    refused = await history.restore(BY, "Require MFA", 1)
    assert isinstance(refused, NotDone), "what is on is not switched off by what its version of before names"
    assert refused.reason.code == "policyDangling"
    await house.policies.set_state(BY, "Require MFA", PolicyState.DISABLED)
    back = await history.restore(BY, "Require MFA", 1)
    assert isinstance(back, PolicyDetails)
    assert back.policy.state is PolicyState.REPORT_ONLY, "it names what is gone"


async def test_a_version_that_would_lock_everybody_out_stays_where_it_is(house: House) -> None:
    await imported(house, block())
    await house.policies.set_state(BY, "Block", PolicyState.DISABLED)
    await administered(house)
    refused = await PolicyHistory(house.premises).restore(BY, "Block", 1)
    assert isinstance(refused, NotDone)
    assert refused.reason.code == "wouldLockOut"


async def test_two_versions_two_policies_and_a_file_are_compared(house: House) -> None:
    history = PolicyHistory(house.premises)
    await house.people.add(BY, user_name="bob", display_name="Bob")
    bob = await house.people.show("bob")
    await imported(house, policy())
    await imported(house, policy(users={"includeUsers": ["All"], "excludeUsers": [bob.user.id]}, state="disabled"))
    versions = await history.diff(Side(name="Require MFA", version=1), Side(name="Require MFA"))
    assert [(each.what, each.before, each.after, each.added) for each in versions.differences] == [
        ("state", "on", "off", ()),
        ("people excluded", None, None, ("Bob",)),
    ]
    same = await history.diff(Side(name="Require MFA"), Side(name=MFA, version=2))
    assert same.differences == ()
    other = await history.diff(Side(name="Require MFA", version=1), Side(file=source(block(), "block.json")))
    assert [(each.what, each.before, each.after, each.added, each.removed) for each in other.differences] == [
        ("name", "Require MFA", "Block", (), ()),
        ("controls demanded", None, None, ("block",), ("mfa",)),
    ]
    for wrong in ([], [policy(), block()], {"conditions": {}}):
        with pytest.raises(InvalidInputError, match=r"two\.json"):
            await history.diff(Side(name="Require MFA"), Side(file=source(wrong, "two.json")))

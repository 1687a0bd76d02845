"""A draft held against what was really decided: who, at which app, by which policy; and what cannot be said is said."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, func, select

from assay.access.explain import Decisions
from assay.access.import_policies import ImportOptions
from assay.access.replay import ChangedDecisions, Replayed, Replays
from assay.events.records.decisions import decision_table, snapshot_table
from assay.policy import PolicyState
from assay.store import Transaction
from assay.values import InvalidInputError
from tests.access.admin.graph import block, location, policy, source
from tests.access.house import BY, House, Person


async def signed_in(house: House, name: str) -> Person:
    """Somebody with a password and no more."""
    person = await house.person(name)
    await person.password()
    return person


def changes(found: Replayed) -> dict[str, ChangedDecisions]:
    return {each.kind.value: each for each in found.changes if each.count}


async def test_a_draft_says_exactly_whom_it_would_refuse(house: House) -> None:
    alice, bob = await signed_in(house, "alice"), await signed_in(house, "bob")
    wiki, other = await house.app("wiki", assigned=["alice", "bob"]), await house.app("other", assigned=["alice"])
    await alice.open(wiki)
    await alice.open(other)
    await bob.open(wiki)
    drafted = block(apps={"includeApplications": [wiki.id]})
    found = await Replays(house.premises).replay((source(drafted),), ImportOptions(), whole=False, since=None)
    refused = changes(found)["refused"]
    assert set(changes(found)) == {"refused"}
    assert {(each.name, each.count) for each in refused.people} == {("alice", 1), ("bob", 1)}
    assert [(each.name, each.count) for each in refused.apps] == [("wiki", 2)]
    assert [(each.name, each.count) for each in refused.policies] == [("Block", 2)]
    assert (refused.count, refused.already, found.differently, found.unreadable) == (2, 0, 0, 0)
    assert found.decisions == found.unchanged + found.unasked + refused.count
    # An example is a decision that can be explained.
    account = await Decisions(house.premises).explain(refused.people[0].example)
    assert (account.app_name, account.record.outcome) == ("wiki", "allow")
    # Nothing was stored.
    assert await house.policies.every() == ()


async def test_what_a_draft_names_and_is_not_here_is_told(house: House) -> None:
    """No decision is about it: without this the draft would look as if it did nothing."""
    alice = await signed_in(house, "alice")
    wiki = await house.app("wiki", assigned=["alice"])
    await alice.open(wiki)
    elsewhere = "11111111-1111-4111-8111-111111111111"
    drafted, replays = (source(block(apps={"includeApplications": [elsewhere]})),), Replays(house.premises)
    found = await replays.replay(drafted, ImportOptions(), whole=False, since=None)
    assert [(each.id, each.path) for each in found.dangling] == [
        (elsewhere, "conditions.applications.includeApplications")
    ]
    assert changes(found) == {}
    mapped = await replays.replay(drafted, ImportOptions(mapping=((elsewhere, wiki.id),)), whole=False, since=None)
    assert mapped.dangling == ()
    assert set(changes(mapped)) == {"refused"}


async def test_what_was_refused_and_would_be_let_in_or_asked(house: House) -> None:
    alice = await signed_in(house, "alice")
    wiki = await house.app("wiki", assigned=["alice"])
    blocking = block(apps={"includeApplications": [wiki.id]})
    await house.policies.import_files(BY, (source(blocking),), ImportOptions())
    await alice.open(wiki)
    mfa = policy(str(blocking["id"]), "Block", apps={"includeApplications": [wiki.id]})
    replays = Replays(house.premises)
    asked = await replays.replay((source(mfa),), ImportOptions(), whole=False, since=None)
    assert {kind: each.count for kind, each in changes(asked).items()} == {"asked": 1}
    assert changes(asked)["asked"].already == 0
    off = await replays.replay((source(mfa),), ImportOptions(state=PolicyState.DISABLED), whole=True, since=None)
    assert {kind: each.count for kind, each in changes(off).items()} == {"letIn": 1}
    assert [each.name for each in changes(off)["letIn"].policies] == ["Block"]
    # The policy that refused has gone since: the draft makes no difference to that, and this is said.
    await house.policies.remove(BY, "Block")
    elsewhere = policy(name="Elsewhere", apps={"includeApplications": ["None"]})
    found = await replays.replay((source(elsewhere),), ImportOptions(), whole=False, since=None)
    assert (changes(found)["letIn"].count, changes(found)["letIn"].already) == (1, 1)


async def test_what_cannot_be_replayed_is_counted(house: House) -> None:
    alice = await signed_in(house, "alice")
    wiki, other, third = [await house.app(name, assigned=["alice"]) for name in ("wiki", "other", "third")]
    for app in (wiki, other, third):
        await alice.open(app)
    replays, drafted = Replays(house.premises), (source(block()),)
    before = await replays.replay(drafted, ImportOptions(), whole=False, since=None)

    def spoil(transaction: Transaction) -> None:
        lost = select(decision_table.c.snapshot_hash).where(decision_table.c.app_id == wiki.id)
        transaction.connection.execute(delete(snapshot_table).where(snapshot_table.c.hash.in_(lost)))
        damaged = decision_table.update().where(decision_table.c.app_id == other.id).values(record="{")
        transaction.connection.execute(damaged)
        # At another app, and by itself in order.
        others = func.replace(snapshot_table.c.content, third.id, wiki.id)
        forged = select(decision_table.c.snapshot_hash).where(decision_table.c.app_id == third.id)
        transaction.connection.execute(
            snapshot_table.update().where(snapshot_table.c.hash.in_(forged)).values(content=others)
        )

    await house.store.write(spoil)
    after = await replays.replay(drafted, ImportOptions(), whole=False, since=None)
    assert (before.unreadable, after.unreadable) == (0, 3)
    later = await replays.replay(drafted, ImportOptions(), whole=False, since=house.clock.now() + timedelta(days=1))
    assert (later.decisions, later.first) == (0, None)


async def test_a_draft_that_cannot_be_read_is_not_replayed(house: House) -> None:
    replays = Replays(house.premises)
    for content, told in (
        (policy(state="maybe"), "cannot be read: .* at state: maybe is no word"),
        (location(), "no policy"),
    ):
        with pytest.raises(InvalidInputError, match=told):
            await replays.replay((source(content),), ImportOptions(), whole=False, since=None)

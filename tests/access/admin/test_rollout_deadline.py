"""A step that nobody confirmed goes back once, whoever looks first: on one node, on two, and in a race with a yes."""

import asyncio
import secrets
from datetime import timedelta

from assay.access.attempt import NotDone
from assay.access.import_policies import ImportOptions
from assay.access.premises import Premises
from assay.access.roll_out import Draft, RollOuts, ShownRollout
from assay.access.rollout_deadlines import RolloutDeadlines
from assay.governance.records import rollouts
from assay.messages.notice import Notice
from assay.messages.records import outbox
from assay.policy import PolicyState
from assay.store import Database, Dialect, Store
from tests.access.admin.conftest import Record
from tests.access.admin.graph import policy, source
from tests.access.house import BY, House

MINUTE = timedelta(minutes=1)


async def begun(house: House) -> RollOuts:
    """A policy that was off, and is on for a minute."""
    await house.people.add(BY, user_name="owner", email="owner@example.com")
    await house.roles.assign(BY, "Global Administrator", user="owner")
    await house.policies.import_files(BY, (source(policy(state="disabled")),), ImportOptions())
    roll_outs = RollOuts(house.premises, house.signals)
    done = await roll_outs.start(BY, Draft(of="Require MFA"), on_within=MINUTE)
    assert isinstance(done, ShownRollout)
    return roll_outs


def another_node(house: House, store: Store) -> Premises:
    """The premises of a node beside the house's, on its own store where two can be."""
    return Premises(
        store=store,
        clock=house.clock,
        random=secrets.token_bytes,
        addresses=house.addresses,
        keyring=lambda: house.keyring,
        derivation=lambda: house.derivation,
    )


async def test_of_two_nodes_one_goes_back(house: House, schema_url: str, record: Record) -> None:
    await begun(house)
    alone = house.store.database.dialect is Dialect.SQLITE
    other = house.store if alone else Store(Database(schema_url, durable=False))
    try:
        nodes = [RolloutDeadlines(each) for each in (house.premises, another_node(house, other))]
        house.clock.advance(seconds=60)
        await asyncio.gather(*(each.tick() for each in nodes))
        await asyncio.gather(*(each.tick() for each in nodes))
    finally:
        if not alone:
            await other.close()
    (event,) = await record.of("rollout.went-back")
    assert (event.actor.user.name, event.status_code) == ("Assay", "notConfirmed")
    last = (await record.of("policy.changed"))[0]
    assert (last.actor.user.name, last.status_code) == ("Assay", "notConfirmed")
    assert (await house.policies.show("Require MFA")).policy.state is PolicyState.DISABLED
    assert await house.store.read(rollouts.every) == ()
    told = await house.store.read(lambda reader: outbox.every(reader, limit=10))
    assert [each.recipient for each in told if each.notice is Notice.POLICY_WENT_BACK] == ["owner@example.com"]


async def test_a_yes_and_the_deadline_at_one_moment_are_one_of_both(house: House, record: Record) -> None:
    roll_outs = await begun(house)
    house.clock.advance(seconds=60)
    deadlines = RolloutDeadlines(house.premises)
    confirmed, _ = await asyncio.gather(roll_outs.confirm(BY, "Require MFA"), deadlines.tick(), return_exceptions=True)
    went_back = len(await record.of("rollout.went-back"))
    state = (await house.policies.show("Require MFA")).policy.state
    if isinstance(confirmed, ShownRollout):
        assert (went_back, state) == (0, PolicyState.ENABLED)
    else:
        assert not isinstance(confirmed, NotDone)
        assert (went_back, state) == (1, PolicyState.DISABLED)
    assert await house.store.read(rollouts.every) == ()


async def test_a_step_that_somebody_else_took_back_is_not_taken_back_again(house: House) -> None:
    roll_outs = await begun(house)
    (stale,) = await house.store.read(rollouts.every)
    assert isinstance(await roll_outs.back(BY, "Require MFA"), ShownRollout)
    assert not await house.store.write(lambda transaction: rollouts.swap(transaction, stale, None))
    again = await roll_outs.start(BY, Draft(of="Require MFA"), on_within=MINUTE)
    assert isinstance(again, ShownRollout)
    assert not await house.store.write(lambda transaction: rollouts.swap(transaction, stale, None))


async def test_each_step_is_an_event_with_what_was_before_and_after(house: House, record: Record) -> None:
    roll_outs = await begun(house)
    await roll_outs.confirm(BY, "Require MFA")
    (first,), (second,) = await record.of("rollout.begun"), await record.of("rollout.confirmed")
    assert b'"stage":"on"' in bytes(first.unmapped.after)
    assert b'"stage":"on"' in bytes(second.unmapped.before)
    assert (first.actor.user.name, second.actor.user.name) == ("root", "root")

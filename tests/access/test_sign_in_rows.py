"""Sign-ins as lists show them: a row for each event, in its transaction, gone with its content, made anew from it."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import text

from assay.access.first_owner import BASELINE
from assay.access.import_policies import ImportOptions
from assay.access.visitor import Destination
from assay.events import Actor, LeafRange, erase
from assay.events.records import audits, sign_ins
from assay.events.records.sign_ins import ListedSignIn
from assay.events.sign_ins import SIGN_IN_CODES, SignIn, SignInOutcome, Strength
from assay.policy import PolicyState, SourceFile, export_policy
from assay.server.missing_rows import MissingRows
from assay.store import Store
from assay.values import EventId, Reason
from assay.values.asking import Ask, Compare, Found, Operator, Order
from tests.access.house import BY, NOW, HandClock, House, Person

NEWEST = Ask(order=Order(field="at", descending=True))


@pytest.fixture
async def house(store: Store) -> AsyncIterator[House]:
    """Flows on each database."""
    opened = House(store, HandClock(NOW))
    await opened.start()
    yield opened
    opened.hashing.close()


async def listed(house: House, ask: Ask = NEWEST) -> Found[ListedSignIn]:
    return await house.store.read(partial(sign_ins.page, ask=ask))


async def rows(house: House) -> list[SignIn]:
    return [each.sign_in for each in (await listed(house)).rows]


async def everything_happens(house: House) -> None:
    """A wrong password, a name of nobody, a password where a policy wants more, the code, and an app."""
    exported = json.dumps(export_policy(BASELINE)).encode()
    await house.policies.import_files(BY, (SourceFile(name="baseline.json", content=exported),), ImportOptions())
    await house.policies.set_state(BY, BASELINE.display_name, PolicyState.ENABLED)
    alice = await house.person("Alice")
    house.clock.advance(seconds=60)
    await house.sign_in.with_password(alice.visitor, Destination(), "alice", "wrong wrong wrong")
    await house.sign_in.with_password(alice.visitor, Destination(), "nobody\x00", "wrong wrong wrong")
    await alice.password()
    await alice.totp()


async def test_each_way_in_has_its_row(house: House) -> None:
    await everything_happens(house)
    found = {(row.outcome, row.error_code) for row in await rows(house)}
    assert {
        (SignInOutcome.ALLOW, 0),
        (SignInOutcome.STEP_UP, 50074),
        (SignInOutcome.FAILED, 50126),
    } <= found
    newest = (await rows(house))[0]
    assert newest.outcome is SignInOutcome.ALLOW
    assert newest.user_key == "alice"
    assert newest.app_key == "own pages"
    assert newest.methods == ("password", "softwareOath")
    assert newest.strength is Strength.MFA
    assert newest.requirement == "multiFactorAuthentication"
    assert newest.conditional_access == "success"
    assert (newest.browser, newest.system, newest.client_app) == ("Chrome 156", "Linux", "browser")
    assert newest.address == "192.0.2.10"
    interrupted = next(row for row in await rows(house) if row.outcome is SignInOutcome.STEP_UP)
    assert interrupted.conditional_access == "failure"
    assert interrupted.strength is Strength.NONE
    wrong = next(row for row in await rows(house) if row.outcome is SignInOutcome.FAILED and row.user_id)
    assert (wrong.conditional_access, wrong.requirement) == ("notApplied", "singleFactorAuthentication")


async def test_throttled_attempts_have_a_row(house: House) -> None:
    alice = await house.person("alice")
    for _ in range(30):
        await house.sign_in.with_password(alice.visitor, Destination(), "alice", "wrong wrong wrong")
    assert (SignInOutcome.THROTTLED, 50053) in {(row.outcome, row.error_code) for row in await rows(house)}


async def test_every_event_has_exactly_its_row(house: House) -> None:
    await everything_happens(house)
    codes = ", ".join(f"'{code}'" for code in SIGN_IN_CODES)
    counts = await house.store.read(
        lambda reader: [
            reader.connection.execute(text(query)).scalar_one()
            for query in (f"SELECT count(*) FROM event WHERE code IN ({codes})", "SELECT count(*) FROM sign_in")
        ]
    )
    assert counts[0] == counts[1] > 3


async def test_a_row_is_found_by_its_event_and_filtered(house: House) -> None:
    await everything_happens(house)
    newest = (await rows(house))[0]
    found = await house.store.read(partial(sign_ins.by_id, event_id=EventId(newest.id)))
    assert found is not None
    assert found.sign_in == newest
    assert found.leaf.payload is not None
    failed = Ask(
        order=Order(field="at", descending=True),
        where=Compare(field="outcome", operator=Operator.EQ, value="failed"),
        count=True,
    )
    answer = await listed(house, failed)
    assert {row.sign_in.outcome for row in answer.rows} == {SignInOutcome.FAILED}
    assert answer.count == len(answer.rows) == 2


async def test_what_is_erased_is_gone_from_the_list(house: House) -> None:
    await everything_happens(house)
    newest = (await rows(house))[0]
    await house.store.write(
        lambda transaction: erase(
            transaction,
            (LeafRange(first=newest.leaf_index, last=newest.leaf_index),),
            at=house.clock.now(),
            actor=Actor.host(0, "root"),
            reason=Reason.of("gdpr"),
            salt=house.premises.random(32),
        )
    )
    assert newest.id not in {row.id for row in await rows(house)}


async def test_rows_that_are_missing_are_made_from_their_events(house: House) -> None:
    """What an earlier release wrote, which keeps no rows; where that was done, nobody looks again."""

    async def forget(*numbers: int) -> None:
        statement = text(f"DELETE FROM sign_in WHERE leaf_index IN ({', '.join(map(str, numbers))})")
        await house.store.write(lambda transaction: transaction.connection.execute(statement).rowcount)

    await everything_happens(house)
    before = await rows(house)
    await forget(*(row.leaf_index for row in before))
    assert await rows(house) == []
    await MissingRows(house.store).tick()
    assert await rows(house) == before

    await house.sign_in.with_password(Person(house, "late").visitor, Destination(), "late", "wrong wrong wrong")
    late, *_ = await rows(house)
    await forget(late.leaf_index, before[-1].leaf_index)
    await MissingRows(house.store).tick()
    assert await rows(house) == [late, *before[:-1]], "behind where it ended the last time"


async def test_a_tally_of_a_time(house: House) -> None:
    await everything_happens(house)
    at = house.clock.now()
    tally = await house.store.read(
        partial(sign_ins.tally, since=at - timedelta(hours=1), until=at + timedelta(seconds=1))
    )
    found = await rows(house)
    assert tally.outcomes[SignInOutcome.FAILED] == 2
    assert sum(tally.outcomes.values()) == len(found)
    assert sum(tally.strengths.values()) == sum(row.strength is not Strength.NONE for row in found)
    nothing = await house.store.read(partial(sign_ins.tally, since=NOW - timedelta(days=2), until=NOW - timedelta(1)))
    assert sum(nothing.outcomes.values()) == 0


async def test_a_filtered_list_of_changes_holds_nothing_else(house: House) -> None:
    await everything_happens(house)
    ask = Ask(
        order=Order(field="at", descending=True),
        where=Compare(field="code", operator=Operator.EQ, value="user.created"),
        count=True,
    )
    found = await house.store.read(partial(audits.page, ask=ask))
    assert ({leaf.code for leaf in found.rows}, found.count) == ({"user.created"}, 1)

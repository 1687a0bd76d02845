"""Revocation: exactly the sessions that were meant, and what was cut with them."""

from collections.abc import Collection

import pytest

from assay.access.attempt import NotDone
from assay.access.revoke_sessions import Cut, Revocation, Sessions
from assay.access.steps import AskFirstFactor
from assay.access.visitor import Destination
from assay.values import InvalidInputError, NotFoundError, SessionId
from tests.access.house import BY, House


def ended(result: Revocation | NotDone) -> Revocation:
    """What was ended, which nothing refused."""
    assert isinstance(result, Revocation)
    return result


async def test_one_person_all_of_one_and_everybody(house: House) -> None:
    alice, bob = await house.person("alice"), await house.person("bob")
    for person in (alice, bob):
        await person.sign_in()
    flow = Sessions(house.premises)
    assert sorted(each.user_name for each in await flow.open()) == ["alice", "bob"]
    (mine,) = await flow.open(user="alice")
    assert await flow.revoke(BY, session=mine.session.id) == Revocation(sessions=(mine.session.id,), cut=Cut())
    assert await flow.revoke(BY, session=mine.session.id) == Revocation(sessions=(), cut=Cut())
    assert isinstance((await house.sign_in.start(alice.visitor, Destination())).step, AskFirstFactor)
    await alice.sign_in()
    assert len(ended(await flow.revoke(BY, user="alice")).sessions) == 1
    assert [each.user_name for each in await flow.open()] == ["bob"]
    assert len(ended(await flow.revoke(BY, everybody=True)).sessions) == 1
    assert await flow.open() == ()


async def test_who_revokes_is_told_what_the_gateway_cut(house: House) -> None:
    alice = await house.person("alice")
    await alice.sign_in()
    asked: list[Collection[SessionId]] = []

    async def settled(ended: Collection[SessionId]) -> Cut:
        asked.append(ended)
        return Cut(connections=3, milliseconds=1.5)

    revoked = ended(await Sessions(house.premises, settled=settled).revoke(BY, user="alice"))
    assert asked == [revoked.sessions]
    assert revoked.cut == Cut(connections=3, milliseconds=1.5)


async def test_exactly_one_thing_is_named_and_exists(house: House) -> None:
    flow = Sessions(house.premises)
    for session, user, everybody in ((None, None, False), ("x", "alice", False), (None, "alice", True)):
        with pytest.raises(InvalidInputError):
            await flow.revoke(BY, session=session, user=user, everybody=everybody)
    with pytest.raises(NotFoundError):
        await flow.revoke(BY, session="00000000-0000-4000-8000-000000000000")

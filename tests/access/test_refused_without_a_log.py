"""A refused navigation when its decision cannot be written: an answer in words, and nobody is sent in circles."""

import msgspec

from assay.access.check import Check
from assay.access.exchange import Allow, Refuse
from assay.apps import App
from assay.events import DecisionLog
from assay.sealing import KeyPurpose
from tests.access.house import House, Person
from tests.access.test_check import policy, publish


async def blocked(house: House) -> tuple[Person, App]:
    """Somebody who was let in and may no longer be there."""
    alice = await house.person("alice")
    wiki = await house.app("wiki", assigned=["alice"])
    await alice.sign_in()
    assert isinstance(await alice.open(wiki), Allow)
    await publish(house, policy(block=True))
    return alice, wiki


async def test_the_store_cannot_be_written(house: House) -> None:
    alice, wiki = await blocked(house)
    await house.store.close()
    answer = await alice.ask(wiki)
    assert isinstance(answer, Refuse)
    assert (answer.status, msgspec.json.decode(answer.body, type=dict[str, object])["error"]) == (503, "unavailable")


async def test_too_many_decisions_wait(house: House) -> None:
    alice, wiki = await blocked(house)
    house.check = Check(
        house.premises,
        signals=house.signals,
        sessions=house.sessions,
        assertion_key=lambda: house.keys.signer(KeyPurpose.ASSERTION, house.clock.now()),
        log=DecisionLog(house.store, clock=house.clock, random=house.premises.random, limit=0),
    )
    answer = await alice.ask(wiki)
    assert isinstance(answer, Refuse)
    assert (answer.status, msgspec.json.decode(answer.body, type=dict[str, object])["error"]) == (403, "accessDenied")

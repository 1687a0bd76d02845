"""Passkeys through the flows: an answer is good once, for the ceremony, purpose and person that it was made for."""

import pytest

from assay.access.steps import AskFirstFactor, ChooseMethods, Enter, PasskeyChallenge
from assay.access.visitor import Destination
from assay.values import Reason
from tests.access.house import House, Person
from tests.identities.authenticator import Authenticator


@pytest.fixture
def authenticator(house: House) -> Authenticator:
    return Authenticator(origin=house.addresses.id_origin, rp_id=house.addresses.id_host)


async def with_passkey(house: House, authenticator: Authenticator) -> Person:
    """A person who has registered this authenticator, signed out."""
    alice = await house.person("alice")
    await alice.sign_in()
    asked = await house.enrol.passkey_options(alice.visitor)
    assert isinstance(asked, PasskeyChallenge)
    answer = authenticator.register(asked.options_json)
    kept = (await house.enrol.add_passkey(alice.visitor, asked.handle, answer, "Key")).step
    assert isinstance(kept, ChooseMethods)
    assert [key.name for key in kept.passkeys] == ["Key"]
    again = (await house.enrol.add_passkey(alice.visitor, asked.handle, answer, "Key")).step
    assert isinstance(again, ChooseMethods)
    assert again.error is not None, "the ceremony is over"
    alice.keep(await house.sign_in.sign_out(alice.visitor))
    return alice


async def test_an_answer_signs_in_once(house: House, authenticator: Authenticator) -> None:
    alice = await with_passkey(house, authenticator)
    asked = await house.sign_in.passkey_options(alice.visitor)
    answer = authenticator.sign_in(asked.options_json)
    first = await house.sign_in.with_passkey(alice.visitor, Destination(), asked.handle, answer)
    assert isinstance(first.step, Enter)
    second = await house.sign_in.with_passkey(alice.visitor, Destination(), asked.handle, answer)
    assert isinstance(second.step, AskFirstFactor)
    assert second.step.error is not None
    assert second.cookie is None


async def test_an_answer_comes_too_late_after_five_minutes(house: House, authenticator: Authenticator) -> None:
    alice = await with_passkey(house, authenticator)
    asked = await house.sign_in.passkey_options(alice.visitor)
    answer = authenticator.sign_in(asked.options_json)
    house.clock.advance(seconds=301)
    late = await house.sign_in.with_passkey(alice.visitor, Destination(), asked.handle, answer)
    assert isinstance(late.step, AskFirstFactor)
    assert late.step.error == Reason.of("passkeyWrongChallenge"), "not that nobody knows this passkey"


async def test_a_new_passkey_comes_too_late_after_five_minutes(house: House, authenticator: Authenticator) -> None:
    alice = await house.person("alice")
    await alice.sign_in()
    asked = await house.enrol.passkey_options(alice.visitor)
    assert isinstance(asked, PasskeyChallenge)
    answer = authenticator.register(asked.options_json)
    house.clock.advance(seconds=301)
    late = (await house.enrol.add_passkey(alice.visitor, asked.handle, answer, "Key")).step
    assert isinstance(late, ChooseMethods)
    assert (late.passkeys, late.error) == ((), Reason.of("passkeyWrongChallenge"))


async def test_an_answer_for_a_sign_in_is_none_for_a_step_up(house: House, authenticator: Authenticator) -> None:
    alice = await with_passkey(house, authenticator)
    asked = await house.sign_in.passkey_options(alice.visitor)
    answer = authenticator.sign_in(asked.options_json)
    await alice.password()
    before = alice.cookie
    outcome = alice.keep(await house.sign_in.with_passkey(alice.visitor, Destination(), asked.handle, answer))
    assert outcome.cookie is None
    assert alice.cookie == before, "nothing rose"

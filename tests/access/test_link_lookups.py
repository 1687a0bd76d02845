"""Links that were never made: how many are looked up, and that nobody else waits for them."""

import asyncio

from assay.access.people import Welcome
from assay.access.steps import ConfirmEnrolment, NotFound, Outcome
from assay.access.visitor import Visitor
from assay.identities.guessing import GuessingLimits
from assay.identities.methods.enrolment import OCTETS, new_pass_code
from tests.access.house import BY, CHROME, House

FREE = GuessingLimits().source_links.free


def visitor(address: str) -> Visitor:
    return Visitor(cookie="", address=address, port=40_000, user_agent=CHROME, device="")


def made_up(number: int) -> str:
    return new_pass_code(number.to_bytes(OCTETS))


async def link(house: House, name: str) -> str:
    welcome = await house.people.add(BY, user_name=name)
    assert isinstance(welcome, Welcome)
    return welcome.link.url.rpartition("/")[2]


def why(outcome: Outcome) -> str:
    assert isinstance(outcome.step, NotFound), outcome
    return outcome.step.reason.code


async def test_garbage_of_one_source_is_not_looked_up_for_ever_and_others_are(house: House) -> None:
    code = await link(house, "alice")
    guesser = visitor("2001:db8::1")
    found = [await house.enrol.look(visitor(f"2001:db8::{n:x}"), made_up(n)) for n in range(1, FREE + 2)]
    assert {why(each) for each in found} == {"passInvalid"}
    refused = await house.enrol.look(guesser, made_up(0))
    assert (why(refused), refused.retry_after) == ("linksTooMany", 1)
    assert why(await house.enrol.use(guesser, made_up(0))) == "linksTooMany"
    # Somebody else is let in at once, and somebody of the same address after a second.
    assert isinstance((await house.enrol.look(visitor("198.51.100.7"), code)).step, ConfirmEnrolment)
    assert why(await house.enrol.look(guesser, code)) == "linksTooMany"
    house.clock.advance(seconds=1)
    assert isinstance((await house.enrol.look(guesser, code)).step, ConfirmEnrolment)


async def test_many_at_once_are_counted_before_they_are_looked_up(house: House) -> None:
    found = await asyncio.gather(*(house.enrol.look(visitor("198.51.100.7"), made_up(n)) for n in range(300)))
    assert [why(each) for each in found].count("passInvalid") == FREE + 1


async def test_a_company_that_registers_behind_one_address_is_never_counted(house: House) -> None:
    code = await link(house, "alice")
    for _ in range(2 * FREE):
        assert isinstance((await house.enrol.look(visitor("198.51.100.7"), code)).step, ConfirmEnrolment)


async def test_what_is_no_code_at_all_is_not_counted(house: House) -> None:
    for _ in range(2 * FREE):
        assert why(await house.enrol.look(visitor("198.51.100.7"), "../../etc/passwd")) == "passInvalid"
    assert why(await house.enrol.look(visitor("198.51.100.7"), made_up(1))) == "passInvalid"

"""Sign-in: each unmet control is the next page, and every rise of privilege changes the secret."""

import asyncio
from urllib.parse import parse_qs, urlsplit

import pytest

from assay.access.exchange import Redirect
from assay.access.first_owner import BASELINE
from assay.access.own_steps import Home
from assay.access.people import Welcome
from assay.access.steps import AskFirstFactor, AskSecondFactor, ChooseMethods, Enter, NotFound, Refused
from assay.access.visitor import Destination
from assay.events import tail
from assay.governance.records import policies
from tests.access.house import BY, PASSWORD, House, Person


async def require_mfa(house: House) -> None:
    await house.store.write(lambda transaction: policies.put(transaction, BASELINE, house.clock.now()))


async def test_a_password_alone_enters_where_no_policy_asks_for_more(house: House) -> None:
    alice = await house.person("alice")
    assert (await alice.password()).step == Enter(location="/")


async def test_an_unmet_control_is_the_next_page_and_meeting_it_enters(house: House) -> None:
    await require_mfa(house)
    alice = await house.person("alice")
    house.clock.advance(seconds=60)
    asked = (await alice.password()).step
    assert isinstance(asked, AskSecondFactor)
    assert (asked.totp, asked.passkey, asked.recovery_code) == (True, False, True)
    assert (await alice.totp()).step == Enter(location="/")


async def test_every_rise_of_privilege_changes_the_secret_and_the_old_one_is_worth_nothing(house: House) -> None:
    await require_mfa(house)
    alice = await house.person("alice")
    house.clock.advance(seconds=60)
    await alice.password()
    after_password = alice.visitor
    await alice.totp()
    assert alice.cookie != after_password.cookie
    assert isinstance((await house.sign_in.start(after_password, Destination())).step, AskFirstFactor)
    assert (await house.sign_in.start(alice.visitor, Destination())).step == Enter(location="/")


async def test_a_wrong_password_an_unknown_name_and_a_disabled_person_get_one_answer(house: House) -> None:
    await house.person("alice")
    bob = await house.person("bob")
    await house.people.disable(BY, "bob")
    answers = [
        (await house.sign_in.with_password(bob.visitor, Destination(), name, password)).step
        for name, password in (("alice", "wrong wrong wrong"), ("nobody", PASSWORD), ("bob", PASSWORD))
    ]
    for answer in answers:
        assert isinstance(answer, AskFirstFactor)
        assert answer.error == answers[0].error  # type: ignore[union-attr]


async def test_a_code_is_good_once_even_for_two_requests_at_once(house: House) -> None:
    await require_mfa(house)
    alice = await house.person("alice")
    house.clock.advance(seconds=60)
    await alice.password()
    visitor, code = alice.visitor, alice.code()
    steps = await asyncio.gather(*(house.sign_in.with_totp(visitor, Destination(), code) for _ in range(8)))
    assert sum(isinstance(outcome.step, Enter) for outcome in steps) == 1


async def test_a_recovery_code_is_a_second_factor_once(house: House) -> None:
    await require_mfa(house)
    alice = await house.person("alice")
    await alice.password()
    first = alice.keep(
        await house.sign_in.with_recovery_code(alice.visitor, Destination(), alice.recovery_codes[0].lower())
    )
    assert isinstance(first.step, Enter)
    alice.keep(await house.sign_in.sign_out(alice.visitor))
    await alice.password()
    again = await house.sign_in.with_recovery_code(alice.visitor, Destination(), alice.recovery_codes[0])
    assert isinstance(again.step, AskSecondFactor)
    assert again.step.error is not None


async def test_signing_out_ends_the_session_for_good(house: House) -> None:
    alice = await house.person("alice")
    await alice.password()
    before = alice.visitor
    alice.keep(await house.sign_in.sign_out(before))
    assert alice.cookie == ""
    assert isinstance((await house.sign_in.start(before, Destination())).step, AskFirstFactor)


@pytest.mark.parametrize(("interval", "alive"), [({"minutes": 59}, True), ({"minutes": 61}, False)])
async def test_a_session_ends_when_it_is_not_used(house: House, interval: dict[str, float], alive: bool) -> None:
    alice = await house.person("alice")
    await alice.password()
    house.clock.advance(**interval)
    step = (await house.sign_in.start(alice.visitor, Destination())).step
    assert isinstance(step, Enter if alive else AskFirstFactor)


async def test_a_password_alone_registers_no_method(house: House) -> None:
    alice = await house.person("alice")
    await alice.password()
    step = (await house.enrol.set_password(alice.visitor, "another long and good password")).step
    assert isinstance(step, AskSecondFactor)
    assert isinstance((await alice.password()).step, Enter), "the password is the old one"


async def test_who_has_a_password_and_nothing_else_registers_nothing_with_it(house: House) -> None:
    welcome = await house.people.add(BY, user_name="erin")
    assert isinstance(welcome, Welcome)
    erin = Person(house, "erin")
    erin.keep(await house.enrol.use(erin.visitor, welcome.link.url.rpartition("/")[2]))
    await house.enrol.set_password(erin.visitor, PASSWORD)
    erin.keep(await house.sign_in.sign_out(erin.visitor))
    await erin.password()
    step = (await house.enrol.begin_totp(erin.visitor)).step
    assert isinstance(step, Refused)
    assert len(step.short_code) == 8


async def test_of_two_steps_at_once_one_rises_and_its_secret_lives(house: House) -> None:
    await require_mfa(house)
    alice = await house.person("alice")
    house.clock.advance(seconds=60)
    await alice.password()
    visitor = alice.visitor
    outcomes = await asyncio.gather(
        house.sign_in.with_totp(visitor, Destination(), alice.code()),
        house.sign_in.with_recovery_code(visitor, Destination(), alice.recovery_codes[0]),
    )
    (entered,) = [outcome for outcome in outcomes if isinstance(outcome.step, Enter)]
    alice.keep(entered)
    assert (await house.sign_in.start(alice.visitor, Destination())).step == Enter(location="/")


async def test_a_second_tab_arrives_with_the_state_of_the_first(house: House) -> None:
    alice = await house.person("alice")
    await alice.password()
    wiki = await house.app("wiki", assigned=["alice"])
    redirect = await alice.ask(wiki)
    assert isinstance(redirect, Redirect)
    state = parse_qs(urlsplit(redirect.location).query)["state"][0]
    for _ in range(2):
        step = (await house.sign_in.start(alice.visitor, Destination(app=wiki.id, path="/", state=state))).step
        assert isinstance(step, Enter)
        ticket = parse_qs(urlsplit(step.location).query)["ticket"][0]
        redeemed = await house.tickets.redeem(house.host(wiki), ticket, state, alice.visitor)
        assert isinstance(redeemed, Redirect)
        assert not any("__Host-assay-state=;" in cookie for cookie in redeemed.set_cookies)


async def test_a_name_that_nobody_has_is_not_kept(house: House) -> None:
    alice = await house.person("alice")
    await house.sign_in.with_password(alice.visitor, Destination(), "my secret password", PASSWORD)
    last = await house.store.read(lambda reader: tail(reader, after=-1, limit=1_000))
    assert last[-1].code == "sign-in.failed"
    assert "my secret password" not in last[-1].payload


async def test_looking_at_the_own_page_is_no_sign_in(house: House) -> None:
    alice = await house.person("alice")
    await alice.password()
    before = len(await house.store.read(lambda reader: tail(reader, after=-1, limit=1_000)))
    for _ in range(3):
        assert isinstance(await house.own_home.home(alice.visitor), Home)
    assert len(await house.store.read(lambda reader: tail(reader, after=-1, limit=1_000))) == before


async def test_the_enrolment_link_works_once_and_not_after_its_time(house: House) -> None:
    welcome = await house.people.add(BY, user_name="carol")
    code = welcome.link.url.rpartition("/")[2]  # type: ignore[union-attr]
    alice = await house.person("alice")
    looked = [await house.enrol.look(alice.visitor, code) for _ in range(3)]
    assert all(not isinstance(outcome.step, NotFound) for outcome in looked), "looking uses nothing up"
    used = await asyncio.gather(*(house.enrol.use(alice.visitor, code) for _ in range(4)))
    assert sorted(type(outcome.step).__name__ for outcome in used) == ["ChooseMethods", *["NotFound"] * 3]
    late = await house.people.add(BY, user_name="dave")
    house.clock.advance(hours=25)
    step = (await house.enrol.use(alice.visitor, late.link.url.rpartition("/")[2])).step  # type: ignore[union-attr]
    assert isinstance(step, NotFound)


async def test_who_is_disabled_meanwhile_gets_no_session_from_a_factor_proved_before(house: House) -> None:
    await require_mfa(house)
    alice = await house.person("alice")
    house.clock.advance(seconds=60)
    await alice.password()
    await house.people.disable(BY, "alice")
    assert isinstance((await alice.totp()).step, AskFirstFactor)


async def test_a_person_deleted_and_made_again_is_somebody_else(house: House) -> None:
    alice = await house.person("alice")
    await alice.password()
    old = alice.visitor
    await house.people.remove(BY, "alice")
    again = await house.person("alice")
    assert isinstance((await house.sign_in.start(old, Destination())).step, AskFirstFactor)
    assert isinstance((await again.password()).step, Enter)


async def test_adding_a_method_needs_the_enrolled_or_a_strong_session(house: House) -> None:
    await require_mfa(house)
    alice = await house.person("alice")
    await alice.sign_in()
    assert isinstance((await house.enrol.methods(alice.visitor)).step, ChooseMethods)

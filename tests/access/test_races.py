"""What works once works once, and what is withdrawn stays withdrawn, when requests truly cross; on both databases."""

import asyncio
from collections.abc import AsyncIterator, Awaitable

import pytest

from assay.access.attempt import NotDone
from assay.access.exchange import Redirect
from assay.access.people import Ended, Welcome
from assay.access.resets import ResetView
from assay.access.revoke_sessions import Sessions
from assay.access.steps import ChooseMethods, ConfirmTotp, Enter, Outcome, PasskeyChallenge
from assay.access.visitor import Destination
from assay.identities.hashing import PasswordHashing
from assay.store import Store
from tests.access.house import BY, NOW, HandClock, House, Person
from tests.access.test_resets import DESK, OTHER_HOST, WHY
from tests.access.ways_in import Victim, victim
from tests.identities.authenticator import Authenticator

pytestmark = pytest.mark.slow

AT_ONCE = 12
ROUNDS = 6


@pytest.fixture
async def house(store: Store) -> AsyncIterator[House]:
    """Flows on SQLite and on PostgreSQL, with the service's hashing: what it waits for is where requests cross."""
    opened = House(store, HandClock(NOW), hashing=PasswordHashing(2))
    await opened.start()
    yield opened
    opened.hashing.close()


async def carol(house: House) -> Victim:
    found = await victim(house, "carol", await house.app("wiki"))
    house.clock.advance(seconds=60)
    return found


def entered(outcomes: list[Outcome]) -> int:
    """How many came to a new secret."""
    return sum(bool(outcome.cookie) for outcome in outcomes)


async def test_a_code_in_many_browsers_is_good_in_one(house: House) -> None:
    of = await carol(house)
    browsers = [of.browser() for _ in range(4)]
    for browser in browsers:
        await browser.password()
    code = of.person.code()
    found = await asyncio.gather(
        *(house.sign_in.with_totp(browser.visitor, Destination(), code) for browser in browsers)
    )
    assert entered(found) == 1


async def test_a_recovery_code_in_many_browsers_is_good_in_one(house: House) -> None:
    of = await carol(house)
    browsers = [of.browser() for _ in range(4)]
    for browser in browsers:
        await browser.password()
    code = of.person.recovery_codes[0]
    found = await asyncio.gather(
        *(house.sign_in.with_recovery_code(browser.visitor, Destination(), code) for browser in browsers)
    )
    assert entered(found) == 1


async def test_a_passkeys_answer_is_good_once(house: House) -> None:
    of = await carol(house)
    browser = of.browser()
    asked = await house.sign_in.passkey_options(browser.visitor)
    answer = of.key.sign_in(asked.options_json)  # type: ignore[union-attr]  # nobody throttles one
    found = await asyncio.gather(
        *(
            house.sign_in.with_passkey(browser.visitor, Destination(), asked.handle, answer)  # type: ignore[union-attr]
            for _ in range(AT_ONCE)
        )
    )
    assert entered(found) == 1


async def test_a_passkey_is_registered_once_for_one_ceremony(house: House) -> None:
    of = await carol(house)
    browser = of.browser()
    await of.with_passkey(browser)
    asked = await house.enrol.passkey_options(browser.visitor)
    assert isinstance(asked, PasskeyChallenge)
    new = Authenticator(origin=house.addresses.id_origin, rp_id=house.addresses.id_host)
    answer = new.register(asked.options_json)
    await asyncio.gather(
        *(house.enrol.add_passkey(browser.visitor, asked.handle, answer, f"K{n}") for n in range(AT_ONCE))
    )
    assert (await house.people.show("carol")).methods.passkeys == 2


async def test_a_ticket_is_good_once(house: House) -> None:
    of = await carol(house)
    browser = of.browser()
    await of.with_passkey(browser)
    away = await browser.ask(of.wiki)
    assert isinstance(away, Redirect)
    step = await browser.follow(away)
    assert isinstance(step, Enter)
    ticket = step.location.partition("ticket=")[2]
    host = house.host(of.wiki)
    found = await asyncio.gather(
        *(house.tickets.redeem(host, ticket, browser.state, browser.visitor) for _ in range(AT_ONCE))
    )
    assert sum(isinstance(each, Redirect) for each in found) == 1


async def test_an_enrolment_link_is_good_once(house: House) -> None:
    welcome = await house.people.add(BY, user_name="dave")
    assert isinstance(welcome, Welcome)
    code = welcome.link.url.rpartition("/")[2]
    found = await asyncio.gather(*(house.enrol.use(Person(house, "dave").visitor, code) for _ in range(AT_ONCE)))
    assert entered(found) == 1


async def test_of_two_rises_at_once_one_leaves_a_secret_that_lives(house: House) -> None:
    of = await carol(house)
    browser = of.browser()
    await browser.password()
    before = browser.visitor
    found = await asyncio.gather(
        house.sign_in.with_totp(before, Destination(), of.person.code()),
        house.sign_in.with_recovery_code(before, Destination(), of.person.recovery_codes[0]),
    )
    secrets = [outcome.cookie for outcome in found if outcome.cookie]
    assert len(secrets) == 1
    browser.cookie = secrets[0]
    assert await house.sign_in.session(browser.visitor) is not None
    assert await house.sign_in.session(before) is None


async def crossing(*acts: Awaitable[object]) -> None:
    """Let these run into one another."""
    await asyncio.gather(*acts)


async def test_a_sign_out_during_a_rise_leaves_nothing_alive(house: House) -> None:
    of = await carol(house)
    for _ in range(ROUNDS):
        house.clock.advance(seconds=60)
        browser = of.browser()
        await browser.password()
        visitor = browser.visitor
        risen = asyncio.create_task(house.sign_in.with_totp(visitor, Destination(), of.person.code()))
        await crossing(house.sign_in.sign_out(visitor), risen)
        # Either the rise came first, and the sign-out ended the raised session by its id; or it found nothing to raise.
        browser.cookie = (await risen).cookie or visitor.cookie
        left = await house.sign_in.session(browser.visitor)
        open_now = await Sessions(house.premises).open(user="carol")
        assert left is None or len(open_now) == 1
        assert await house.sign_in.session(visitor) is None, "the secret that signed out is dead either way"
        for each in open_now:
            await Sessions(house.premises).revoke(BY, session=each.session.id)


@pytest.mark.parametrize("cut", ["disable", "remove"])
async def test_who_is_shut_out_while_signing_in_is_out(house: House, cut: str) -> None:
    for number in range(ROUNDS):
        of = await victim(house, f"v{number}", house.signals.apps_by_name.get("wiki") or await house.app("wiki"))
        house.clock.advance(seconds=60)
        browsers = [of.browser() for _ in range(3)]
        shut = house.people.disable if cut == "disable" else house.people.remove
        await crossing(
            *(browser.password() for browser in browsers[:2]), shut(BY, of.name), of.with_passkey(browsers[2])
        )
        for browser in browsers:
            assert await house.sign_in.session(browser.visitor) is None
            assert not await of.opens(browser)


async def test_a_name_that_is_given_again_while_somebody_signs_in_opens_nothing_of_the_new_person(house: House) -> None:
    wiki = await house.app("wiki")
    for number in range(ROUNDS):
        of = await victim(house, f"v{number}", wiki)
        house.clock.advance(seconds=60)
        browsers = [of.browser() for _ in range(2)]

        async def again(name: str = of.name) -> None:
            assert isinstance(await house.people.remove(BY, name), Ended)
            await house.people.add(BY, user_name=name)
            await house.apps.assign(BY, "wiki", user=name)

        await crossing(browsers[0].password(), again(), of.with_passkey(browsers[1]))
        for browser in browsers:
            assert await house.sign_in.session(browser.visitor) is None
            assert not await of.opens(browser)


async def test_nothing_is_registered_past_the_end_of_a_session(house: House) -> None:
    """Who is cut while registering a method leaves none behind, or had it before the cut."""
    wiki = await house.app("wiki")
    for number in range(ROUNDS):
        of = await victim(house, f"v{number}", wiki)
        thief = of.browser()
        await of.with_passkey(thief)
        shown = (await house.enrol.begin_totp(thief.visitor)).step
        assert isinstance(shown, ConfirmTotp)
        password = asyncio.create_task(house.enrol.set_password(thief.visitor, "the thief has a long password too"))
        await crossing(Sessions(house.premises).revoke(BY, user=of.name), password)
        step = (await password).step
        house.clock.advance(seconds=60)
        kept = isinstance(step, ChooseMethods) and step.error is None
        entered_by_it = await Person(house, of.name).password("the thief has a long password too")
        assert bool(entered_by_it.cookie) == kept


async def test_a_role_that_is_taken_during_an_approval_hands_out_no_link(house: House) -> None:
    for number in range(ROUNDS):
        name = f"desk{number}"
        desk = await house.person(name)
        await house.roles.assign(BY, DESK, user=name)
        await house.person(f"lost{number}")
        asked = await house.resets.request(OTHER_HOST, f"lost{number}", WHY)
        assert isinstance(asked, ResetView)
        await desk.sign_in()
        await crossing(house.help_desk.approve(desk.visitor, asked.reset.id), house.roles.remove(BY, DESK, user=name))
        house.clock.advance(hours=5)
        refused = await house.resets.hand_out(OTHER_HOST, asked.reset.id)
        assert isinstance(refused, NotDone)
        assert refused.reason.code == "resetNotApproved"


async def test_of_a_cancel_and_a_link_that_cross_the_cancel_holds(house: House) -> None:
    for number in range(ROUNDS):
        name = f"lost{number}"
        person = await house.person(name)
        await person.sign_in()
        asked = await house.resets.request(OTHER_HOST, name, WHY)
        assert isinstance(asked, ResetView)
        await house.resets.approve(BY, asked.reset.id)
        house.clock.advance(hours=5)
        await person.sign_in()
        made = asyncio.create_task(house.resets.hand_out(BY, asked.reset.id))
        await crossing(made, house.own_resets.cancel(person.visitor))
        link = await made
        if not isinstance(link, NotDone):
            outcome = await house.enrol.use(Person(house, name).visitor, link.link.url.rpartition("/")[2])
            assert not outcome.cookie

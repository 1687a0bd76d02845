"""Method resets by two people, through the flows: who may, when, and what becomes of methods and sessions."""

import asyncio
from base64 import b32decode

import pytest

from assay.access.attempt import By, NotDone
from assay.access.break_glass import BreakGlass
from assay.access.exchange import Redirect
from assay.access.own_steps import Home
from assay.access.people import Ended, Welcome
from assay.access.steps import (
    AskAgain,
    AskFirstFactor,
    AskSecondFactor,
    ChooseMethods,
    ConfirmTotp,
    Enter,
    HelpDeskPage,
    NotFound,
    Outcome,
    ShowResetLink,
)
from assay.access.visitor import Destination
from assay.events import Actor, tail
from assay.identities.methods.reset import Strength
from assay.identities.methods.summary import MethodSummary
from assay.identities.records import resets
from assay.values import Reason
from tests.access.house import BY, PASSWORD, House, Person

DESK, AUTHENTICATION, OWNER = "Helpdesk Administrator", "Authentication Administrator", "Global Administrator"
WHY = "lost the phone; known by sight"
OTHER_HOST = By(actor=Actor.host(1_000, "assay"))
RENEWED = Enter(location="/methods/renewed")
NEW_PASSWORD = "another quiet harbour, with nine lamps"


async def staff(house: House, *names: str, role: str = DESK) -> tuple[Person, ...]:
    """People of the help-desk, with two factors just proved."""
    found = []
    for name in names:
        person = await house.person(name)
        await house.roles.assign(BY, role, user=name)
        await person.sign_in()
        found.append(person)
    return tuple(found)


async def page(house: House, person: Person) -> HelpDeskPage:
    """The help-desk's page; the person proves two factors again first."""
    await person.sign_in()
    step = (await house.help_desk.page(person.visitor)).step
    assert isinstance(step, HelpDeskPage), step
    return step


async def asked(house: House, by: Person, name: str) -> str:
    """The id of a reset that this person asked for."""
    await by.sign_in()
    step = (await house.help_desk.request(by.visitor, name, WHY)).step
    assert isinstance(step, HelpDeskPage), step
    assert step.error is None, step.error
    return next(row.id for row in step.resets if row.user_name == name)


async def held(house: House, name: str) -> MethodSummary:
    """What the person with this name has registered."""
    return (await house.people.show(name)).methods


def error_of(outcome: Outcome) -> str:
    """The code of the reason on the help-desk's page."""
    assert isinstance(outcome.step, HelpDeskPage), outcome.step
    assert outcome.step.error is not None
    return outcome.step.error.code


async def link_for(house: House, name: str, asking: Person, approving: Person) -> str:
    """The code of the link, after the waiting time."""
    reset = await asked(house, asking, name)
    await approving.sign_in()
    assert error_free(await house.help_desk.approve(approving.visitor, reset))
    house.clock.advance(hours=5)
    await asking.sign_in()
    shown = (await house.help_desk.hand_out(asking.visitor, reset)).step
    assert isinstance(shown, ShowResetLink), shown
    return shown.url.rpartition("/")[2]


def error_free(outcome: Outcome) -> bool:
    return isinstance(outcome.step, HelpDeskPage) and outcome.step.error is None


async def renewing(house: House, name: str, code: str) -> Person:
    """A browser that used the link."""
    browser = Person(house, name)
    assert isinstance(browser.keep(await house.enrol.use(browser.visitor, code)).step, ChooseMethods)
    return browser


async def renew(house: House, browser: Person) -> Outcome:
    """Register a new password and a new authenticator app; the last answer."""
    kept = (await house.enrol.set_password(browser.visitor, NEW_PASSWORD)).step
    assert isinstance(kept, ChooseMethods), kept
    shown = (await house.enrol.begin_totp(browser.visitor)).step
    assert isinstance(shown, ConfirmTotp)
    browser.totp_secret = b32decode(shown.secret.replace(" ", ""))
    house.clock.advance(seconds=60)
    return browser.keep(await house.enrol.confirm_totp(browser.visitor, browser.code()))


async def test_two_people_and_a_link_give_new_methods_and_end_the_old(house: House) -> None:
    ask, agree = await staff(house, "ask", "agree")
    victim = await house.person("carol")
    await victim.sign_in()
    browser = await renewing(house, "carol", await link_for(house, "carol", ask, agree))
    before = await held(house, "carol")
    assert before.totp
    assert (await renew(house, browser)).step == RENEWED
    assert browser.cookie == ""
    now = await held(house, "carol")
    assert (now.password, now.totp, now.recovery_codes) == (True, True, 0), "old recovery codes are gone"
    assert isinstance((await victim.password(PASSWORD)).step, AskFirstFactor), "the old password is gone"
    house.clock.advance(seconds=60)
    await browser.password(NEW_PASSWORD)
    assert isinstance((await browser.totp()).step, Enter)
    home = await house.own_home.home(browser.visitor)
    assert isinstance(home, Home)
    assert home.reset is not None
    assert home.reset.completed_at is not None
    assert (home.reset.requested_by, home.reset.approved_by) == ("ask", ("agree",))
    await house.own_resets.seen(browser.visitor)
    again = await house.own_home.home(browser.visitor)
    assert isinstance(again, Home)
    assert again.reset is None


async def test_every_session_ends_with_the_reset(house: House) -> None:
    ask, agree = await staff(house, "ask", "agree")
    thief = await house.person("carol")
    code = await link_for(house, "carol", ask, agree)
    await thief.sign_in()
    browser = await renewing(house, "carol", code)
    link_cookie = browser.cookie
    assert await house.sign_in.session(thief.visitor) is not None, "nothing ends before the new methods are in"
    await renew(house, browser)
    assert await house.sign_in.session(thief.visitor) is None
    browser.cookie = link_cookie
    assert await house.sign_in.session(browser.visitor) is None, "the session of the link ends too"


@pytest.mark.parametrize("role", [DESK, AUTHENTICATION, OWNER])
async def test_nobody_approves_alone_or_for_themselves(house: House, role: str) -> None:
    ask, agree = await staff(house, "ask", "agree", role=role)
    await house.person("carol")
    reset = await asked(house, ask, "carol")
    assert error_of(await house.help_desk.approve(ask.visitor, reset)) == "resetSecondPerson"
    assert error_of(await house.help_desk.hand_out(ask.visitor, reset)) == "resetNotApproved"
    await agree.sign_in()
    assert error_of(await house.help_desk.hand_out(agree.visitor, reset)) == "resetNotYours"
    assert error_of(await house.help_desk.request(agree.visitor, "agree", WHY)) == "resetOwn"
    own = await asked(house, ask, "agree")
    await agree.sign_in()
    assert error_of(await house.help_desk.approve(agree.visitor, own)) == "resetOwn"


async def test_a_role_reaches_no_higher_than_itself(house: House) -> None:
    (desk,) = await staff(house, "desk")
    (authentication,) = await staff(house, "authentication", role=AUTHENTICATION)
    (owner,) = await staff(house, "owner", role=OWNER)
    await house.person("reader")
    await house.roles.assign(BY, "Directory Readers", user="reader")
    await house.person("plain")
    may = {}
    for actor in (desk, authentication, owner):
        await actor.sign_in()
        for name in ("owner", "authentication", "desk", "reader", "plain", "nobody-at-all"):
            if name == actor.user_name:
                continue
            step = (await house.help_desk.request(actor.visitor, name, WHY)).step
            assert isinstance(step, HelpDeskPage)
            may[actor.user_name, name] = step.error is None
            for row in step.resets:
                if row.user_name == name:
                    await house.help_desk.cancel(actor.visitor, row.id)
            if step.error is not None:
                assert step.error.code == "resetNobody", "whoever is out of reach is answered like nobody"
    allowed = {pair for pair, yes in may.items() if yes}
    assert allowed == {
        ("desk", "reader"),
        ("desk", "plain"),
        ("authentication", "reader"),
        ("authentication", "plain"),
        ("owner", "authentication"),
        ("owner", "desk"),
        ("owner", "reader"),
        ("owner", "plain"),
    }


async def test_the_link_waits_unless_two_approve(house: House) -> None:
    ask, agree, third = await staff(house, "ask", "agree", "third")
    await house.person("carol")
    reset = await asked(house, ask, "carol")
    await agree.sign_in()
    await house.help_desk.approve(agree.visitor, reset)
    assert error_of(await house.help_desk.hand_out(agree.visitor, reset)) == "resetWaits"
    await third.sign_in()
    await house.help_desk.approve(third.visitor, reset)
    assert isinstance((await house.help_desk.hand_out(third.visitor, reset)).step, ShowResetLink)


async def test_the_same_person_does_not_count_twice(house: House) -> None:
    ask, agree = await staff(house, "ask", "agree")
    await house.person("carol")
    reset = await asked(house, ask, "carol")
    await agree.sign_in()
    await house.help_desk.approve(agree.visitor, reset)
    assert error_of(await house.help_desk.approve(agree.visitor, reset)) == "resetApprovedAlready"
    assert error_of(await house.help_desk.hand_out(agree.visitor, reset)) == "resetWaits"


async def test_a_role_that_is_lost_takes_its_word_back(house: House) -> None:
    ask, agree, third = await staff(house, "ask", "agree", "third")
    await house.person("carol")
    reset = await asked(house, ask, "carol")
    await agree.sign_in()
    await house.help_desk.approve(agree.visitor, reset)
    await house.roles.remove(BY, DESK, user="agree")
    house.clock.advance(hours=5)
    await ask.sign_in()
    assert error_of(await house.help_desk.hand_out(ask.visitor, reset)) == "resetNotApproved"
    await house.people.disable(BY, "ask")
    await third.sign_in()
    assert error_of(await house.help_desk.approve(third.visitor, reset)) == "resetRoleLost"


async def test_without_a_role_there_is_no_page(house: House) -> None:
    carol = await house.person("carol")
    await carol.sign_in()
    for outcome in (
        await house.help_desk.page(carol.visitor),
        await house.help_desk.request(carol.visitor, "carol", WHY),
        await house.help_desk.approve(carol.visitor, "x"),
        await house.help_desk.hand_out(carol.visitor, "x"),
        await house.help_desk.cancel(carol.visitor, "x"),
    ):
        assert isinstance(outcome.step, NotFound)


async def test_two_factors_are_fresh_at_each_step(house: House) -> None:
    (ask,) = await staff(house, "ask")
    await house.person("carol")
    house.clock.advance(minutes=11)
    step = (await house.help_desk.request(ask.visitor, "carol", WHY)).step
    assert isinstance(step, AskAgain)
    assert step.password
    back = await ask.password(destination=Destination(path="/help-desk"))
    assert back.step == Enter(location="/help-desk")
    step2 = (await house.help_desk.page(ask.visitor)).step
    assert isinstance(step2, AskSecondFactor)
    assert (step2.totp, step2.recovery_code) == (True, False)
    await ask.totp(ask.recovery_codes[0])
    again = await house.sign_in.with_recovery_code(ask.visitor, Destination(path="/help-desk"), ask.recovery_codes[0])
    ask.keep(again)
    assert isinstance((await house.help_desk.page(ask.visitor)).step, AskSecondFactor), "a recovery code is not enough"
    await ask.totp()
    assert isinstance((await house.help_desk.page(ask.visitor)).step, HelpDeskPage)
    assert await house.store.read(lambda reader: resets.every_open(reader, house.clock.now())) == ()


async def test_the_person_stops_it_from_any_living_session(house: House) -> None:
    ask, agree = await staff(house, "ask", "agree")
    carol = await house.person("carol")
    reset = await asked(house, ask, "carol")
    await carol.sign_in()
    home = await house.own_home.home(carol.visitor)
    assert isinstance(home, Home)
    assert home.reset is not None
    assert home.reset.reason == WHY
    await house.own_resets.cancel(carol.visitor)
    await agree.sign_in()
    assert error_of(await house.help_desk.approve(agree.visitor, reset)) == "resetOver"
    calm = await house.own_home.home(carol.visitor)
    assert isinstance(calm, Home)
    assert calm.reset is None


async def test_stopping_it_voids_the_link(house: House) -> None:
    ask, agree = await staff(house, "ask", "agree")
    carol = await house.person("carol")
    code = await link_for(house, "carol", ask, agree)
    await carol.sign_in()
    await house.own_resets.cancel(carol.visitor)
    stranger = Person(house, "carol")
    assert isinstance((await house.enrol.use(stranger.visitor, code)).step, NotFound)
    await carol.sign_in()


async def test_stopping_it_half_way_removes_what_came_by_it(house: House) -> None:
    ask, agree = await staff(house, "ask", "agree")
    carol = await house.person("carol")
    code = await link_for(house, "carol", ask, agree)
    await carol.sign_in()
    impostor = await renewing(house, "carol", code)
    await house.enrol.set_password(impostor.visitor, NEW_PASSWORD)
    await house.own_resets.cancel(carol.visitor)
    assert await house.sign_in.session(impostor.visitor) is None
    assert isinstance((await impostor.password(NEW_PASSWORD)).step, AskFirstFactor)
    left = await held(house, "carol")
    assert (left.password, left.totp) == (False, True)


async def test_a_password_alone_does_not_stop_it_once_its_link_is_used(house: House) -> None:
    """What was registered by the link goes with it: the way back in of the one person who has no other."""
    ask, agree = await staff(house, "ask", "agree")
    thief = await house.person("carol")
    browser = await renewing(house, "carol", await link_for(house, "carol", ask, agree))
    await thief.password()
    await house.enrol.set_password(browser.visitor, NEW_PASSWORD)
    asked_for = (await house.own_resets.cancel(thief.visitor)).step
    assert isinstance(asked_for, AskSecondFactor)
    assert asked_for.totp
    assert (await house.store.read(lambda reader: resets.every_open(reader, house.clock.now()))) != ()
    assert (await held(house, "carol")).password
    assert await house.sign_in.session(browser.visitor) is not None
    house.clock.advance(seconds=60)
    await thief.totp()
    assert (await house.own_resets.cancel(thief.visitor)).step == Enter(location="/")
    assert await house.store.read(lambda reader: resets.every_open(reader, house.clock.now())) == ()


async def test_who_has_nothing_but_a_password_stops_it_with_that(house: House) -> None:
    ask, agree = await staff(house, "ask", "agree")
    welcome = await house.people.add(BY, user_name="carol")
    assert isinstance(welcome, Welcome)
    carol = await renewing(house, "carol", welcome.link.url.rpartition("/")[2])
    await house.enrol.set_password(carol.visitor, PASSWORD)
    carol.keep(await house.sign_in.sign_out(carol.visitor))
    browser = await renewing(house, "carol", await link_for(house, "carol", ask, agree))
    await carol.password()
    assert (await house.own_resets.cancel(carol.visitor)).step == Enter(location="/")
    assert await house.sign_in.session(browser.visitor) is None


async def test_the_links_session_opens_nothing(house: House) -> None:
    ask, agree = await staff(house, "ask", "agree")
    await house.person("carol")
    wiki = await house.app("wiki", assigned=["carol"])
    browser = await renewing(house, "carol", await link_for(house, "carol", ask, agree))
    away = await browser.ask(wiki)
    assert isinstance(away, Redirect)
    assert await browser.follow(away) == Enter(location="/methods")
    assert (await house.sign_in.start(browser.visitor, Destination())).step == Enter(location="/methods")
    assert await house.own_home.home(browser.visitor) == Outcome(step=Enter(location="/methods"))
    session = await house.sign_in.session(browser.visitor)
    assert session is not None
    state = "s" * 43
    refused = await house.store.write(
        lambda transaction: house.admission.ticket(transaction, session, wiki, path="/", state=state)
    )
    assert refused == Reason.of("resetUnfinished")


async def test_a_password_alone_does_not_complete_it(house: House) -> None:
    ask, agree = await staff(house, "ask", "agree")
    await house.person("carol")
    browser = await renewing(house, "carol", await link_for(house, "carol", ask, agree))
    assert isinstance((await house.enrol.set_password(browser.visitor, NEW_PASSWORD)).step, ChooseMethods)
    (found,) = await house.store.read(lambda reader: resets.every_open(reader, house.clock.now()))
    assert found.required is Strength.MULTI_FACTOR


async def test_a_thief_registers_nothing_while_a_reset_is_under_way(house: House) -> None:
    ask, agree = await staff(house, "ask", "agree")
    thief = await house.person("carol")
    code = await link_for(house, "carol", ask, agree)
    await thief.sign_in()
    await renewing(house, "carol", code)
    step = (await house.enrol.set_password(thief.visitor, NEW_PASSWORD)).step
    assert isinstance(step, ChooseMethods)
    assert step.error is not None
    assert step.error.code == "resetUnderWay"
    begun = (await house.enrol.begin_totp(thief.visitor)).step
    assert isinstance(begun, ChooseMethods), "the key that waits is the link's alone"
    assert begun.error is not None
    assert begun.error.code == "resetUnderWay"


async def test_host_users_need_two_or_root_with_a_reason(house: House) -> None:
    await house.person("carol")
    asked_for = await house.resets.request(BY, "carol", WHY)
    assert not isinstance(asked_for, NotDone)
    alone = await house.resets.approve(BY, asked_for.reset.id)
    assert isinstance(alone, NotDone)
    assert alone.reason.code == "resetSecondPerson"
    assert not isinstance(await house.resets.approve(BY, asked_for.reset.id, override="nobody else is here"), NotDone)
    await house.resets.cancel(BY, asked_for.reset.id)
    second = await house.resets.request(OTHER_HOST, "carol", WHY)
    assert not isinstance(second, NotDone)
    mine = await house.resets.approve(OTHER_HOST, second.reset.id, override="me too")
    assert isinstance(mine, NotDone), "only root may stand for both"
    assert not isinstance(await house.resets.approve(BY, second.reset.id), NotDone)


async def test_emergency_access_is_out_of_reach_for_everybody(house: House) -> None:
    (owner,) = await staff(house, "owner", role=OWNER)
    accounts = BreakGlass(house.premises)
    await accounts.set_up()
    found = await accounts.look()
    for account in found.accounts:
        by_host = await house.resets.request(BY, account.user.user_name, WHY)
        assert isinstance(by_host, NotDone)
        assert by_host.reason.code == "resetNobody"
        assert error_of(await house.help_desk.request(owner.visitor, account.user.user_name, WHY)) == "resetNobody"
    assert len(found.accounts) == 2


async def test_a_reset_dies_with_the_person(house: House) -> None:
    ask, agree = await staff(house, "ask", "agree")
    await house.person("carol")
    code = await link_for(house, "carol", ask, agree)
    assert isinstance(await house.people.remove(BY, "carol"), Ended)
    again = await house.person("carol")
    stranger = Person(house, "carol")
    assert isinstance((await house.enrol.use(stranger.visitor, code)).step, NotFound)
    assert (await page(house, ask)).resets == ()
    await again.sign_in()


async def test_a_disabled_person_is_not_reset(house: House) -> None:
    ask, agree = await staff(house, "ask", "agree")
    await house.person("carol")
    code = await link_for(house, "carol", ask, agree)
    await house.people.disable(BY, "carol")
    stranger = Person(house, "carol")
    assert isinstance((await house.enrol.use(stranger.visitor, code)).step, NotFound)


async def test_of_two_at_once_one_is_asked_for_and_one_approval_counts(house: House) -> None:
    ask, agree = await staff(house, "ask", "agree")
    await house.person("carol")
    await ask.sign_in()
    answers = await asyncio.gather(*(house.help_desk.request(ask.visitor, "carol", WHY) for _ in range(8)))
    assert sum(error_free(answer) for answer in answers) == 1
    (row,) = (await page(house, ask)).resets
    await agree.sign_in()
    approvals = await asyncio.gather(*(house.help_desk.approve(agree.visitor, row.id) for _ in range(8)))
    assert sum(error_free(answer) for answer in approvals) == 1
    house.clock.advance(hours=5)
    await agree.sign_in()
    links = await asyncio.gather(*(house.help_desk.hand_out(agree.visitor, row.id) for _ in range(8)))
    codes = [link.step.url.rpartition("/")[2] for link in links if isinstance(link.step, ShowResetLink)]
    used = await asyncio.gather(*(house.enrol.use(Person(house, "carol").visitor, code) for code in codes))
    assert sum(isinstance(outcome.step, ChooseMethods) for outcome in used) == 1


async def test_everything_is_an_event(house: House) -> None:
    ask, agree = await staff(house, "ask", "agree")
    await house.person("carol")
    reset = await asked(house, ask, "carol")
    await house.help_desk.approve(ask.visitor, reset)
    await agree.sign_in()
    await house.help_desk.approve(agree.visitor, reset)
    await house.help_desk.cancel(agree.visitor, reset)
    leaves = await house.store.read(lambda reader: tail(reader, after=-1, limit=1_000))
    found = {leaf.code for leaf in leaves}
    for code in ("requested", "refused", "approved", "cancelled"):
        assert f"method-reset.{code}" in found

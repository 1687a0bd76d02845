"""The own pages by the real flows: sessions, devices, sign-ins, methods, and the offer of a passkey."""

from uuid import uuid4

import pytest

from assay.access.exchange import Allow
from assay.access.own_steps import DevicesPage, Home, OfferPasskey, SessionsPage, SignInsPage
from assay.access.passkey_offer import QUIET
from assay.access.steps import AskFirstFactor, AskSecondFactor, ChooseMethods, Enter, Outcome, PasskeyChallenge
from assay.access.visitor import Destination
from assay.events import EventQuery, search
from assay.events.records.search import content
from assay.events.sign_ins import SignInOutcome
from assay.governance.records import policies
from assay.messages.notice import Notice
from assay.messages.records import outbox
from assay.values import Reason
from tests.access.house import BY, House, Person
from tests.identities.authenticator import Authenticator
from tests.policy.build import BLOCK, RESISTANT, graph, one

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def elsewhere(of: Person) -> Person:
    """Another browser of the same person, or of somebody who knows all they know."""
    found = Person(of.house, of.user_name)
    found.totp_secret, found.recovery_codes = of.totp_secret, of.recovery_codes
    found.address, found.user_agent = "203.0.113.9", FIREFOX
    return found


async def sessions(of: Person) -> SessionsPage:
    step = (await of.house.own_sessions.page(of.visitor)).step
    assert isinstance(step, SessionsPage), step
    return step


async def devices(of: Person) -> DevicesPage:
    step = (await of.house.own_devices.page(of.visitor)).step
    assert isinstance(step, DevicesPage), step
    return step


async def sign_ins(of: Person, before: str = "") -> SignInsPage:
    step = (await of.house.own_sign_ins.page(of.visitor, before)).step
    assert isinstance(step, SignInsPage), step
    return step


async def home(of: Person) -> Home:
    found = await of.house.own_home.home(of.visitor)
    assert isinstance(found, Home), found
    return found


async def methods(of: Person) -> ChooseMethods:
    step = (await of.house.enrol.methods(of.visitor)).step
    assert isinstance(step, ChooseMethods), step
    return step


async def logged(house: House, code: str) -> list[tuple[str | None, dict[str, str]]]:
    """The events of this type, oldest first: the session they are about, and the parameters of their reason."""
    found = await house.store.read(lambda reader: search(reader, EventQuery(code=code)))
    said = [content(leaf) for leaf in reversed(found.events)]
    return [
        (each.session.uid if each.session else None, dict(each.unmapped.reason.parameters))
        for each in said
        if each is not None and each.unmapped.reason is not None
    ]


async def add_key(house: House, of: Person, name: str = "Key") -> Authenticator:
    key = Authenticator(origin=house.addresses.id_origin, rp_id=house.addresses.id_host)
    asked = await house.enrol.passkey_options(of.visitor)
    assert isinstance(asked, PasskeyChallenge)
    added = (await house.enrol.add_passkey(of.visitor, asked.handle, key.register(asked.options_json), name)).step
    assert isinstance(added, ChooseMethods)
    assert added.error is None
    return key


async def test_a_session_that_was_not_me_ends_at_once_and_everybody_can_know(house: House) -> None:
    wiki = await house.app("wiki")
    ada = await house.person("ada")
    await house.people.edit(BY, "ada", email="ada@example.com")
    await house.apps.assign(BY, "wiki", user="ada")
    await ada.sign_in()
    thief = elsewhere(ada)
    await thief.sign_in()
    assert isinstance(await thief.open(wiki), Allow)

    page = await sessions(ada)
    mine, theirs = page.sessions
    assert (mine.here, mine.address, mine.apps, mine.level) == (True, ada.address, (), "aal2")
    assert (theirs.here, theirs.address, theirs.apps, theirs.user_agent) == (False, thief.address, ("wiki",), FIREFOX)

    after = (await house.own_sessions.report(ada.visitor, theirs.id)).step
    assert isinstance(after, SessionsPage)
    assert after.reported
    assert [each.here for each in after.sessions] == [True]
    assert not isinstance(await thief.ask(wiki), Allow), "what the thief had open is not allowed any more"
    assert isinstance((await house.own_sessions.page(thief.visitor)).step, AskFirstFactor)
    assert await logged(house, "session.reported") == [(theirs.id, {"address": thief.address, "userAgent": FIREFOX})]
    assert [session for session, _ in await logged(house, "session.revoked")] == [theirs.id]
    waiting = await house.store.read(lambda reader: outbox.every(reader, limit=100))
    assert Notice.SESSION_REPORTED in [each.notice for each in waiting]
    again = (await house.own_sessions.report(ada.visitor, theirs.id)).step
    assert isinstance(again, SessionsPage)
    assert again.error == Reason.of("sessionOver")


async def test_somebody_elses_session_is_as_one_that_never_was(house: House) -> None:
    ada, ben = await house.person("ada"), await house.person("ben")
    await ada.sign_in()
    await ben.sign_in()
    answers = []
    for wanted in (await ben.session_id(), str(uuid4()), "", "x" * 64):
        step = (await house.own_sessions.report(ada.visitor, wanted)).step
        assert isinstance(step, SessionsPage)
        answers.append(step.error)
    assert answers == [Reason.of("sessionOver")] * 4
    assert isinstance((await house.own_sessions.page(ben.visitor)).step, SessionsPage)
    own = (await house.own_sessions.report(ada.visitor, await ada.session_id())).step
    assert isinstance(own, SessionsPage)
    assert own.error == Reason.of("sessionThisOne")
    assert await logged(house, "session.reported") == []


async def test_signing_out_everywhere_else_leaves_this_one_and_other_people(house: House) -> None:
    ada, ben = await house.person("ada"), await house.person("ben")
    others = [elsewhere(ada) for _ in range(3)]
    for person in (ben, *others, ada):
        await person.sign_in()
    step = (await house.own_sessions.end_others(ada.visitor)).step
    assert isinstance(step, SessionsPage)
    assert step.done == Reason.of("sessionsEnded", count="3")
    assert len(step.sessions) == 1
    for person in others:
        assert isinstance((await house.own_sessions.page(person.visitor)).step, AskFirstFactor)
    assert len((await sessions(ben)).sessions) == 1
    assert len(await logged(house, "session.revoked")) == 3


async def test_a_session_that_was_cut_ends_nobodys(house: House) -> None:
    """The thief's page is still open after the owner has ended that session."""
    ada = await house.person("ada")
    thief = elsewhere(ada)
    await ada.sign_in()
    await thief.sign_in()
    mine = await ada.session_id()
    (theirs,) = [each.id for each in (await sessions(ada)).sessions if not each.here]
    await house.own_sessions.report(ada.visitor, theirs)
    assert isinstance((await house.own_sessions.report(thief.visitor, mine)).step, AskFirstFactor)
    assert isinstance((await house.own_sessions.end_others(thief.visitor)).step, AskFirstFactor)
    assert isinstance((await house.own_devices.forget(thief.visitor, "x")).step, AskFirstFactor)
    assert isinstance((await house.enrol.remove(thief.visitor, "totp")).step, AskFirstFactor)
    assert len((await sessions(ada)).sessions) == 1


async def test_a_device_keeps_its_place_when_its_secret_is_renewed_and_is_a_strangers_once_forgotten(
    house: House,
) -> None:
    ada = await house.person("ada")
    await ada.sign_in()
    phone = elsewhere(ada)
    await phone.sign_in()
    first = {device.id: device for device in (await devices(ada)).devices}
    assert [device.here for device in first.values()] == [False, True], "the one used last comes first"
    assert {device.user_agent for device in first.values()} == {ada.user_agent, FIREFOX}

    house.clock.advance(days=2)
    secret = phone.device
    await phone.sign_in()
    assert phone.device != secret
    await ada.sign_in()
    second = {device.id: device for device in (await devices(ada)).devices}
    assert set(second) == set(first)
    (known,) = [device for device in second.values() if not device.here]
    assert known.first_used_at == first[known.id].first_used_at
    assert known.last_used_at > first[known.id].last_used_at

    step = (await house.own_devices.forget(ada.visitor, known.id)).step
    assert isinstance(step, DevicesPage)
    assert (step.done, [device.here for device in step.devices]) == (Reason.of("deviceForgotten"), [True])
    assert len(await logged(house, "device.forgotten")) == 1
    again = (await house.own_devices.forget(ada.visitor, known.id)).step
    assert isinstance(again, DevicesPage)
    assert again.error == Reason.of("deviceUnknown")
    await phone.sign_in()
    (renewed,) = [device for device in (await devices(ada)).devices if not device.here]
    assert renewed.id != known.id, "the same browser begins anew"


async def test_nobody_forgets_the_device_of_somebody_else(house: House) -> None:
    """Two people of one browser have a row each, under one secret."""
    ada, ben = await house.person("ada"), await house.person("ben")
    await ada.sign_in()
    ben.device = ada.device
    ada_only = (await devices(ada)).devices[0].id
    await ben.sign_in()
    for wanted in (ada_only, "", "0" * 32):
        step = (await house.own_devices.forget(ben.visitor, wanted)).step
        assert isinstance(step, DevicesPage)
        assert step.error == Reason.of("deviceUnknown")
    assert [device.id for device in (await devices(ada)).devices] == [ada_only]


async def test_sign_ins_are_in_words_and_a_page_at_a_time(house: House) -> None:
    await house.app("wiki")
    ada, ben = await house.person("ada"), await house.person("ben")
    await ben.sign_in()
    await house.apps.assign(BY, "wiki", user="ada")
    thief = elsewhere(ada)
    await thief.password("not the right password at all")
    wiki = await house.app("notes", assigned=["ada"])
    for _ in range(20):
        house.clock.advance(minutes=61)
        await ada.sign_in()
        await ada.open(wiki)
    found, before, pages = [], "", 0
    while True:
        page = await sign_ins(ada, before)
        assert page.first is not bool(before)
        found += page.sign_ins
        before, pages = page.older, pages + 1
        if not before:
            break
    assert pages == 3
    assert [each.at for each in found] == sorted((each.at for each in found), reverse=True)
    assert len({(each.at, each.result, each.short_code) for each in found}) == len(found)
    failed = found[-1]
    assert (failed.result, failed.reason, failed.address) == (
        SignInOutcome.FAILED,
        Reason.of("signInFailed"),
        thief.address,
    )
    assert "notes" in {each.app for each in found if each.result is SignInOutcome.ALLOW}
    await ben.sign_in()
    theirs = (await sign_ins(ada)).older
    assert (await sign_ins(ben, theirs)).sign_ins == (), "a place in somebody else's list is none"
    assert (await sign_ins(ben, str(uuid4()))).sign_ins == ()


async def test_a_tile_says_what_a_policy_would_ask_for(house: House) -> None:
    wiki, notes = await house.app("wiki"), await house.app("notes")
    ada = await house.person("ada")
    for app in ("wiki", "notes"):
        await house.apps.assign(BY, app, user="ada")
    await ada.sign_in()
    assert [(tile.name, tile.asks, tile.blocked) for tile in (await home(ada)).apps] == [
        ("notes", None, None),
        ("wiki", None, None),
    ]
    for asking, control in ((wiki, RESISTANT), (notes, BLOCK)):
        conditions = {"applications": {"includeApplications": [asking.id]}}
        published = one(graph(asking.name, conditions=conditions, grantControls=control))
        await house.store.write(
            lambda transaction, published=published: policies.put(transaction, published, house.clock.now())  # type: ignore[misc]
        )
    notes_tile, wiki_tile = (await home(ada)).apps
    assert wiki_tile.asks is not None
    assert wiki_tile.asks.code == "authenticationStrengthRequired"
    assert notes_tile.blocked is not None
    assert notes_tile.blocked.code == "blockedByPolicy"


async def test_own_methods_are_shown_and_removed_but_never_the_last_way_in(house: House) -> None:
    ada = await house.person("ada")
    await ada.sign_in()
    held = (await methods(ada)).held
    assert [each.kind for each in held] == ["password", "totp", "recoveryCodes"]
    assert all(each.since is not None for each in held)
    assert held[0].last_used_at == held[1].last_used_at or held[1].last_used_at is not None
    for method in ("password", "totp"):
        step = (await house.enrol.remove(ada.visitor, method)).step
        assert isinstance(step, ChooseMethods)
        assert step.error == Reason.of("methodLast")
    await add_key(house, ada)
    key = (await methods(ada)).passkeys[0]
    gone = (await house.enrol.remove(ada.visitor, "password")).step
    assert isinstance(gone, ChooseMethods)
    assert gone.error is None
    assert gone.password is None
    last = (await house.enrol.remove(ada.visitor, key.id)).step
    assert isinstance(last, ChooseMethods)
    assert last.error == Reason.of("methodLast")
    unknown = (await house.enrol.remove(ada.visitor, str(uuid4()))).step
    assert isinstance(unknown, ChooseMethods)
    assert unknown.error == Reason.of("methodGone")
    found = await house.store.read(lambda reader: search(reader, EventQuery(code="method.removed")))
    assert len(found.events) == 1


async def test_a_password_alone_removes_no_method(house: House) -> None:
    ada = await house.person("ada")
    await ada.sign_in()
    await add_key(house, ada)
    thief = elsewhere(ada)
    await thief.password()
    assert isinstance((await house.enrol.remove(thief.visitor, "totp")).step, AskSecondFactor)
    assert (await methods(ada)).totp is not None


async def test_a_passkey_is_offered_now_and_then_and_never_in_the_way(house: House) -> None:
    notes = await house.app("notes")
    ada = await house.person("ada")
    await house.apps.assign(BY, "notes", user="ada")
    there = Destination(app=notes.id, path="/", state="s" * 43)

    async def comes() -> Outcome:
        ada.keep(await house.sign_in.sign_out(ada.visitor))
        house.clock.advance(seconds=60)
        return await ada.password(destination=there)

    assert isinstance((await comes()).step, Enter), "who has just enrolled has seen it"
    assert (await home(ada)).offer_passkey
    house.clock.advance(days=QUIET.days + 1)
    assert (await comes()).step == OfferPasskey(app_name="notes")
    assert isinstance((await house.sign_in.start(ada.visitor, there)).step, Enter), "the way on is open"
    assert isinstance((await comes()).step, Enter), "once is enough"

    assert await house.own_home.put_off_passkey(ada.visitor) is None
    assert not (await home(ada)).offer_passkey
    house.clock.advance(days=QUIET.days - 1)
    assert isinstance((await comes()).step, Enter)
    house.clock.advance(days=2)
    assert (await comes()).step == OfferPasskey(app_name="notes")
    assert (await home(ada)).offer_passkey

    await ada.totp()
    await add_key(house, ada)
    assert not (await home(ada)).offer_passkey
    house.clock.advance(days=2 * QUIET.days)
    assert isinstance((await comes()).step, Enter)


@pytest.mark.parametrize("path", ["/sessions", "/devices", "/sign-ins"])
async def test_a_sign_in_returns_to_the_page_that_was_asked_for(house: House, path: str) -> None:
    ada = await house.person("ada")
    house.clock.advance(seconds=60)
    await ada.password(destination=Destination(path=path))
    assert (await ada.totp(destination=Destination(path=path))).step == Enter(location=path)

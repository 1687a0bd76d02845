"""Emergency access: two accounts that no policy touches, whose every use is an alarm and demands a review."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from assay.access.attempt import NotDone
from assay.access.break_glass import BreakGlass
from assay.access.enrolment_links import EnrolmentLink
from assay.access.exchange import Allow
from assay.access.roles import Roles
from assay.access.signals import Signals, read_everything
from assay.access.steps import AskFirstFactor, ChooseMethods, Enter, PasskeyChallenge, Refused
from assay.access.visitor import Destination
from assay.events import EventQuery, search
from assay.events.records.search import content
from assay.governance.break_glass import DRILL_EVERY, Purpose
from assay.messages.notice import Notice
from assay.messages.records import outbox
from assay.policy.targets import CONSOLE
from assay.values import InvalidInputError, NotFoundError
from tests.access.house import BY, House, Person
from tests.identities.authenticator import Authenticator


@pytest.fixture
def emergency(house: House) -> BreakGlass:
    return BreakGlass(house.premises)


@pytest.fixture
def key(house: House) -> Authenticator:
    return Authenticator(origin=house.addresses.id_origin, rp_id=house.addresses.id_host)


async def enrolled(house: House, emergency: BreakGlass, key: Authenticator, number: int = 1) -> Person:
    """The account with this key registered, signed out."""
    link = await emergency.enrol(BY, number)
    assert isinstance(link, EnrolmentLink)
    person = Person(house, f"break-glass-{number}")
    assert isinstance(
        person.keep(await house.enrol.use(person.visitor, link.url.rpartition("/")[2])).step, ChooseMethods
    )
    asked = await house.enrol.passkey_options(person.visitor)
    assert isinstance(asked, PasskeyChallenge)
    kept = (await house.enrol.add_passkey(person.visitor, asked.handle, key.register(asked.options_json), "Key")).step
    assert isinstance(kept, ChooseMethods)
    assert [key.name for key in kept.passkeys] == ["Key"]
    person.keep(await house.sign_in.sign_out(person.visitor))
    return person


async def sign_in(house: House, person: Person, key: Authenticator) -> object:
    asked = await house.sign_in.passkey_options(person.visitor)
    assert isinstance(asked, PasskeyChallenge)
    answer = key.sign_in(asked.options_json)
    outcome = await house.sign_in.with_passkey(person.visitor, Destination(), asked.handle, answer)
    return person.keep(outcome).step


async def codes(house: House, code: str) -> list[dict[str, object]]:
    page = await house.store.read(lambda reader: search(reader, EventQuery(code=code)))
    return [{"severity": said.severity_id} for leaf in page.events if (said := content(leaf)) is not None]


async def notices(house: House) -> list[tuple[str, str]]:
    found = await house.store.read(lambda reader: outbox.every(reader, limit=100))
    return [(each.recipient, each.notice) for each in found]


async def administrator(house: House, name: str) -> Person:
    person = await house.person(name)
    await house.people.edit(BY, name, email=f"{name}@example.net")
    await Roles(house.premises).assign(BY, "Global Administrator", user=name)
    return person


async def test_two_accounts_are_made_once_and_administer(house: House, emergency: BreakGlass) -> None:
    await emergency.set_up()
    await emergency.set_up()
    found = await emergency.look()
    assert [account.user.user_name for account in found.accounts] == ["break-glass-1", "break-glass-2"]
    assert [account.passkeys for account in found.accounts] == [0, 0]
    for account in found.accounts:
        subject = house.signals.subject(account.user.id)
        assert subject is not None
        assert subject.principal.break_glass
        assert subject.principal.roles


async def test_a_use_is_short_an_alarm_and_open_until_it_is_reviewed(
    house: House, emergency: BreakGlass, key: Authenticator
) -> None:
    await emergency.set_up()
    for name in ("ada", "bob"):
        await administrator(house, name)
    person = await enrolled(house, emergency, key)
    house.clock.advance(days=1)
    before = await notices(house)
    assert isinstance(await sign_in(house, person, key), Enter)

    assert await codes(house, "break-glass.used") == [{"severity": 4}, {"severity": 4}], "the enrolment and this"
    told = (await notices(house))[len(before) :]
    assert sorted(told) == [(f"{name}@example.net", Notice.BREAK_GLASS_USED) for name in ("ada", "bob")]

    found = await emergency.look()
    (use,) = found.open_reviews
    assert use.purpose is Purpose.EMERGENCY
    assert found.accounts[0].rotation_due, "the key that was used is still there"

    house.clock.advance(minutes=59)
    session = await house.sign_in.session(person.visitor)
    assert session is not None
    assert session.ends_at - session.started_at == timedelta(hours=1)
    house.clock.advance(minutes=1)
    assert await house.sign_in.session(person.visitor) is None

    with pytest.raises(InvalidInputError):
        await emergency.review(BY, use.id, reviewer=" ", finding="nothing")
    with pytest.raises(NotFoundError):
        await emergency.review(BY, "nothing", reviewer="ada", finding="nothing")
    reviewed = await emergency.review(BY, use.id, reviewer="ada", finding="the identity provider's policies were wrong")
    assert not isinstance(reviewed, NotDone)
    again = await emergency.review(BY, use.id, reviewer="bob", finding="another story")
    assert isinstance(again, NotDone)
    assert (await emergency.look()).open_reviews == ()

    link = await emergency.enrol(BY, 1, replace=True)
    assert isinstance(link, EnrolmentLink)
    state = (await emergency.look()).accounts[0]
    assert (state.passkeys, state.rotation_due) == (0, False)
    assert isinstance(await sign_in(house, person, key), AskFirstFactor), "the old key opens nothing"


async def test_a_session_that_began_by_a_link_is_a_use_once_a_key_opens_more(
    house: House, emergency: BreakGlass, key: Authenticator
) -> None:
    await emergency.set_up()
    link = await emergency.enrol(BY, 1)
    assert isinstance(link, EnrolmentLink)
    person = Person(house, "break-glass-1")
    person.keep(await house.enrol.use(person.visitor, link.url.rpartition("/")[2]))
    asked = await house.enrol.passkey_options(person.visitor)
    assert isinstance(asked, PasskeyChallenge)
    await house.enrol.add_passkey(person.visitor, asked.handle, key.register(asked.options_json), "Key")
    assert (await emergency.look()).open_reviews == (), "an enrolment"
    assert isinstance(await sign_in(house, person, key), Enter)
    assert isinstance(await person.open(house.signals.apps[CONSOLE]), Allow)
    (use,) = (await emergency.look()).open_reviews
    assert use.session_id == await person.session_id()
    await sign_in(house, person, key)
    assert len((await emergency.look()).open_reviews) == 1, "one session, one use"


async def test_a_drill_is_announced_counts_and_is_due_again(
    house: House, emergency: BreakGlass, key: Authenticator
) -> None:
    await emergency.set_up()
    person = await enrolled(house, emergency, key)
    assert not (await emergency.look()).accounts[0].drill_due
    house.clock.advance(days=DRILL_EVERY.days)
    assert (await emergency.look()).accounts[0].drill_due
    await emergency.drill(BY)
    assert isinstance(await sign_in(house, person, key), Enter)
    found = await emergency.look()
    assert not found.accounts[0].drill_due
    assert found.open_reviews == ()
    assert not found.accounts[0].rotation_due
    assert len(await codes(house, "break-glass.drilled")) == 1
    house.clock.advance(minutes=31)
    person.keep(await house.sign_in.sign_out(person.visitor))
    await sign_in(house, person, key)
    assert len((await emergency.look()).open_reviews) == 1, "the drill is over"


async def test_nobody_disables_removes_renames_resets_or_demotes_them(house: House, emergency: BreakGlass) -> None:
    await emergency.set_up()
    await administrator(house, "ada")
    for refused in (
        await house.people.disable(BY, "break-glass-1"),
        await house.people.remove(BY, "break-glass-1"),
        await house.people.edit(BY, "break-glass-1", user_name="mine"),
        await house.people.enrol(BY, "break-glass-1", recover=True),
        await Roles(house.premises).remove(BY, "Global Administrator", user="break-glass-1"),
    ):
        assert isinstance(refused, NotDone)
        assert refused.reason.code == "breakGlassAccount"


async def test_they_are_no_reason_to_have_no_other_administrator(house: House, emergency: BreakGlass) -> None:
    await emergency.set_up()
    await administrator(house, "ada")
    refused = await house.people.disable(BY, "ada")
    assert isinstance(refused, NotDone)
    assert refused.reason.code == "lastAdministrator"


async def test_they_register_passkeys_only(house: House, emergency: BreakGlass) -> None:
    await emergency.set_up()
    link = await emergency.enrol(BY, 2)
    assert isinstance(link, EnrolmentLink)
    person = Person(house, "break-glass-2")
    person.keep(await house.enrol.use(person.visitor, link.url.rpartition("/")[2]))
    for outcome in (
        await house.enrol.set_password(person.visitor, "four unusual words indeed"),
        await house.enrol.begin_totp(person.visitor),
        await house.enrol.recovery_codes(person.visitor),
    ):
        assert isinstance(outcome.step, ChooseMethods)
        assert outcome.step.error is not None
        assert outcome.step.error.code == "breakGlassPasskeyOnly"
        assert not any((outcome.step.password, outcome.step.totp, outcome.step.recovery_codes))


async def test_guessing_does_not_lock_them_out(house: House, emergency: BreakGlass, key: Authenticator) -> None:
    await emergency.set_up()
    person = await enrolled(house, emergency, key)
    stranger = Person(house, "break-glass-1")
    stranger.address = "203.0.113.66"
    for number in range(150):
        await stranger.password(f"guess number {number} of many")
    assert isinstance(await sign_in(house, person, key), Enter)


async def test_they_get_in_where_the_policies_cannot_be_read_and_nobody_else_does(
    house: House, emergency: BreakGlass, key: Authenticator
) -> None:
    await emergency.set_up()
    ada = await administrator(house, "ada")
    person = await enrolled(house, emergency, key)
    # What a failing disk leaves behind: no flow writes it.
    await house.store.write(
        lambda transaction: transaction.connection.execute(
            text("INSERT INTO policy (id, display_name, version, definition, modified_at) VALUES ('x', 'x', 1, '{', 0)")
        )
    )
    broken = Signals()
    await broken.start(house.store)
    assert broken.compiled.unreadable
    house.signals.apply(await house.store.read(read_everything))
    assert isinstance(await sign_in(house, person, key), Enter)
    house.clock.advance(seconds=60)
    await ada.password()
    assert isinstance((await ada.totp()).step, Refused)

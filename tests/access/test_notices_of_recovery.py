"""Who is told when an account is recovered: a message waits in the outbox for every step of it."""

from assay.access.enrolment_links import EnrolmentLink
from assay.access.steps import ChooseMethods, Enter
from assay.access.visitor import Destination
from assay.messages.notice import Notice
from assay.messages.records import outbox
from tests.access.house import BY, House, Person
from tests.access.test_resets import asked, link_for, renew, renewing, staff


async def carol(house: House) -> Person:
    """Somebody with a mail address, on a device that is known."""
    person = await house.person("carol")
    await person.sign_in()
    await house.people.edit(BY, "carol", email="carol@example.com")
    return person


async def told(house: House) -> list[Notice]:
    """What waits for carol, oldest first."""
    waiting = await house.store.read(lambda reader: outbox.every(reader, limit=100))
    return [each.notice for each in sorted(waiting, key=lambda each: each.number) if each.name == "carol"]


async def test_each_step_of_a_reset_by_two_people_is_told_in_words_of_its_own(house: House) -> None:
    ask, agree = await staff(house, "ask", "agree")
    await carol(house)
    browser = await renewing(house, "carol", await link_for(house, "carol", ask, agree))
    assert await told(house) == [Notice.RECOVERY_REQUESTED, Notice.RECOVERY_APPROVED, Notice.RECOVERY_LINK_USED]
    await renew(house, browser)
    assert (await told(house))[-1] is Notice.RECOVERY_COMPLETED


async def test_who_only_asks_is_told_of_too(house: House) -> None:
    (ask,) = await staff(house, "ask")
    await carol(house)
    await asked(house, ask, "carol")
    assert await told(house) == [Notice.RECOVERY_REQUESTED]


async def test_an_administrators_link_is_told_when_it_is_made_and_used(house: House) -> None:
    await carol(house)
    welcome = await house.people.enrol(BY, "carol", recover=True)
    assert isinstance(welcome.link, EnrolmentLink)
    assert await told(house) == [Notice.RECOVERY_REQUESTED]
    browser = Person(house, "carol")
    used = await house.enrol.use(browser.visitor, welcome.link.url.rpartition("/")[2])
    assert isinstance(used.step, ChooseMethods)
    assert await told(house) == [Notice.RECOVERY_REQUESTED, Notice.RECOVERY_LINK_USED]


async def test_the_use_of_a_recovery_code_is_told_once(house: House) -> None:
    person = await carol(house)
    house.clock.advance(seconds=60)
    await person.password()
    for _ in range(2):
        tried = await house.sign_in.with_recovery_code(person.visitor, Destination(), person.recovery_codes[0])
        person.keep(tried)
    assert (await told(house)).count(Notice.RECOVERY_CODE_USED) == 1


async def test_a_browser_that_is_new_to_the_person_is_told_of_and_a_known_one_is_not(house: House) -> None:
    person = await carol(house)
    await person.sign_in()
    assert await told(house) == []
    house.clock.advance(hours=24 * 40)
    await person.sign_in()
    assert await told(house) == [], "a new secret for a known device is no new device"
    elsewhere = Person(house, "carol")
    elsewhere.totp_secret = person.totp_secret
    house.clock.advance(seconds=60)
    await elsewhere.password()
    assert await told(house) == [], "a password alone makes no device known"
    assert isinstance(elsewhere.keep(await elsewhere.totp()).step, Enter)
    assert await told(house) == [Notice.NEW_DEVICE]

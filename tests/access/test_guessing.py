"""Guessing through the flows: what is not looked at, whom that never stops, and that it holds in parallel."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import msgspec
import pytest
from msgspec.structs import replace

from assay.access.own_steps import DevicesPage
from assay.access.people import Welcome
from assay.access.steps import AskFirstFactor, Enter, Outcome, PasskeyChallenge
from assay.access.visitor import Destination, Visitor
from assay.events import EventQuery, search
from assay.events.envelope import Envelope
from assay.events.records.search import content
from assay.identities.guessing import DAY, MOST_CONSECUTIVE, OF_NAMES, OF_SOURCES, GuessingLimits, Schedule
from assay.identities.hashing import PasswordHashing
from assay.identities.records import known_devices
from assay.identities.records.guessing import guess_counters
from assay.messages.notice import Notice
from assay.messages.records import outbox
from assay.store import Store
from tests.access.house import BY, CHROME, NOW, PASSWORD, HandClock, House, Person
from tests.identities.authenticator import Authenticator

WRONG = "not the right password at all"
# How many there are by default has tests of its own; what follows is about whom the lock meets, with fewer.
LOCK = 20
SOON = GuessingLimits(
    source_ceremonies=Schedule(free=100, first=timedelta(seconds=1), longest=timedelta(minutes=1)),
    log_windows=50,
    **{
        name: msgspec.structs.replace(getattr(GuessingLimits(), name), lock=LOCK)
        for name in ("stranger_password", "stranger_code", "known_password", "known_code")
    },
)


@pytest.fixture
async def house(sqlite_store: Store) -> AsyncIterator[House]:
    """A company that locks after fewer failures than by default."""
    built = House(sqlite_store, HandClock(NOW), limits=SOON)
    await built.start()
    yield built
    built.hashing.close()


@pytest.fixture
async def crossed(sqlite_store: Store) -> AsyncIterator[House]:
    """A company with the service's hashing, during which requests cross."""
    built = House(sqlite_store, HandClock(NOW), limits=SOON, hashing=PasswordHashing(2))
    await built.start()
    yield built
    built.hashing.close()


@pytest.fixture
async def patient(sqlite_store: Store) -> AsyncIterator[House]:
    """A company with the default limits."""
    built = House(sqlite_store, HandClock(NOW))
    await built.start()
    yield built
    built.hashing.close()


def stranger(address: str = "198.51.100.7", *, cookie: str = "", device: str = "") -> Visitor:
    return Visitor(cookie=cookie, address=address, port=40_000, user_agent=CHROME, device=device)


async def guess(house: House, name: str, visitor: Visitor | None = None, password: str = WRONG) -> Outcome:
    return await house.sign_in.with_password(visitor or stranger(), Destination(), name, password)


async def guess_patiently(house: House, name: str, times: int, *, addresses: int = 1) -> None:
    """This many wrong passwords that are looked at, each as soon as it is."""
    for number in range(times):
        visitor = stranger(f"198.51.100.{number % addresses}")
        while (tried := await guess(house, name, visitor)).retry_after:
            house.clock.advance(seconds=tried.retry_after)
        assert tried.retry_after is None, f"guess {number}: {error_of(tried)}"


def error_of(outcome: Outcome) -> str:
    assert isinstance(outcome.step, AskFirstFactor), outcome
    return outcome.step.error.code if outcome.step.error else ""


async def events(house: House, code: str) -> list[Envelope]:
    found = await house.store.read(lambda reader: search(reader, EventQuery(code=code, limit=1_000)))
    return [event for leaf in found.events if (event := content(leaf)) is not None]


async def failures(house: House) -> int:
    """How many attempts were looked at and failed, as the log tells it once its windows are over."""
    house.clock.advance(hours=1)
    await house.guessing.sweep()
    told = await events(house, "sign-in.failed")
    reasons = [event.unmapped.reason for event in told]
    return sum(int(dict(reason.parameters).get("more", "1")) for reason in reasons if reason is not None)


async def passkey_of(house: House, person: Person) -> Authenticator:
    authenticator = Authenticator(origin=house.addresses.id_origin, rp_id=house.addresses.id_host)
    await person.sign_in()
    asked = await house.enrol.passkey_options(person.visitor)
    assert isinstance(asked, PasskeyChallenge)
    answer = authenticator.register(asked.options_json)
    await house.enrol.add_passkey(person.visitor, asked.handle, answer, "Key")
    person.keep(await house.sign_in.sign_out(person.visitor))
    return authenticator


@pytest.mark.slow
async def test_a_hundred_guesses_lock_strangers_out_and_never_the_person(patient: House) -> None:
    alice = await patient.person("alice")
    authenticator = await passkey_of(patient, alice)
    assert alice.device, "her browser is known, also after she signed out"
    at_work = stranger("203.0.113.5")
    await guess_patiently(patient, "alice", MOST_CONSECUTIVE, addresses=50)

    refused = await guess(patient, "alice", at_work, PASSWORD)
    assert error_of(refused) == "methodLocked", "even with the right password, on a device that is new to us"
    assert refused.retry_after == 0
    assert len(await events(patient, "method.locked")) == 1

    asked = await patient.sign_in.passkey_options(at_work)
    assert isinstance(asked, PasskeyChallenge)
    answer = authenticator.sign_in(asked.options_json)
    by_key = await patient.sign_in.with_passkey(at_work, Destination(), asked.handle, answer)
    assert isinstance(by_key.step, Enter), "a passkey is never locked by passwords"

    assert isinstance((await alice.password()).step, Enter), "her own device is not a stranger's"
    assert len(await events(patient, "method.unlocked")) == 1
    patient.clock.advance(minutes=15)
    assert isinstance((await guess(patient, "alice", at_work, PASSWORD)).step, Enter)


@pytest.mark.slow
async def test_strangers_stay_at_the_slowest_pace_after_the_person_signed_in(house: House) -> None:
    alice = await house.person("alice")
    await alice.sign_in()
    await guess_patiently(house, "alice", LOCK)
    await alice.password()
    house.clock.advance(minutes=15)
    assert (await guess(house, "alice")).retry_after is None
    assert (await guess(house, "alice")).retry_after == 15 * 60


@pytest.mark.slow
async def test_an_administrator_unlocks(house: House) -> None:
    await house.person("alice")
    await guess_patiently(house, "alice", LOCK)
    assert error_of(await guess(house, "alice", password=PASSWORD)) == "methodLocked"
    unlocked = await house.people.unlock(BY, "alice")
    assert [method.value for method in unlocked.methods] == ["password"]
    assert isinstance((await guess(house, "alice", password=PASSWORD)).step, Enter)
    assert (await house.people.unlock(BY, "alice")).methods == ()


@pytest.mark.slow
async def test_recovery_unlocks_and_forgets_every_device(house: House) -> None:
    alice = await house.person("alice")
    await alice.sign_in()
    alice.keep(await house.sign_in.sign_out(alice.visitor))
    await guess_patiently(house, "alice", LOCK)
    welcome = await house.people.enrol(BY, "alice", recover=True)
    assert isinstance(welcome, Welcome)
    await house.enrol.use(stranger("192.0.2.77"), welcome.link.url.rpartition("/")[2])
    assert len(await events(house, "method.unlocked")) == 1
    assert isinstance((await guess(house, "alice", stranger("192.0.2.78"), PASSWORD)).step, Enter)
    await guess_patiently(house, "alice", LOCK)
    assert error_of(await alice.password()) == "methodLocked", "the device that was known may be the one that was lost"


@pytest.mark.slow
async def test_a_name_that_nobody_has_is_answered_the_same_and_not_kept(house: House) -> None:
    await house.person("alice")
    clock = house.clock.at
    answers: dict[str, list[tuple[str, int | None]]] = {}
    for name in ("alice", "nobody", "Correct-Horse-42!"):
        house.clock.at = clock
        answers[name] = []
        for number in range(LOCK + 5):
            tried = await guess(house, name, stranger(f"198.51.100.{number}"))
            answers[name].append((error_of(tried), tried.retry_after))
            house.clock.advance(seconds=900)
    assert answers["alice"] == answers["nobody"] == answers["Correct-Horse-42!"]
    assert answers["alice"][-1] == ("methodLocked", 0)
    rows = await house.store.read(lambda reader: reader.connection.execute(guess_counters.select()).all())
    assert not any(b"orse" in bytes(row.key) or b"lice" in bytes(row.key) for row in rows)


async def test_the_person_is_told_once_a_day_that_somebody_tries(house: House) -> None:
    await house.person("alice")
    await house.people.edit(BY, "alice", email="alice@example.com")

    async def told() -> int:
        waiting = await house.store.read(lambda reader: outbox.every(reader, limit=100))
        return sum(message.notice is Notice.SIGN_IN_THROTTLED for message in waiting)

    before = house.clock.at
    await guess_patiently(house, "alice", house.guessing.limits.notice_from - 1)
    assert await told() == 0, "nobody needs to hear of a few slips"
    await guess_patiently(house, "alice", 6)
    assert await told() == 1
    house.clock.at = before + DAY + DAY / 2
    await guess_patiently(house, "alice", 2)
    assert await told() == 2


async def test_of_many_at_once_no_more_are_looked_at_than_one_after_the_other(crossed: House) -> None:
    house = crossed
    await house.person("alice")
    tried = await asyncio.gather(*(guess(house, "alice", stranger(f"198.51.100.{n}")) for n in range(60)))
    looked_at = [outcome for outcome in tried if outcome.retry_after is None]
    assert len(looked_at) == 6, "five cost nothing, and the sixth makes the others wait"
    assert await failures(house) == 6


async def test_codes_are_not_guessed_in_parallel_either(crossed: House) -> None:
    house = crossed
    alice = await house.person("alice")
    house.clock.advance(minutes=5)
    thief = stranger(cookie=(await guess(house, "alice", password=PASSWORD)).cookie or "")
    assert thief.cookie
    tried = await asyncio.gather(
        *(house.sign_in.with_totp(thief, Destination(), f"{number:06d}") for number in range(300))
    )
    assert sum(outcome.retry_after is None for outcome in tried) <= 6
    assert max(outcome.retry_after or 0 for outcome in tried) == 60
    right = await house.sign_in.with_totp(thief, Destination(), alice.code())
    assert right.cookie is None, "the right code is not looked at either"


@pytest.mark.slow
async def test_codes_have_a_hundred_guesses_in_all(patient: House) -> None:
    alice = await patient.person("alice")
    patient.clock.advance(minutes=5)
    looked_at = 0
    for _ in range(130):
        thief = stranger(cookie=(await guess(patient, "alice", password=PASSWORD)).cookie or "")
        tried = await patient.sign_in.with_totp(thief, Destination(), "000000")
        looked_at += tried.retry_after is None
        patient.clock.advance(days=1)
    assert looked_at == MOST_CONSECUTIVE
    assert isinstance((await alice.password()).step, Enter)
    assert (await alice.totp()).cookie is None, "nor is the right one, until somebody unlocks"
    await patient.people.unlock(BY, "alice")
    assert (await alice.totp()).cookie


async def test_who_has_only_the_password_gets_no_device_of_their_own(house: House) -> None:
    """Else each of their browsers had a hundred guesses at the code."""
    alice = await house.person("alice")
    entered = await guess(house, "alice", password=PASSWORD)
    assert entered.cookie
    assert entered.device is None
    house.clock.advance(minutes=5)
    await alice.password()
    proved = await alice.totp()
    assert proved.device


@pytest.mark.slow
async def test_a_device_is_known_for_each_of_its_people_and_for_nobody_else(house: House) -> None:
    alice, bob = await house.person("alice"), await house.person("bob")
    await alice.sign_in()
    alice.keep(await house.sign_in.sign_out(alice.visitor))
    bob.device = alice.device
    await bob.sign_in()
    assert bob.device != alice.device, "what was in the browser before is worth nothing for somebody new"
    alice.device = bob.device
    await guess_patiently(house, "alice", LOCK)
    await guess_patiently(house, "bob", LOCK)
    assert isinstance((await alice.password()).step, Enter)
    assert isinstance((await bob.password()).step, Enter)


@pytest.mark.slow
@pytest.mark.parametrize("device", ["A" * 43, "x", "A" * 5_000, "é" * 43], ids=["random", "short", "long", "foreign"])
async def test_a_made_up_device_is_a_strangers(house: House, device: str) -> None:
    alice = await house.person("alice")
    await alice.sign_in()
    await guess_patiently(house, "alice", LOCK)
    assert error_of(await guess(house, "alice", stranger(device=device), PASSWORD)) == "methodLocked"


@pytest.mark.slow
async def test_the_device_of_one_person_is_a_strangers_for_another(house: House) -> None:
    alice, mallory = await house.person("alice"), await house.person("mallory")
    await alice.sign_in()
    await mallory.sign_in()
    await guess_patiently(house, "alice", LOCK)
    assert error_of(await guess(house, "alice", mallory.visitor, PASSWORD)) == "methodLocked"


@pytest.mark.slow
async def test_a_copied_device_stops_being_known_when_its_owner_comes_back(house: House) -> None:
    alice = await house.person("alice")
    await alice.sign_in()
    copied = alice.device
    await alice.sign_in()
    assert alice.device == copied, "young enough to stay"
    house.clock.advance(days=1)
    await alice.sign_in()
    assert alice.device != copied
    house.clock.advance(minutes=2)
    await guess_patiently(house, "alice", LOCK)
    assert error_of(await guess(house, "alice", stranger(device=copied), PASSWORD)) == "methodLocked"


OF_SIX = replace(
    GuessingLimits(),
    known_password=replace(GuessingLimits().known_password, lock=6),
    stranger_password=replace(GuessingLimits().stranger_password, lock=6),
    devices_of_one=2,
)


async def test_nobody_else_renews_the_device_of_a_person_and_what_is_counted_for_it(sqlite_store: Store) -> None:
    """Else whoever shares a browser, or has a copy of its cookie, begins the count anew with each own sign-in."""
    house = House(sqlite_store, HandClock(NOW), limits=OF_SIX)
    await house.start()
    alice, mallory = await house.person("alice"), await house.person("mallory")
    await alice.sign_in()
    hers = alice.device
    alice.keep(await house.sign_in.sign_out(alice.visitor))
    mallory.device = hers

    async def begin_anew() -> None:
        await mallory.sign_in()
        page = (await house.own_devices.page(mallory.visitor)).step
        assert isinstance(page, DevicesPage)
        here = [device.id for device in page.devices if device.here]
        assert len(here) == 1
        await house.own_devices.forget(mallory.visitor, here[0])

    for _ in range(3):
        await begin_anew()
        for _ in range(2):
            assert (await guess(house, "alice", stranger(device=mallory.device))).retry_after is None
    locked = await events(house, "method.locked")
    assert [b"thisKnownDevice" in bytes(event.unmapped.after) for event in locked] == [True], "six of six were counted"
    # It is a stranger's now, and each of its secrets with it.
    await guess_patiently(house, "alice", OF_SIX.stranger_password.lock or 0)
    for secret in (hers, mallory.device):
        assert error_of(await guess(house, "alice", stranger(device=secret), PASSWORD)) == "methodLocked"
    house.hashing.close()


async def test_the_own_browser_stays_known_whoever_signs_in_with_a_copy_of_its_cookie(sqlite_store: Store) -> None:
    house = House(sqlite_store, HandClock(NOW), limits=OF_SIX)
    await house.start()
    alice, mallory = await house.person("alice"), await house.person("mallory")
    await alice.sign_in()
    first = alice.device
    for _ in range(4):
        mallory.device = first
        await mallory.sign_in()
        assert mallory.device != first
    shared = mallory.device

    async def known(secret: str) -> bool:
        at = house.clock.now()
        user = await alice.user_id()
        found = await house.store.read(lambda reader: known_devices.of(reader, secret, user, at))
        return found is not None

    house.clock.advance(minutes=30)
    assert await known(first), "what somebody else's sign-in made ends nothing of hers"
    assert await known(shared), "a browser that two people use knows both"
    page = (await house.own_devices.page(alice.visitor)).step
    assert isinstance(page, DevicesPage)
    assert [device.here for device in page.devices] == [True]
    rows = await house.store.read(lambda reader: reader.connection.execute(known_devices.known_devices.select()).all())
    assert len(rows) < 12, "and makes no more rows each time"

    house.clock.advance(days=1)
    await alice.sign_in()
    assert alice.device != first
    house.clock.advance(minutes=2)
    assert await known(alice.device)
    for ended in (first, shared):
        assert not await known(ended), "her own sign-in ends every other secret of this device"
    house.hashing.close()


@pytest.mark.slow
async def test_a_device_that_was_not_used_for_a_season_is_a_strangers(house: House) -> None:
    alice = await house.person("alice")
    await alice.sign_in()
    house.clock.advance(days=91)
    await house.guessing.sweep()
    await guess_patiently(house, "alice", LOCK)
    assert error_of(await guess(house, "alice", alice.visitor, PASSWORD)) == "methodLocked"


@pytest.mark.slow
async def test_a_known_device_has_as_many_failures_and_then_is_a_strangers(house: House) -> None:
    alice = await house.person("alice")
    await alice.sign_in()
    for _ in range(LOCK):
        house.clock.advance(minutes=5)
        assert (await guess(house, "alice", stranger(device=alice.device))).retry_after is None
    house.clock.advance(minutes=5)
    assert error_of(await guess(house, "alice", alice.visitor)) == "signInFailed"
    locked = await events(house, "method.locked")
    assert len(locked) == 1
    assert b"thisKnownDevice" in bytes(locked[0].unmapped.after)


@pytest.mark.slow
async def test_one_source_cannot_try_one_password_at_everybody(house: House) -> None:
    alice = await house.person("alice")
    await alice.sign_in()
    spray = stranger("2001:db8:1:2::77")
    looked_at = 0
    for number in range(200):
        tried = await guess(house, f"person{number}", stranger(f"2001:db8:1:2::{number:x}"))
        looked_at += tried.retry_after is None
    assert looked_at == 31
    refused = await guess(house, "alice", spray, PASSWORD)
    assert refused.retry_after == 60
    at_the_same_address = Visitor(**{**_fields(alice.visitor), "address": spray.address})
    assert isinstance((await guess(house, "alice", at_the_same_address, PASSWORD)).step, Enter)


def _fields(visitor: Visitor) -> dict[str, object]:
    return {field: getattr(visitor, field) for field in visitor.__struct_fields__}


@pytest.mark.slow
async def test_an_office_that_signs_in_is_not_blamed(house: House) -> None:
    people = [await house.person(f"person{number}") for number in range(4)]
    for _ in range(30):
        house.clock.advance(seconds=1)
        for person in people:
            assert isinstance((await guess(house, person.user_name, stranger(), PASSWORD)).step, Enter)


async def test_garbage_for_passkeys_is_limited_and_does_not_fill_the_log(house: House) -> None:
    statuses = []
    for _ in range(150):
        outcome = await house.sign_in.with_passkey(stranger(), Destination(), "00", b"{}")
        statuses.append(outcome.retry_after)
    assert statuses.count(None) == 101
    assert len(await events(house, "sign-in.failed")) == 1
    assert len(await events(house, "sign-in.throttled")) == 1
    assert not isinstance(await house.sign_in.passkey_options(stranger()), PasskeyChallenge)
    assert isinstance(await house.sign_in.passkey_options(stranger("192.0.2.99")), PasskeyChallenge)
    assert await failures(house) == 101


async def test_strangers_with_many_addresses_do_not_fill_the_log(house: House) -> None:
    before = len(await events(house, "sign-in."))
    for number in range(90):
        await house.sign_in.with_passkey(stranger(f"2001:db8:0:{number:x}::1"), Destination(), "00", b"{}")
    assert len(await events(house, "sign-in.")) - before <= house.guessing.limits.log_windows + 1
    assert await failures(house) == 90


async def test_what_is_over_is_forgotten(house: House) -> None:
    for number in range(40):
        await guess(house, f"person{number}", stranger(f"192.0.2.{number}"))
    house.clock.at += 31 * DAY
    await house.guessing.sweep()
    rows = await house.store.read(lambda reader: reader.connection.execute(guess_counters.select()).all())
    assert rows == []


async def test_a_restart_forgets_nothing(store: Store) -> None:
    """And so does another process: what is counted is in the database, on SQLite and on PostgreSQL."""
    first = House(store, HandClock(NOW))
    await first.start()
    alice = await first.person("alice")
    await alice.sign_in()
    await guess_patiently(first, "alice", 8)
    second = House(store, first.clock)
    second.derivation, second.keyring = first.derivation, first.keyring
    await second.start()
    assert (await guess(second, "alice")).retry_after == 4
    assert (await guess(second, "alice", alice.visitor, PASSWORD)).retry_after is None
    for house in (first, second):
        house.hashing.close()


async def strangers_rows(house: House, begins: bytes) -> int:
    rows = await house.store.read(lambda reader: reader.connection.execute(guess_counters.select()).all())
    return sum(bytes(row.key).startswith(begins) for row in rows)


FEW = msgspec.structs.replace(SOON, source_rows=60, name_rows=40, rows_unlooked=12)


async def test_strangers_with_many_addresses_and_names_do_not_fill_the_table(store: Store) -> None:
    house = House(store, HandClock(NOW), limits=FEW)
    await house.start()
    alice = await house.person("alice")
    await alice.sign_in()
    await house.person("bob")
    await guess_patiently(house, "alice", LOCK, addresses=5)
    await guess_patiently(house, "bob", 8, addresses=2)
    await guess_patiently(house, "nobody", 8, addresses=2)
    assert error_of(await guess(house, "alice")) == "methodLocked"
    for number in range(120):
        await guess(house, f"made-up-{number}", stranger(f"2001:db8:0:{number:x}::1"))
        assert await strangers_rows(house, OF_SOURCES) < FEW.source_rows + FEW.rows_unlooked + 3
        assert await strangers_rows(house, OF_NAMES) < FEW.name_rows + FEW.rows_unlooked + 3
    # What protects people is there, and so is what makes a name that nobody has look like theirs.
    assert error_of(await guess(house, "alice")) == "methodLocked"
    assert (await guess(house, "bob", stranger("192.0.2.50"))).retry_after == 1
    assert (await guess(house, "nobody", stranger("192.0.2.51"))).retry_after == 4
    assert (await guess(house, "alice", alice.visitor, PASSWORD)).retry_after is None
    house.hashing.close()


async def test_who_floods_with_other_addresses_does_not_wipe_the_count_of_the_first(house: House) -> None:
    few = House(house.store, house.clock, limits=FEW)
    few.derivation, few.keyring = house.derivation, house.keyring
    await few.start()
    spraying = stranger("203.0.113.5")
    for number in range(32):
        await guess(few, f"person{number}", spraying)
    waiting = (await guess(few, "another", spraying)).retry_after
    assert waiting
    for number in range(60):
        await guess(few, "somebody", stranger(f"2001:db8:0:{number:x}::1"))
    assert (await guess(few, "another", spraying)).retry_after == waiting
    few.hashing.close()

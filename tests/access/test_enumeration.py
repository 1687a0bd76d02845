"""Nobody learns from an answer or its time who has an account: bodies, headers and 2,000 interleaved pairs.

A pair is asked in random order, so that whatever else the machine does falls on both. Two samples of one distribution
give p < 0.01 once in a hundred, so a difference counts when a second measurement finds it too (once in ten thousand); a
planted millisecond is found by both.
"""

import asyncio
import random
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from itertools import cycle

import httpx
import pytest

from assay.access.people import Welcome
from assay.access.steps import NotFound
from assay.access.visitor import Visitor
from assay.identities.guessing import MOST_CONSECUTIVE
from assay.identities.hashing import PasswordHashing
from assay.pages import PagesSettings, create_pages
from assay.sessions.secret import SECRET_LENGTH
from assay.store import Store, Transaction
from tests.access.house import BY, NOW, HandClock, House
from tests.mann_whitney import p_value

PAIRS = 2_000
KINDS = ("enabled", "disabled", "without-password")
PEOPLE = 40  # of each kind: no name is tried so often that it is made to wait
WRONG = "not the right password at all"
SIGNIFICANT = 0.01
Ask = Callable[[str, str], Awaitable[httpx.Response]]


@pytest.fixture
async def house(sqlite_store: Store) -> AsyncIterator[House]:
    """A house with the service's hashing: its time is the point here."""
    opened = House(sqlite_store, HandClock(NOW), hashing=PasswordHashing(2))
    await opened.start()
    yield opened
    opened.hashing.close()


@pytest.fixture
async def client(house: House) -> AsyncIterator[httpx.AsyncClient]:
    """A browser's requests to the pages with the real flows behind them."""
    pages = create_pages(
        sign_in=house.sign_in,
        enrol=house.enrol,
        tickets=house.tickets,
        help_desk=house.help_desk,
        own_resets=house.own_resets,
        command_lines=house.command_lines,
        own_home=house.own_home,
        own_sessions=house.own_sessions,
        own_devices=house.own_devices,
        own_sign_ins=house.own_sign_ins,
        settings=PagesSettings(base_domain=house.addresses.base, port=house.addresses.port),
    )
    headers = {"accept": "text/html", "sec-fetch-site": "same-origin", "sec-fetch-mode": "navigate"}
    transport = httpx.ASGITransport(app=pages)  # type: ignore[arg-type]  # httpx types ASGI with plain dicts
    origin = house.addresses.id_origin
    async with httpx.AsyncClient(transport=transport, base_url=origin, headers={**headers, "origin": origin}) as opened:
        yield opened


def asker(client: httpx.AsyncClient) -> Ask:
    """Ask with a wrong password from an address that nobody used before."""
    numbers = iter(range(1, 1 << 30))

    async def ask(name: str, device: str = "") -> httpx.Response:
        peer = f"[2001:db8:{next(numbers) >> 16:x}:{next(numbers) & 0xFFFF:x}::1]:40000|127.0.0.1:8443|1|HTTP/2|"
        headers = {"assay-connection": peer, "cookie": f"__Host-assay-device={device}" if device else ""}
        return await client.post("/sign-in/password", data={"user_name": name, "password": WRONG}, headers=headers)

    return ask


async def make_people(house: House) -> list[str]:
    """People of each kind, in turn."""
    names = []
    for number in range(PEOPLE):
        for kind in KINDS:
            name = f"real{number:02d}{kind[0]}"
            welcome = await house.people.add(BY, user_name=name, email=f"{name}@example.com")
            assert isinstance(welcome, Welcome)
            if kind != "without-password":
                person = await _with_password(house, welcome)
                assert person
            if kind == "disabled":
                await house.people.disable(BY, name)
            names.append(name)
    return names


async def _with_password(house: House, welcome: Welcome) -> bool:
    visitor = Visitor(cookie="", address="192.0.2.1", port=1, user_agent="")
    begun = await house.enrol.use(visitor, welcome.link.url.rpartition("/")[2])
    signed_in = Visitor(cookie=begun.cookie or "", address="192.0.2.1", port=1, user_agent="")
    outcome = await house.enrol.set_password(signed_in, "a correct horse, a battery, a staple")
    return getattr(outcome.step, "error", "") is None


async def seconds(ask: Awaitable[httpx.Response]) -> tuple[float, httpx.Response]:
    began = time.perf_counter()
    answer = await ask
    return time.perf_counter() - began, answer


def same(one: httpx.Response, other: httpx.Response, names: tuple[str, str]) -> bool:
    """Whether two answers differ in nothing but the name that was typed."""
    bodies = [answer.text.replace(name, "NAME") for answer, name in zip((one, other), names, strict=True)]
    heads = [(answer.status_code, sorted(answer.headers.multi_items())) for answer in (one, other)]
    return bodies[0] == bodies[1] and heads[0] == heads[1]


async def measure(
    house: House, ask: Ask, real: list[str], *, pairs: int, device: str = "", extra: float = 0.0, minutes: float = 16
) -> float:
    """The p of the times of this many pairs; `extra` seconds are added to each real name's."""
    times: dict[bool, list[float]] = {True: [], False: []}
    names = cycle(real)
    for _ in range(pairs):
        known = next(names)
        unknown = known.replace("real", "none")
        answers = {}
        for is_known in random.sample((True, False), 2):
            spent, answers[is_known] = await seconds(ask(known if is_known else unknown, device))
            times[is_known].append(spent + (extra if is_known else 0))
        assert same(answers[True], answers[False], (known, unknown)), known
        house.clock.advance(minutes=minutes)
    return p_value(times[True], times[False])


async def differs(measured: Callable[[], Awaitable[float]]) -> bool:
    """Whether a difference is found, and found again."""
    return await measured() < SIGNIFICANT and await measured() < SIGNIFICANT


def test_the_statistic_is_that_of_the_books() -> None:
    # The values are those of mannwhitneyu of scipy 1.16, asymptotic and without its correction for continuity.
    one = [float(number) for number in range(1, 31)]
    other = [number + 5.5 for number in one]
    assert p_value(one, other) == pytest.approx(0.02657776336501617)
    assert p_value([1.0, 1.0, 2.0, 3.0] * 10, [1.0, 2.0, 2.0, 3.0] * 10) == pytest.approx(0.12368705147570559)
    assert p_value(one, one) == pytest.approx(1.0)


@pytest.mark.timing
async def test_time_does_not_tell_who_has_an_account(house: House, client: httpx.AsyncClient) -> None:
    real = await make_people(house)
    ask = asker(client)
    await measure(house, ask, real, pairs=20)
    assert not await differs(lambda: measure(house, ask, real, pairs=PAIRS))


@pytest.mark.timing
async def test_a_planted_millisecond_is_found(house: House, client: httpx.AsyncClient) -> None:
    """Else the test above could not fail."""
    real = await make_people(house)
    ask = asker(client)
    await measure(house, ask, real, pairs=20)
    assert await differs(lambda: measure(house, ask, real, pairs=PAIRS // 2, extra=0.001))


@pytest.mark.timing
async def test_a_locked_name_is_refused_like_a_locked_name_that_nobody_has(
    house: House, client: httpx.AsyncClient
) -> None:
    real = (await make_people(house))[: len(KINDS)]
    ask = asker(client)
    for name in (*real, *(name.replace("real", "none") for name in real)):
        for _ in range(MOST_CONSECUTIVE):
            await ask(name, "")
            house.clock.advance(minutes=16)
    assert (await ask(real[0], "")).status_code == 429
    await measure(house, ask, real, pairs=20)
    assert not await differs(lambda: measure(house, ask, real, pairs=PAIRS // 2))


@pytest.mark.timing
async def test_a_device_of_somebody_else_tells_nothing(house: House, client: httpx.AsyncClient) -> None:
    real = await make_people(house)
    mallory = await house.person("mallory")
    await mallory.sign_in()
    ask = asker(client)
    await measure(house, ask, real, pairs=20, device=mallory.device)
    assert not await differs(lambda: measure(house, ask, real, pairs=400, device=mallory.device))


async def test_every_link_that_opens_nothing_is_answered_the_same(house: House, client: httpx.AsyncClient) -> None:
    """Used, expired, of a disabled person, never made, and no code at all."""
    links = {}
    for name in ("used", "expired", "disabled"):
        welcome = await house.people.add(BY, user_name=name)
        assert isinstance(welcome, Welcome)
        links[name] = welcome.link.url.rpartition("/")[2]
    await house.enrolled("used", f"/{links['used']}")
    await house.people.disable(BY, "disabled")
    peer = {"assay-connection": "192.0.2.9:40000|127.0.0.1:8443|1|HTTP/2|"}

    async def answers(code: str) -> tuple[tuple[int, str, list[tuple[str, str]]], ...]:
        looked = await client.get(f"/enrol/{code}", headers=peer)
        form = {**peer, "content-type": "application/x-www-form-urlencoded"}
        used = await client.post(f"/enrol/{code}", content="", headers=form)
        return tuple(
            (each.status_code, each.text.replace(code, "CODE"), sorted(each.headers.multi_items()))
            for each in (looked, used)
        )

    never = await answers("A" * 27)
    assert never[0][0] == 404
    assert await answers(links["used"]) == await answers(links["disabled"]) == never
    house.clock.advance(days=2)
    assert await answers(links["expired"]) == never
    assert await answers("short") == never


@asynccontextmanager
async def writer_held(house: House) -> AsyncIterator[None]:
    """Nobody else writes while this lasts."""
    begun, over = threading.Event(), threading.Event()

    def hold(_: Transaction) -> None:
        begun.set()
        assert over.wait(120)

    held = asyncio.create_task(house.store.write(hold))
    try:
        assert await asyncio.to_thread(begun.wait, 60)
        yield
    finally:
        over.set()
        await held


async def test_a_link_that_was_never_made_does_not_wait_for_the_writer(house: House) -> None:
    """Else anybody who sends made-up links holds up everybody who signs in."""
    visitor = Visitor(cookie="", address="192.0.2.1", port=1, user_agent="")
    async with writer_held(house):
        used = await asyncio.wait_for(house.enrol.use(visitor, "A" * 27), 60)
    assert isinstance(used.step, NotFound)


async def test_a_ticket_or_cookie_that_was_never_made_does_not_wait_for_the_writer(house: House) -> None:
    visitor = Visitor(cookie="", address="192.0.2.1", port=1, user_agent="")
    host = house.host(await house.app("wiki"))
    made_up = "A" * SECRET_LENGTH
    async with writer_held(house):
        redeemed = await asyncio.wait_for(house.tickets.redeem(host, made_up, made_up, visitor), 60)
        signed_out = await asyncio.wait_for(house.tickets.sign_out(host, made_up, visitor), 60)
    assert isinstance(redeemed, NotFound)
    assert signed_out.location == f"{house.addresses.id_origin}/"


async def test_a_passkey_ceremony_names_nobody(house: House, client: httpx.AsyncClient) -> None:
    """Whoever asks gets the same options but for the challenge: a sign-in names no account before it is proved."""
    await house.person("alice")
    peer = {"assay-connection": "192.0.2.9:40000|127.0.0.1:8443|1|HTTP/2|", "sec-fetch-mode": "cors"}
    seen = []
    for _ in range(2):
        answer = await client.post("/sign-in/passkey/options", json={}, headers=peer)
        assert answer.status_code == 200
        options = answer.json()["options"]
        assert options.pop("challenge")
        seen.append(options)
    assert seen[0] == seen[1]
    assert not seen[0].get("allowCredentials")


async def test_answers_are_the_same_before_anybody_looks_at_the_clock(house: House, client: httpx.AsyncClient) -> None:
    """The quick part of the above: one pair of each kind."""
    await house.person("reala")
    welcome = await house.people.add(BY, user_name="realb")
    assert isinstance(welcome, Welcome)
    ask = asker(client)
    for letter in "ab":
        for _ in range(8):
            one, other = await asyncio.gather(ask(f"real{letter}", ""), ask(f"none{letter}", ""))
            assert same(one, other, (f"real{letter}", f"none{letter}"))
    assert one.status_code == 429
    assert one.headers["retry-after"]
    assert "set-cookie" not in one.headers

"""A node that ends, hangs, or loses its database: the other goes on, and what is left serves only what it may."""

import asyncio
import contextlib
import os
import signal
import subprocess
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from statistics import median

import httpx
import pytest

from tests.end_to_end.person import NAVIGATION, Person
from tests.nodes.house import House, Node
from tests.nodes.test_two_nodes import SCRIPT, carried, owner_of

pytestmark = [pytest.mark.namespaces, pytest.mark.slow]
# The bound where it is waited for, a quarter of a minute.
BOUND_SECONDS = 15
STILL_SECONDS = 5


@contextlib.asynccontextmanager
async def signed_in(two: House) -> AsyncIterator[tuple[Person, httpx.AsyncClient, httpx.AsyncClient, str]]:
    """The owner with a session that both nodes have in memory: the person, a client of each node, the app."""
    owner = await owner_of(two)
    wiki = two.a.app_origin("wiki")
    async with contextlib.aclosing(owner.client), two.client_of(owner, two.b) as other:
        assert (await carried(owner.client, other, f"{wiki}/")).status_code == 200
        for client in (owner.client, other):
            assert (await client.get(f"{wiki}/", headers=SCRIPT)).status_code == 200
        yield owner, owner.client, other, wiki


async def until(holds: Callable[[], Awaitable[bool]], seconds: float = 60) -> float:
    """How long it took."""
    began = time.monotonic()
    async with asyncio.timeout(seconds):
        while not await holds():  # noqa: ASYNC110 - what is waited for has no event here
            await asyncio.sleep(0.05)
    return time.monotonic() - began


async def status(client: httpx.AsyncClient, url: str, **headers: str) -> int:
    return (await client.get(url, headers={**SCRIPT, **headers})).status_code


async def answers(client: httpx.AsyncClient, url: str, code: int) -> bool:
    """Whether this is the answer now; a connection that was cut meanwhile is none."""
    with contextlib.suppress(httpx.TransportError):
        return await status(client, url) == code
    return False


async def soon(ask: Callable[[], Awaitable[None]], seconds: float) -> None:
    """Ask until it took no longer than that: what waits for the database does so each time, a busy machine does not."""
    took = []
    for _ in range(5):
        began = time.monotonic()
        await ask()
        took.append(time.monotonic() - began)
        if took[-1] < seconds:
            return
    raise AssertionError(took)


async def read_all(download: httpx.Response, seconds: float) -> None:
    async with asyncio.timeout(seconds):
        async for _ in download.aiter_raw():
            pass


def ready(node: Node, client: httpx.AsyncClient) -> Callable[[], Awaitable[bool]]:
    async def is_ready() -> bool:
        return await status(client, f"{node.id_origin}/health/ready") == 200

    return is_ready


async def refused_in_words(person: Person, client: httpx.AsyncClient, node: Node) -> None:
    """Whatever makes new trust is refused soon, with a time to try again, and a page that says why."""
    answer = await client.post(
        f"{node.id_origin}/sign-in/password",
        data={"user_name": person.user_name, "password": "whatever it is"},
        headers={**NAVIGATION, "origin": node.id_origin, "sec-fetch-site": "same-origin"},
    )
    assert answer.status_code == 503
    assert answer.headers["retry-after"]
    assert "cannot be reached" in answer.text


async def test_r05_a_node_killed_under_load_is_not_missed(two: House) -> None:
    async with signed_in(two) as (_, client, other, wiki):
        lost: list[int] = []
        stop = asyncio.Event()

        async def load() -> None:
            while not stop.is_set():
                answer = await status(other, f"{wiki}/load")
                if answer != 200:
                    lost.append(answer)

        loading = [asyncio.ensure_future(load()) for _ in range(4)]
        await asyncio.to_thread(two.a.run, "users", "add", "kept", "--display-name", "Kept")
        two.a.kill()
        await asyncio.sleep(3)
        stop.set()
        await asyncio.gather(*loading)
        assert lost == [], "nothing of the other node failed"
        with pytest.raises(httpx.TransportError):
            await client.get(f"{wiki}/", headers=SCRIPT)
        names = {each["userPrincipalName"] for each in two.b.json("users", "list")["value"]}  # type: ignore[index]
        assert "kept" in names, "what was acknowledged is there"
        assert (await asyncio.to_thread(two.b.run, "events", "verify")).startswith("good")

        async def missed() -> bool:
            listed = await asyncio.to_thread(two.b.json, "nodes", "list")
            return {each["name"]: each["state"] for each in listed["value"]} == {"a": "missed", "b": "inRotation"}  # type: ignore[index]

        await until(missed)
        await asyncio.to_thread(two.a.start)
        assert await status(client, f"{wiki}/back") == 200, "its sessions are the database's"


@pytest.mark.parametrize("way", ["both", "incoming", "outgoing", "stopped"])
async def test_r01_without_its_database_a_node_serves_old_trust_only_and_says_so(two: House, way: str) -> None:
    async with signed_in(two) as (owner, client, other, wiki):
        if way == "stopped":
            server = postgres_processes(two)
            send(server, signal.SIGSTOP)
        else:
            two.place.cut("b", "db", incoming=way != "outgoing", outgoing=way != "incoming")
        b_ready = ready(two.b, other)

        async def says_so() -> bool:
            return not await b_ready()

        async def goes_on() -> None:
            assert await status(other, f"{wiki}/goes-on") == 200, "the session is known"

        await until(says_so)
        await soon(goes_on, 1)
        assert await status(other, f"{wiki}/", cookie="__Host-assay-app=" + "x" * 43) == 503, "this one is not"
        await soon(lambda: refused_in_words(owner, other, two.b), 2)
        answer = await asyncio.to_thread(two.b.run, "sessions", "revoke", "--all", code=1)
        assert "ended" not in answer, "a revocation that did not happen is not said to have happened"
        assert "nobody can sign in" in await asyncio.to_thread(two.b.run, "doctor", code=1)

        if way == "stopped":
            send(server, signal.SIGCONT)
        else:
            # What happens on the other side meanwhile holds here before anything new is served.
            # It may be told to try again: what the other node began holds the lock of writers until the server ends it.
            await asyncio.to_thread(two.a.eventually, "sessions ended: 1", "sessions", "revoke", "--all")
            await until(lambda: answers(client, f"{wiki}/", 401))
            assert await status(other, f"{wiki}/not-yet-heard-of") == 200
            two.place.heal("b")
        await until(b_ready)  # no restart
        if way != "stopped":
            await revoked_before_it_was_ready(other, f"{wiki}/")

        assert (await asyncio.to_thread(two.b.run, "events", "verify")).startswith("good"), "at once, and no restart"


async def revoked_before_it_was_ready(client: httpx.AsyncClient, url: str) -> None:
    """What this client had open was cut; where it finds that out by its request, it makes another."""
    try:
        found = await status(client, url)
    except httpx.TransportError:
        found = await status(client, url)
    assert found == 401


@pytest.fixture
def bounded(built: House) -> Iterator[None]:
    """Node B goes on for so long without its database."""
    built.b.stop()
    built.b.configure(node=f"outage_minutes = {BOUND_SECONDS / 60}\n")
    built.b.start()
    yield
    built.b.stop()
    built.b.configure()


@pytest.mark.usefixtures("bounded")
async def test_r10_after_the_bound_nothing_is_allowed_and_what_is_open_is_cut(two: House) -> None:
    async with signed_in(two) as (_, client, other, wiki):
        began = time.monotonic()
        two.place.cut("b", "db")
        async with other.stream("GET", f"{wiki}/stream", headers=SCRIPT) as download:
            with pytest.raises(httpx.TransportError):
                await read_all(download, BOUND_SECONDS + 60)
        assert time.monotonic() - began > BOUND_SECONDS - 5
        answer = await other.get(f"{wiki}/", headers=SCRIPT)
        assert (answer.status_code, answer.json()["reasons"][0]["code"]) == (503, "databaseGone")
        assert answer.headers["retry-after"]
        page = await other.get(f"{wiki}/", headers=NAVIGATION)
        assert page.status_code == 302
        page = await other.get(page.headers["location"], headers=NAVIGATION)
        assert page.status_code == 503
        assert "cannot be reached" in page.text
        assert await status(client, f"{wiki}/") == 200, "the other node has its database"
        two.place.heal("b")
        await until(ready(two.b, other))
        assert await status(other, f"{wiki}/") == 200

        async def written() -> bool:
            found = await asyncio.to_thread(two.b.run, "events", "search", "--code", "connections.cut")
            return "databaseGone" in found

        await until(written)


async def test_r14_a_node_that_hangs_with_the_writers_lock_loses_it(two: House) -> None:
    async with signed_in(two) as (_, _client, other, wiki):
        assert two.a.process is not None
        stop = asyncio.Event()

        async def writing() -> None:
            number = 0
            while not stop.is_set():
                number += 1
                with contextlib.suppress(AssertionError, subprocess.TimeoutExpired):
                    await asyncio.to_thread(two.a.run, "users", "add", f"person{number}")

        load = asyncio.ensure_future(writing())
        await asyncio.sleep(1)
        two.a.process.send_signal(signal.SIGSTOP)

        async def writes() -> bool:
            try:
                await asyncio.to_thread(two.b.run, "users", "add", f"here{time.monotonic_ns()}")
            except AssertionError:
                return False
            return True

        await until(writes)
        assert await status(other, f"{wiki}/") == 200
        two.a.process.send_signal(signal.SIGCONT)
        stop.set()
        await load
        await until(ready(two.a, _client))
        assert (await asyncio.to_thread(two.b.run, "events", "verify")).startswith("good"), "one log, one order"


async def test_r39_a_node_that_stands_still_keeps_only_its_own_waiting(two: House) -> None:
    """As a busy loop does, or a machine that is suspended: whoever asks it is refused in time, and nobody else is."""
    async with signed_in(two) as (_, client, other, wiki):
        assert two.a.process is not None
        two.a.process.send_signal(signal.SIGSTOP)
        began, took = time.monotonic(), list[float]()
        try:
            asked = asyncio.ensure_future(client.get(f"{wiki}/", headers=SCRIPT))
            while time.monotonic() - began < STILL_SECONDS:
                before = time.monotonic()
                assert await status(other, f"{wiki}/goes-on") == 200
                took.append(time.monotonic() - before)
                await asyncio.sleep(0.01)
            # It stands still: its Envoy waits no longer than the check's time.
            assert (await asked).status_code in (403, 503)
        finally:
            two.a.process.send_signal(signal.SIGCONT)
        print(f"the other node: longest {1_000 * max(took):.1f} ms of {len(took)}")  # noqa: T201
        assert median(took) < 2, "nobody waited for the one that stood still"
        await until(ready(two.a, client))  # no restart
        assert await status(client, f"{wiki}/") == 200


def postgres_processes(two: House) -> tuple[int, ...]:
    """The server and every process of it."""
    server = two.cluster.pid
    children = Path(f"/proc/{server}/task/{server}/children").read_text().split()
    return (server, *map(int, children))


def send(processes: tuple[int, ...], what: signal.Signals) -> None:
    for pid in processes:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, what)

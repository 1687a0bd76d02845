"""Floods and slow clients: each ends, and meanwhile honest people lose no request. Conditions, no timings."""

import asyncio
import json
import ssl
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from itertools import count
from pathlib import Path

import pytest
from hyperframe.frame import (
    ContinuationFrame,
    DataFrame,
    Frame,
    HeadersFrame,
    PingFrame,
    PriorityFrame,
    RstStreamFrame,
    SettingsFrame,
    WindowUpdateFrame,
)

from assay.access.exchange import Allow, CheckAnswer, CheckRequest
from assay.values import SessionId
from tests.gateway.frames import Frames
from tests.gateway.rig import WIKI, RawConnection, Rig

pytestmark = [pytest.mark.interop, pytest.mark.slow]
SESSION = ("cookie", "__Host-assay-session=mallory")
ATTACKERS = 8
SLOW = 100
ENDLESS = 200_000
STRANGERS_REQUESTS = 4_000
# Against a test that hangs; a machine that is busy with others takes its time.
CEILING_SECONDS = 180


@asynccontextmanager
async def honest_people(rig: Rig) -> AsyncIterator[None]:
    """Meanwhile somebody opens the app again and again, on new connections and on one that is kept; each must succeed.

    The first failure ends what goes on meanwhile.
    """
    done = asyncio.Event()
    answered = 0

    async def go_on(kept: RawConnection) -> None:
        nonlocal answered
        while not done.is_set():
            await kept.send("GET", "/", session="alice")
            assert (await kept.response()).status_code == 200
            assert (await rig.get("/", session="alice")).status_code == 200
            answered += 2
            # As people do: between two of their requests there is room for others on two cores.
            await asyncio.sleep(0.02)

    # Whoever connects and says nothing is closed as slow: what is kept has been used before the others come.
    kept = await rig.connect()
    try:
        await kept.send("GET", "/", session="alice")
        assert (await kept.response()).status_code == 200
        async with asyncio.TaskGroup() as group:
            group.create_task(go_on(kept))
            yield
            done.set()
    finally:
        kept.close()
    assert answered > 0


async def flood(rig: Rig, frames: Callable[[Frames, int], list[Frame]]) -> int:
    """Send rounds of these frames until Envoy closes the connection; returns how many rounds it took.

    What Envoy answers is not read: then answers pile up on its side, and that is what such floods are for.
    """
    client = await Frames.connect(rig)
    client.wire.pause()
    rounds = 0
    with suppress(ConnectionError):
        while not client.wire.writer.is_closing() and rounds < ENDLESS:
            await client.send(*frames(client, rounds))
            rounds += 1
            # On a lost connection `drain` neither waits nor raises.
            await asyncio.sleep(0)
    client.close()
    return rounds


def _request(client: Frames) -> list[Frame]:
    return client.headers(client.stream(), [*client.pseudo(), SESSION], end=True)


def rapid_reset(client: Frames, _round: int) -> list[Frame]:
    head, *rest = _request(client)
    return [head, *rest, RstStreamFrame(head.stream_id, error_code=8)]


def pings(_client: Frames, _round: int) -> list[Frame]:
    return [PingFrame(0, b"12345678")] * 100


def settings(_client: Frames, _round: int) -> list[Frame]:
    return [SettingsFrame(0, {SettingsFrame.INITIAL_WINDOW_SIZE: 65_535})] * 100


def priorities(_client: Frames, _round: int) -> list[Frame]:
    return [PriorityFrame(1, depends_on=0, stream_weight=1)] * 100


def window_updates(client: Frames, number: int) -> list[Frame]:
    head = [] if number else client.headers(1, [*client.pseudo("POST", "/upload"), SESSION], end=False)
    return [*head, *([WindowUpdateFrame(1, window_increment=1)] * 100)]


def empty_data(client: Frames, number: int) -> list[Frame]:
    head = [] if number else client.headers(1, [*client.pseudo("POST", "/upload"), SESSION], end=False)
    return [*head, *([DataFrame(1, b"")] * 100)]


def continuations(client: Frames, number: int) -> list[Frame]:
    first = [] if number else [HeadersFrame(1, client.encoder.encode([*client.pseudo()]))]
    return [*first, *(ContinuationFrame(1, client.encoder.encode([(f"x-{number}-{n}", "y" * 50)])) for n in range(50))]


def empty_continuations(client: Frames, number: int) -> list[Frame]:
    first = [] if number else [HeadersFrame(1, client.encoder.encode([*client.pseudo()]))]
    return [*first, *([ContinuationFrame(1, b"")] * 100)]


FLOODS = {
    each.__name__: each
    for each in (
        rapid_reset,
        pings,
        settings,
        priorities,
        window_updates,
        empty_data,
        continuations,
        empty_continuations,
    )
}


@pytest.mark.parametrize("kind", FLOODS)
async def test_a_flood_of_frames_ends_with_its_connection(rig: Rig, kind: str) -> None:
    async with asyncio.timeout(CEILING_SECONDS), honest_people(rig):
        rounds = await asyncio.gather(*(flood(rig, FLOODS[kind]) for _ in range(ATTACKERS)))
    assert max(rounds) < ENDLESS
    assert rig.gateway.envoy_restarts == 0


async def _half_a_request(rig: Rig, door: asyncio.Semaphore) -> None:
    async with door:
        connection = await rig.connect()
    connection.writer.write(f"GET / HTTP/1.1\r\nHost: {rig.authority()}\r\nX-A: ".encode())
    await connection.ended()
    connection.close()


async def _half_a_handshake(rig: Rig, _door: asyncio.Semaphore) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", rig.settings.port)
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    half = rig.tls.wrap_bio(incoming, outgoing, server_hostname=rig.host("wiki"))
    with suppress(ssl.SSLWantReadError):
        half.do_handshake()
    writer.write(outgoing.read()[:100])
    with suppress(ConnectionError):
        await reader.read()
    writer.transport.abort()


async def _nothing(rig: Rig, _door: asyncio.Semaphore) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", rig.settings.port)
    with suppress(ConnectionError):
        await reader.read()
    writer.transport.abort()


async def _half_a_header_block(rig: Rig, door: asyncio.Semaphore) -> None:
    async with door:
        client = await Frames.connect(rig)
    await client.send(*client.headers(1, client.pseudo(), first=False))
    await client.until_closed()
    client.close()


SLOW_ONES = (_half_a_request, _half_a_handshake, _nothing, _half_a_header_block)


async def test_who_is_slow_is_closed_and_holds_nobody_up(rig: Rig) -> None:
    # All kinds at once: each waits for a time limit of its own. Few come through the door at a time: a handshake has
    # five seconds at Envoy, and hundreds that begin at one moment on this event loop, honest people's among them, take
    # longer than that where the machine is busy.
    door = asyncio.Semaphore(ATTACKERS)
    async with asyncio.timeout(CEILING_SECONDS), honest_people(rig):
        await asyncio.gather(*(slow(rig, door) for slow in SLOW_ONES for _ in range(SLOW)))


async def test_a_flood_of_requests_without_a_session_costs_honest_people_none(rig: Rig) -> None:
    command = (rig.host("wiki"), rig.settings.port, rig.certificates.authority, STRANGERS_REQUESTS)
    async with asyncio.timeout(CEILING_SECONDS), honest_people(rig):
        program = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.gateway.flood_program", *map(str, command), stdout=asyncio.subprocess.PIPE
        )
        said, _ = await program.communicate()
    assert program.returncode == 0
    answered = {int(status): count for status, count in json.loads(said).items()}
    assert sum(answered.values()) >= STRANGERS_REQUESTS
    # A machine that is too slow refuses what it could not judge in time; nobody is let in for that.
    assert 401 in answered
    assert answered.keys() <= {401, 403}
    assert rig.gateway.envoy_restarts == 0


async def test_a_form_that_is_too_large_never_reaches_our_pages(rig: Rig) -> None:
    connection = await rig.connect("id")
    await connection.send("POST", "/", session=None, headers=[("Content-Length", "70000")])
    connection.writer.write(bytes(70_000))
    assert (await connection.response()).status_code == 413
    assert rig.pages.connections == 0
    connection.close()


class PublicRig(Rig):
    """A gateway for few connections, and an app of which everything is public for who has no session."""

    def decide(self, request: CheckRequest) -> CheckAnswer:
        if request.cookie:
            return super().decide(request)
        return Allow(session_id=SessionId("public/1"), app_id=WIKI, nobodys=True)


async def test_strangers_on_a_public_path_take_no_place_from_who_has_a_session(tmp_path: Path) -> None:
    few = 40
    rig = PublicRig(tmp_path, max_connections=few)
    await rig.start()
    try:
        hers, nobodys = await rig.connect(), await rig.connect()
        await hers.send("GET", "/events", session="alice")
        await nobodys.send("GET", "/events", session=None)
        assert {(await hers.head())[0], (await nobodys.head())[0]} == {200}

        async def stranger() -> None:
            for _ in range(few):
                assert (await rig.get("/", session=None)).status_code == 200

        # What is open and no longer fits is reset, not forgotten; hers goes on.
        reset = asyncio.ensure_future(nobodys.ended())
        async with asyncio.timeout(CEILING_SECONDS):
            # More than the map has room for; on a slow machine it may be swept before it is full.
            for rounds in count(1):
                await asyncio.gather(stranger(), stranger())
                assert (await rig.get("/", session="bob")).status_code == 200
                if rounds >= 5 and reset.done():
                    break
        await reset
        assert len(rig.gateway.connections.of_session(SessionId("alice"))) == 1
        assert await hers.reader.read(1)
        assert len(rig.gateway.connections.of_session(SessionId("public/1"))) <= few
    finally:
        await rig.stop()

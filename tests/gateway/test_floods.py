"""Floods and slow clients: each ends, and meanwhile honest people lose no request. Conditions, no timings."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress
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
from tests.gateway.rig import WIKI, Rig

pytestmark = [pytest.mark.interop, pytest.mark.slow]
SESSION = ("cookie", "__Host-assay-session=mallory")
ATTACKERS = 8
SLOW = 200
ENDLESS = 200_000


class Honest:
    """Somebody who opens the app again and again, on new connections and on one that is kept; `count` of answers."""

    def __init__(self, rig: Rig) -> None:
        self.count = 0
        self._rig = rig
        self._done = asyncio.Event()
        self._task = asyncio.create_task(self._go_on())

    async def _go_on(self) -> None:
        kept = await self._rig.connect()
        while not self._done.is_set():
            assert (await self._rig.get("/", session="alice")).status_code == 200
            await kept.send("GET", "/", session="alice")
            assert (await kept.response()).status_code == 200
            self.count += 2
        kept.close()

    async def stop(self) -> int:
        """How many were answered; raises what went wrong with one."""
        self._done.set()
        await self._task
        return self.count


async def flood(rig: Rig, frames: Callable[[Frames, int], list[Frame]]) -> int:
    """Send rounds of these frames until Envoy closes the connection; returns how many rounds it took.

    What Envoy answers is not read: then answers pile up on its side, and that is what such floods are for.
    """
    client = await Frames.connect(rig)
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
    honest = Honest(rig)
    async with asyncio.timeout(60):
        rounds = await asyncio.gather(*(flood(rig, FLOODS[kind]) for _ in range(ATTACKERS)))
    assert max(rounds) < ENDLESS
    assert await honest.stop() > 0
    assert rig.gateway.envoy_restarts == 0


async def _half_a_request(rig: Rig) -> None:
    connection = await rig.connect()
    connection.writer.write(f"GET / HTTP/1.1\r\nHost: {rig.authority()}\r\nX-A: ".encode())
    await connection.ended()
    connection.close()


async def _half_a_handshake(rig: Rig) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", rig.settings.port)
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    half = rig.tls.wrap_bio(incoming, outgoing, server_hostname=rig.host("wiki"))
    with suppress(ssl.SSLWantReadError):
        half.do_handshake()
    writer.write(outgoing.read()[:100])
    with suppress(ConnectionError):
        await reader.read()
    writer.transport.abort()


async def _nothing(rig: Rig) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", rig.settings.port)
    with suppress(ConnectionError):
        await reader.read()
    writer.transport.abort()


async def _half_a_header_block(rig: Rig) -> None:
    client = await Frames.connect(rig)
    await client.send(*client.headers(1, client.pseudo(), first=False))
    await client.until_closed()
    client.close()


SLOW_ONES: dict[str, Callable[[Rig], Awaitable[None]]] = {
    "half a request": _half_a_request,
    "half a handshake": _half_a_handshake,
    "a connection that says nothing": _nothing,
    "half a header block of HTTP/2": _half_a_header_block,
}


@pytest.mark.parametrize("kind", SLOW_ONES)
async def test_who_is_slow_is_closed_and_holds_nobody_up(rig: Rig, kind: str) -> None:
    honest = Honest(rig)
    async with asyncio.timeout(60):
        await asyncio.gather(*(SLOW_ONES[kind](rig) for _ in range(SLOW)))
    assert await honest.stop() > 0


async def test_a_flood_of_requests_without_a_session_costs_honest_people_none(rig: Rig) -> None:
    honest = Honest(rig)
    enough = asyncio.Event()

    async def attacker() -> None:
        client = await Frames.connect(rig)
        while not enough.is_set():
            streams = [client.stream() for _ in range(90)]
            await client.send(*(frame for each in streams for frame in client.headers(each, client.pseudo())))
            assert {(await client.answer(each)).status for each in streams} == {401}
            client.answers.clear()
        client.close()

    attackers = [asyncio.create_task(attacker()) for _ in range(ATTACKERS)]
    async with asyncio.timeout(60):
        while len(rig.requests) < 20_000:  # noqa: ASYNC110 - the check tells nobody
            await asyncio.sleep(0.01)
    enough.set()
    await asyncio.gather(*attackers)
    assert await honest.stop() > 0


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

        # More than the map has room for, faster than it is swept.
        for _ in range(5):
            await asyncio.gather(stranger(), stranger())
            assert (await rig.get("/", session="bob")).status_code == 200
        # What was open and no longer fits was reset, not forgotten; hers goes on.
        await nobodys.ended()
        assert len(rig.gateway.connections.of_session(SessionId("alice"))) == 1
        assert await hers.reader.read(1)
        assert len(rig.gateway.connections.of_session(SessionId("public/1"))) <= few
    finally:
        await rig.stop()

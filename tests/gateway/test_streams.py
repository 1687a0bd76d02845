"""Streams: WebSocket, server-sent events, large bodies in bounded memory, HTTP/2, and apps added while they run."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import h2.events
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from tests.gateway.rig import Rig
from tests.gateway.streams import Http2Client, echo_server, echo_url, open_websocket

pytestmark = pytest.mark.interop
_LARGE = 300 * 1024 * 1024


@pytest.fixture
async def chat(rig: Rig) -> AsyncIterator[Rig]:
    """The gateway with a WebSocket app `chat` beside `wiki`."""
    server = await echo_server()
    rig.apps = [rig.protected("wiki"), rig.protected("chat", url=echo_url(server))]
    await rig.gateway.apply(rig.apps)
    yield rig
    server.close()
    await server.wait_closed()


def resident_megabytes(pid: int | None) -> float:
    fields = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if ":" in line)
    return int(fields["VmRSS"].split()[0]) / 1024


async def test_a_websocket_talks(chat: Rig) -> None:
    client = await open_websocket(chat, "s1")
    await client.send("x" * 1_000_000)
    assert len(await client.recv()) == 1_000_000
    assert chat.requests[-1].is_websocket
    assert not chat.requests[-1].is_navigation
    await client.close()


async def test_a_websocket_without_a_session_is_refused(chat: Rig) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with connect(
            f"wss://{chat.authority('chat')}/",
            host="127.0.0.1",
            ssl=chat.tls,
            server_hostname=chat.host("chat"),
            open_timeout=60,
        ):
            pass
    assert refused.value.response.status_code == 401


async def test_events_arrive_one_by_one(rig: Rig) -> None:
    connection = await rig.connect()
    await connection.send("GET", "/events")
    status, headers = await connection.head()
    assert status == 200
    assert ("content-type", "text/event-stream") in headers
    async with asyncio.timeout(60):
        await connection.reader.readuntil(b"data: first\n\n")
    connection.close()


async def test_a_large_download_passes_in_bounded_memory(rig: Rig) -> None:
    before = resident_megabytes(rig.gateway.envoy_pid)
    connection = await rig.connect()
    await connection.send("GET", f"/size?{_LARGE}")
    await connection.head()
    left = _LARGE
    while left:
        left -= len(await connection.reader.read(1 << 20))
    assert resident_megabytes(rig.gateway.envoy_pid) - before < 20
    connection.close()


async def test_a_large_upload_passes_in_bounded_memory(rig: Rig) -> None:
    before = resident_megabytes(rig.gateway.envoy_pid)
    connection = await rig.connect()
    await connection.send("POST", "/upload", headers=[("Content-Length", str(_LARGE))])
    block = bytes(1 << 20)
    for _ in range(_LARGE // len(block)):
        connection.writer.write(block)
        await connection.writer.drain()
    answer = await connection.response()
    assert answer.content == str(_LARGE).encode()
    assert resident_megabytes(rig.gateway.envoy_pid) - before < 20
    connection.close()


async def test_http2_carries_streams_side_by_side(rig: Rig) -> None:
    client = await Http2Client.connect(rig)
    download = client.request("GET", "/stream", session="s1")
    page = client.request("GET", "/page", session="s2")
    upload = client.request("POST", "/upload", session="s1", body=b"x" * 10_000)
    ended: set[int] = set()

    def both_ended(event: h2.events.Event) -> bool:
        if isinstance(event, h2.events.StreamEnded):
            assert event.stream_id is not None
            ended.add(event.stream_id)
        return {page, upload} <= ended

    async with asyncio.timeout(60):
        seen = await client.until(both_ended)
    bodies = {
        stream: b"".join(e.data for e in seen if isinstance(e, h2.events.DataReceived) and e.stream_id == stream)
        for stream in (page, upload)
    }
    assert bodies[upload] == b"10000"
    received = dict(json.loads(bodies[page])["headers"])
    assert received["assay-assertion"] == "for-s2"
    assert received["cookie"] == "theme=dark"
    assert download not in ended
    assert rig.requests[-1].protocol == "HTTP/2"
    client.close()


async def test_apps_come_and_go_and_nothing_open_notices(chat: Rig) -> None:
    socket = await open_websocket(chat, "s1")
    download = await chat.connect()
    await download.send("GET", "/stream")
    await download.head()
    apps = chat.apps
    for label in ("files", "notes", "code"):
        apps = [*apps, chat.protected(label)]
        await chat.gateway.apply(apps)
        # Served at once when `apply` returns, without any retry.
        assert (await chat.get("/", label=label)).status_code == 200
        await download.reader.readexactly(1 << 20)
        await socket.send(label)
        assert await socket.recv() == label
    await chat.gateway.apply(apps[:-1])
    assert (await chat.get("/", label="code")).status_code == 421
    await socket.send("still")
    assert await socket.recv() == "still"
    await download.reader.readexactly(8 << 20)
    download.close()
    await socket.close()

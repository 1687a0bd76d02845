"""The cut: every kind of stream ends, an innocent connection lives on, and what cannot be cut is reported."""

import asyncio
import contextlib
import os
import select
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from assay.gateway.connections import TcpSocket
from assay.gateway.cut import Cutter
from assay.gateway.socket_table import SocketTable
from assay.values import AppId, SessionId
from tests.gateway.rig import WIKI, RawConnection, Rig, until
from tests.gateway.streams import KINDS, echo_server, echo_url

pytestmark = pytest.mark.interop
MALLORY, ALICE, OTHER = SessionId("mallory"), SessionId("alice"), AppId("other")


@pytest.fixture
async def chat(rig: Rig) -> AsyncIterator[Rig]:
    server = await echo_server()
    rig.apps = [rig.protected("wiki"), rig.protected("chat", url=echo_url(server))]
    await rig.gateway.apply(rig.apps)
    yield rig
    server.close()
    await server.wait_closed()


@pytest.mark.parametrize("kind", KINDS)
async def test_a_stream_of_every_kind_is_cut_and_the_innocent_live_on(chat: Rig, kind: str) -> None:
    innocent = await chat.connect()
    await innocent.send("GET", "/", session=ALICE)
    await innocent.response()
    ended = await KINDS[kind](chat, MALLORY)
    report = chat.cut_sessions([MALLORY])
    assert (report.count, report.already_gone, report.failures) == (1, 0, ())
    assert len(report.microseconds) == 1
    async with asyncio.timeout(60):
        await ended()
    await innocent.send("GET", "/again", session=ALICE)
    assert (await innocent.response()).status_code == 200
    assert list(chat.gateway.connections.sessions()) == [ALICE]
    assert chat.gateway.envoy_restarts == 0
    innocent.close()


async def test_one_cut_ends_all_connections_of_a_session_and_of_nobody_else(chat: Rig) -> None:
    theirs = [await KINDS[kind](chat, MALLORY) for kind in KINDS for _ in range(3)]
    others = [await chat.connect() for _ in range(10)]
    for other in others:
        await other.send("GET", "/", session=ALICE)
        await other.response()
    report = chat.cut_sessions([MALLORY])
    assert report.count == len(theirs)
    async with asyncio.timeout(60):
        await asyncio.gather(*(ended() for ended in theirs))
    for other in others:
        await other.send("GET", "/again", session=ALICE)
        assert (await other.response()).status_code == 200
        other.close()


async def test_a_cut_can_be_limited_to_one_app(chat: Rig) -> None:
    idle = await KINDS["idle"](chat, MALLORY)
    assert chat.cut_sessions([ALICE, MALLORY], WIKI).count == 1
    await idle()
    assert chat.cut_sessions([MALLORY], WIKI).count == 0


def _queued(port: int, peer_port: int) -> int:
    """How many bytes the kernel still has to send from this local port to that peer, -1 where there is no socket."""
    wanted = (f"0100007F:{port:04X}", f"0100007F:{peer_port:04X}")
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        _, local, peer, _, queues, *_ = line.split()
        if (local, peer) == wanted:
            return int(queues.partition(":")[0], 16)
    return -1


async def test_little_of_a_finished_answer_still_reaches_a_slow_reader_after_the_cut(rig: Rig) -> None:
    """Envoy closes what the kernel has taken over whole, and what is closed cannot be reset: the rest still goes."""
    slow = socket.socket()
    slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    slow.setblocking(False)
    await asyncio.get_running_loop().sock_connect(slow, ("127.0.0.1", rig.settings.port))
    port = slow.getsockname()[1]
    reader, writer = await asyncio.open_connection(
        sock=slow, ssl=rig.tls, server_hostname=rig.host("wiki"), limit=4_096
    )
    connection = RawConnection(rig.authority(), reader, writer)
    await connection.send("GET", "/size?2000000", session=MALLORY, headers=[("Connection", "close")])
    assert (await connection.head())[0] == 200
    # Nobody reads: the queue fills until Envoy, or the kernel, takes no more.
    queued = [-1, 0, 0]
    async with asyncio.timeout(60):
        while not queued[-1] or len(set(queued[-3:])) > 1:
            await asyncio.sleep(0.5)
            queued.append(_queued(rig.settings.port, port))
    rig.cut_sessions([MALLORY])
    assert await connection.ended() < 500_000
    connection.close()


async def test_a_connection_that_is_gone_is_neither_cut_nor_a_failure(rig: Rig) -> None:
    connection = await rig.connect()
    await connection.send("GET", "/", session=MALLORY)
    await connection.response()
    (one,) = rig.gateway.connections.of_session(MALLORY)
    connection.close()
    with SocketTable() as table:
        await until(lambda: table.inode_of(one) is None)
    report = rig.cut_sessions([MALLORY])
    assert (report.count, report.already_gone, report.failures) == (0, 1, ())
    assert len(rig.gateway.connections) == 0


async def test_a_socket_that_is_not_envoys_is_left_alone_and_reported(rig: Rig) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)) as client, server.accept()[0] as accepted:
            own = client.getsockname()
            foreign = TcpSocket(peer_ip=own[0], peer_port=own[1], local_ip="127.0.0.1", local_port=port)
            report = rig.gateway.cut([foreign])
            client.sendall(b"still open")
            assert accepted.recv(100) == b"still open"
    assert report.count == 0
    assert [failure.reason.code for failure in report.failures] == ["cut_failed"]


def test_a_descriptor_that_was_used_again_never_costs_an_innocent_its_connection() -> None:
    """An epoll keeps naming the old descriptor of a socket that lives on under another one."""
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        address = server.getsockname()
        guilty_client = stack.enter_context(socket.create_connection(address))
        guilty = stack.enter_context(server.accept()[0])
        innocent_client = stack.enter_context(socket.create_connection(address))
        innocent = stack.enter_context(server.accept()[0])
        poll = stack.enter_context(select.epoll())
        poll.register(guilty)
        stack.callback(os.close, os.dup(guilty.fileno()))
        os.dup2(innocent.fileno(), guilty.fileno())
        table = stack.enter_context(SocketTable())
        cutter = Cutter(os.getpid(), table)
        stack.callback(cutter.close)
        own = guilty_client.getsockname()
        wanted = TcpSocket(peer_ip=own[0], peer_port=own[1], local_ip=address[0], local_port=address[1])
        report = cutter.cut([wanted])
        assert report.count + len(report.failures) == 1
        innocent_client.sendall(b"still open")
        assert innocent.recv(100) == b"still open"


async def test_a_kernel_that_refuses_is_reported(rig: Rig) -> None:
    connection = await rig.connect()
    await connection.send("GET", "/", session=MALLORY)
    await connection.response()
    with SocketTable() as table:
        other = Cutter(os.getpid(), table)
        report = other.cut(rig.gateway.connections.of_session(MALLORY))
        other.close()
    assert len(report.failures) == 1
    connection.close()


async def test_closed_connections_are_swept_and_open_ones_kept(rig: Rig) -> None:
    kept, closed = await rig.connect(), await rig.connect()
    for connection in (kept, closed):
        await connection.send("GET", "/")
        await connection.response()
    assert rig.gateway.sweep() == 0
    closed.close()
    await until(lambda: rig.gateway.sweep() == 1)
    assert len(rig.gateway.connections) == 1
    kept.close()

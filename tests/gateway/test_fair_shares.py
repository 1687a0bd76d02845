"""Connections without a session give way where there are nearly too many, those of who has the most first."""

import asyncio
import socket
from collections import Counter
from contextlib import ExitStack, suppress
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.gateway.connections import TcpSocket
from assay.gateway.fair_shares import ALWAYS_LEFT, NEARLY_FULL, STAYS, tcp_sockets_in_use, to_give_way
from tests.gateway.rig import RawConnection, Rig, until

MOST = 1_000


def sockets(address: str, count: int, first: int = 1) -> list[TcpSocket]:
    return [
        TcpSocket(peer_ip=address, peer_port=port, local_ip="192.0.2.1", local_port=443)
        for port in range(first, first + count)
    ]


def giving(open_now: list[TcpSocket], *, sessions: set[TcpSocket] | None = None, proxy: str = "") -> Counter[str]:
    found = to_give_way(
        open_now,
        most=MOST,
        carries_session=lambda one: one in (sessions or ()),
        unjudged_first=lambda _: True,
        spared=lambda peer: peer == proxy,
    )
    return Counter(one.peer_ip for one in found)


def test_nobody_gives_way_while_there_is_room() -> None:
    assert giving(sockets("198.51.100.1", 799)) == {}


def test_who_has_the_most_gives_way_and_nobody_else() -> None:
    office, one = sockets("203.0.113.1", 150), sockets("203.0.113.2", 6)
    flood = sockets("198.51.100.1", 844)
    assert giving([*office, *one, *flood]) == {"198.51.100.1": 300}


def test_of_many_who_flood_each_gives_as_much() -> None:
    floods = [one for n in range(10) for one in sockets(f"198.51.100.{n}", 98)]
    assert giving([*sockets("203.0.113.2", 20), *floods]) == {f"198.51.100.{n}": 30 for n in range(10)}


def test_an_ipv6_network_is_one_source() -> None:
    flood = [one for n in range(900) for one in sockets(f"2001:db8::{n:x}", 1)]
    assert giving([*flood, *sockets("2001:db8:1::1", 6)]).total() == 206


def test_who_has_a_session_and_a_proxy_in_front_never_give_way() -> None:
    office, proxy = sockets("203.0.113.1", 500), sockets("10.0.0.1", 500)
    assert giving([*office, *proxy], sessions=set(office), proxy="10.0.0.1") == {}
    assert giving(office + proxy, sessions=set(office[:400]), proxy="10.0.0.1") == {"203.0.113.1": 100 - ALWAYS_LEFT}


def test_those_on_which_nothing_was_let_through_go_first() -> None:
    flood = sockets("198.51.100.1", 1_000)
    judged = set(flood[:700])
    found = to_give_way(
        flood,
        most=MOST,
        carries_session=lambda _: False,
        unjudged_first=lambda one: one not in judged,
        spared=lambda _: False,
    )
    assert set(found) == set(flood) - judged


@given(st.lists(st.integers(0, 400), max_size=30))
def test_so_many_go_as_make_room_and_no_source_is_left_with_less_than_its_share(held: list[int]) -> None:
    open_now = [one for n, count in enumerate(held) for one in sockets(f"198.51.100.{n}", count)]
    gone = giving(open_now)
    if len(open_now) < NEARLY_FULL * MOST:
        assert gone == {}
        return
    left = [count - gone[f"198.51.100.{n}"] for n, count in enumerate(held)]
    level = max(left)
    assert all(gone[f"198.51.100.{n}"] == max(count - level, 0) for n, count in enumerate(held))
    # One more for each who gives is the most that rounding costs.
    assert sum(left) <= max(STAYS * MOST, ALWAYS_LEFT * len(held))
    assert level <= ALWAYS_LEFT or sum(left) + len(held) > STAYS * MOST


def test_the_kernels_count_is_at_least_what_this_process_has() -> None:
    with ExitStack() as opened:
        for _ in range(50):
            opened.enter_context(socket.create_server(("127.0.0.1", 0)))
        assert tcp_sockets_in_use() >= 50


@pytest.mark.interop
@pytest.mark.slow
async def test_one_address_does_not_keep_everybody_else_out(tmp_path: Path) -> None:
    rig = Rig(tmp_path, max_connections=80)
    await rig.start()
    opened, kept = list[RawConnection](), list[RawConnection]()
    done = asyncio.Event()

    async def flood() -> None:
        while not done.is_set():
            with suppress(OSError):
                opened.append(await rig.connect(source="127.0.0.2"))
            await asyncio.sleep(0)

    try:
        hers = await rig.connect()
        kept.append(hers)
        await hers.send("GET", "/events", session="alice")
        assert (await hers.head())[0] == 200
        # Somebody behind the same address who is signed in.
        neighbour = await rig.connect(source="127.0.0.2")
        kept.append(neighbour)
        await neighbour.send("GET", "/events", session="bob")
        assert (await neighbour.head())[0] == 200
        flooding = asyncio.create_task(flood())
        async with asyncio.timeout(180):
            await until(lambda: len(opened) >= 2 * rig.settings.max_connections)
            answered = 0
            while answered < 20:
                with suppress(OSError, asyncio.IncompleteReadError):
                    answer = await rig.get("/", session="carol")
                    assert isinstance(answer, httpx.Response)
                    assert answer.status_code == 200
                    answered += 1
        done.set()
        await flooding
        assert await hers.reader.read(1)
        assert await neighbour.reader.read(1)
    finally:
        done.set()
        for connection in (*kept, *opened):
            connection.close()
        await rig.stop()

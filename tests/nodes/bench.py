"""`./run bench nodes`: how soon what is revoked on one node is cut on the other, and what the writers' lock costs."""

import asyncio
import re
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from queue import Empty

import click
import httpx
from sqlalchemy import event, text
from websockets.exceptions import ConnectionClosed

from assay.access.cookies import APP_COOKIE
from assay.cli.bench.figures import Figure, markdown, measured, percentile
from assay.clock import SystemClock
from assay.store import Database, Store, Topic, Transaction
from assay.store.database import take_writers_lock
from assay.store.migrate import upgrade
from tests.end_to_end.person import Person
from tests.nodes.house import House, Node, house
from tests.nodes.test_two_nodes import SCRIPT, carried, owner_of, websocket
from tests.postgres import Cluster

TARGET_MS = 250.0
BASELINE = "Baseline: require multifactor authentication"
COMMITTED = re.compile(r"committed at (\d+) ns: .*session:")
WRITERS, WRITE_SECONDS = 32, 5.0


@click.command()
@click.option("--cuts", default=200, show_default=True)
def nodes(cuts: int) -> None:
    """Two nodes in network namespaces on one PostgreSQL."""
    with tempfile.TemporaryDirectory(prefix="assay-nodes-") as directory, house(Path(directory)) as two:
        milliseconds = asyncio.run(_cuts(two, cuts))
        writes = asyncio.run(_writes(two.cluster))
    ordered = sorted(milliseconds)
    found = measured(
        "Nodes",
        f"./run bench nodes --cuts {cuts}",
        (
            Figure(name="cut on the other node, p50", value=percentile(ordered, 0.5), unit="ms"),
            Figure(name="cut on the other node, p99", value=percentile(ordered, 0.99), unit="ms", target=TARGET_MS),
            Figure(name="cut on the other node, longest", value=ordered[-1], unit="ms"),
            Figure(name="connections cut", value=len(ordered), target=2 * cuts, at_most=False),
            *(Figure(name=name, value=value) for name, value in writes.items()),
        ),
    )
    click.echo(markdown(found))


async def _cuts(two: House, cuts: int) -> list[float]:
    owner = await owner_of(two)
    # A code is good once in thirty seconds; here it is the cut that is measured.
    two.a.run("policy", "off", BASELINE)
    found: list[float] = []
    for number in range(cuts):
        found += await _one_cut(two, owner)
        if number % 20 == 19:
            click.echo(f"{number + 1} of {cuts} revocations, longest {max(found):.0f} ms", err=True)
    await owner.client.aclose()
    return found


async def _one_cut(two: House, owner: Person) -> list[float]:
    """A WebSocket and a download through B, ended by a revocation on A; from its commit to the end of each."""
    await owner.give_password()
    other = two.client_of(owner, two.b)
    for name in ("wiki", "chat"):
        await carried(owner.client, other, f"{two.a.app_origin(name)}/")
    cookie = next(c.value for c in other.cookies.jar if c.name == APP_COOKIE and "chat" in c.domain)
    assert cookie is not None
    socket = await websocket(two.b, cookie)
    ends: list[int] = []

    async def heard() -> None:
        with suppress(ConnectionClosed):
            await socket.recv()
        ends.append(time.monotonic_ns())

    async with other.stream("GET", f"{two.a.app_origin('wiki')}/stream", headers=SCRIPT) as download:
        received = download.aiter_raw()
        await anext(received)

        async def read() -> None:
            with suppress(httpx.TransportError):
                async for _ in received:
                    pass
            ends.append(time.monotonic_ns())

        open_ones = [asyncio.ensure_future(heard()), asyncio.ensure_future(read())]
        await asyncio.sleep(0.05)
        _drain(two.a)
        transport = httpx.AsyncHTTPTransport(uds=str(two.a.data / "run" / "admin.sock"), verify=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://assay/v1") as admin:
            (await admin.post("/sessions/revoke", json={"all": True})).raise_for_status()
        await asyncio.wait_for(asyncio.gather(*open_ones), 10)
    committed = _committed(two.a)
    await other.aclose()
    return [(end - committed) / 1e6 for end in ends]


def _drain(node: Node) -> list[str]:
    lines = []
    with suppress(Empty):
        while (line := node.lines.get_nowait()) is not None:
            lines.append(line)
    return lines


def _committed(node: Node) -> int:
    """When the revocation reached the disk (CLOCK_MONOTONIC, one for all processes of this machine)."""
    for _ in range(100):
        for line in _drain(node):
            found = COMMITTED.search(line)
            if found is not None:
                return int(found[1])
        time.sleep(0.01)
    raise AssertionError("the node did not say when it committed")


async def _writes(cluster: Cluster) -> dict[str, float]:
    """Writes a second, each a row and a change that is told: without the lock, with it, and by two nodes."""
    found: dict[str, float] = {}
    for name, count, locked in (
        ("writes a second, one node without the lock", 1, False),
        ("writes a second, one node", 1, True),
        ("writes a second, two nodes together", 2, True),
        ("commits a second, one writer without the lock", 0, False),
        ("commits a second, one writer", 0, True),
    ):
        url = cluster.new_database()
        upgrade(Database(url))
        stores = [Store(Database(url)) for _ in range(max(1, count))]
        for store in stores:
            if not locked:
                event.remove(store.database.writing, "begin", take_writers_lock)
            await store.listen(SystemClock())
        await stores[0].write(_make_table)
        found[name] = await _rate(stores, WRITERS if count else 1)
        for store in stores:
            await store.close()
    return found


async def _rate(stores: list[Store], writers: int) -> float:
    done, until = 0, time.monotonic() + WRITE_SECONDS

    async def write(store: Store) -> None:
        nonlocal done
        while time.monotonic() < until:
            await store.write(_write)
            done += 1

    await asyncio.gather(*(write(store) for store in stores for _ in range(writers)))
    return done / WRITE_SECONDS


def _make_table(transaction: Transaction) -> None:
    transaction.connection.execute(text("CREATE TABLE thing (at BIGINT)"))


def _write(transaction: Transaction) -> None:
    transaction.connection.execute(text("INSERT INTO thing (at) VALUES (1)"))
    transaction.changed(Topic.METHOD, "somebody")

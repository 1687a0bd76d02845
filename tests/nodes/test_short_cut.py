"""A cut that is over before everybody who was on the way has heard of it."""

import asyncio
import time
from collections.abc import Iterator

import pytest
from sqlalchemy import text

from assay.clock import SystemClock
from assay.store import Database, Reader, Store, StoreUnavailableError
from assay.store.database import CONNECT_SECONDS
from assay.store.migrate import upgrade
from tests.nodes.lan import Lan
from tests.postgres import Cluster

pytestmark = pytest.mark.namespaces


@pytest.fixture
def reached(place: Lan, cluster: Cluster) -> Iterator[tuple[Lan, str]]:
    """Machines, and the address of an empty database; this thread, and what it starts, is on the client's."""
    name = cluster.new_database().partition("@/")[2].partition("?")[0]
    with place.at("client"):
        yield place, f"postgresql://postgres@{place.address('db')}/{name}"


def one(reader: Reader) -> int:
    return int(reader.connection.execute(text("SELECT 1")).scalar_one())


async def test_who_was_on_the_way_when_it_began_ends_no_contact_that_was_made_since(reached: tuple[Lan, str]) -> None:
    place, url = reached
    empty = Database(url)
    upgrade(empty)
    empty.close()
    store = Store(Database(url))
    await store.listen(SystemClock())
    await store.read(one)
    losses: list[bool] = []
    store.contact.on_change(lambda: losses.append(store.contact.lost))
    place.cut("client", "db")
    # Each of them begins a connection of its own, and waits for it as long as it may.
    on_the_way = [
        asyncio.ensure_future(store.read_long(one)),
        *(asyncio.ensure_future(store.read(one)) for _ in "1234"),
    ]
    async with asyncio.timeout(60):
        while not store.contact.lost:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    # The first try of each connection and the one a second later are lost; the next comes too late (RFC 6298).
    await asyncio.sleep(1.5)
    place.heal("client")
    for ended in await asyncio.gather(*on_the_way, return_exceptions=True):
        assert isinstance(ended, StoreUnavailableError)
    async with asyncio.timeout(60):
        while store.contact.lost:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    until = time.monotonic() + CONNECT_SECONDS + 1
    while time.monotonic() < until:
        assert await store.read_long(one) == await store.read(one) == 1
        await asyncio.sleep(0.05)
    assert losses == [True, False], "it was lost once, and found once"
    await store.close()

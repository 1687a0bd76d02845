"""A running admin socket."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from assay.store import Store
from tests.access.house import NOW, HandClock, House
from tests.api.graph_service import GraphService
from tests.api.service import AdminService, short_directory


@pytest.fixture
async def house(sqlite_store: Store) -> AsyncIterator[House]:
    """The flows behind the socket; their records are tested on both databases."""
    opened = House(sqlite_store, HandClock(NOW))
    await opened.start()
    yield opened
    await opened.premises.publications.close()
    opened.hashing.close()


@pytest.fixture
async def service(house: House) -> AsyncIterator[AdminService]:
    """The admin API, serving."""
    with short_directory() as directory:
        running = AdminService(house, Path(directory))
        await running.server.start()
        yield running
        await running.server.stop()


@pytest.fixture
async def client(service: AdminService) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody who may talk to it."""
    async with service.client() as opened:
        yield opened


@pytest.fixture
async def graph(house: House) -> AsyncIterator[GraphService]:
    """The console's socket, serving."""
    with short_directory() as directory:
        running = GraphService(house, Path(directory))
        await running.server.start()
        yield running
        await running.server.stop()

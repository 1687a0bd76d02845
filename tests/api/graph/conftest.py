"""A company behind the console's socket."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from assay.store import Database, Store
from tests.access.house import NOW, HandClock, House
from tests.api.graph.company import Company, founded
from tests.api.graph_service import GraphService
from tests.api.service import short_directory


@pytest.fixture
async def company(graph: GraphService) -> Company:
    """Lists of everything that there is."""
    return await founded(graph)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def standing(sqlite_schema: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Company]:
    """The same, one for all tests of a file that look at it and change nothing: it takes a second to found."""
    path = tmp_path_factory.mktemp("standing") / "assay.db"
    shutil.copy(sqlite_schema, path)
    store = Store(Database(f"sqlite:///{path}", durable=False))
    house = House(store, HandClock(NOW))
    await house.start()
    with short_directory() as directory:
        running = GraphService(house, Path(directory))
        await running.server.start()
        try:
            yield await founded(running)
        finally:
            await running.server.stop()
            await house.premises.publications.close()
            house.hashing.close()
            await store.close()

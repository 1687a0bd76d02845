"""A house: Assay's flows on a real store, without the gateway."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from assay.store import Store
from tests.access.house import NOW, HandClock, House
from tests.server.original import Original


@pytest.fixture
async def house(store: Store) -> AsyncIterator[House]:
    """Flows on each database: what is due now and then is SQL for the most part."""
    opened = House(store, HandClock(NOW))
    await opened.start()
    yield opened
    await opened.premises.publications.close()
    opened.hashing.close()


@pytest.fixture
async def original(store: Store, tmp_path: Path) -> AsyncIterator[Original]:
    made = Original(store, tmp_path)
    await made.fill()
    yield made
    await made.house.premises.publications.close()
    made.house.hashing.close()


@pytest.fixture
async def on_sqlite(sqlite_store: Store, tmp_path: Path) -> AsyncIterator[Original]:
    made = Original(sqlite_store, tmp_path)
    await made.fill()
    yield made
    await made.house.premises.publications.close()
    made.house.hashing.close()

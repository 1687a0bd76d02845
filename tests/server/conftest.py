"""A house: Assay's flows on a real store, without the gateway."""

from collections.abc import AsyncIterator

import pytest

from assay.store import Store
from tests.access.house import NOW, HandClock, House


@pytest.fixture
async def house(store: Store) -> AsyncIterator[House]:
    """Flows on each database: what is due now and then is SQL for the most part."""
    opened = House(store, HandClock(NOW))
    await opened.start()
    yield opened
    opened.hashing.close()

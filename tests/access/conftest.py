"""A house: Assay's flows on a real store, without the gateway."""

from collections.abc import AsyncIterator

import pytest

from assay.access.roll_out import RollOuts
from assay.store import Store
from tests.access.house import NOW, HandClock, House


@pytest.fixture
async def house(sqlite_store: Store) -> AsyncIterator[House]:
    """Flows on SQLite; the records below them are tested on both databases."""
    opened = House(sqlite_store, HandClock(NOW))
    await opened.start()
    yield opened
    await opened.premises.publications.close()
    opened.hashing.close()


@pytest.fixture
def roll_outs(house: House) -> RollOuts:
    return RollOuts(house.premises, house.signals)

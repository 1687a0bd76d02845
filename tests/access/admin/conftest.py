"""Administration on both databases, with the log that every change leaves."""

from collections.abc import AsyncIterator

import pytest

from assay.events import EventQuery, search
from assay.events.envelope import Envelope
from assay.events.records.search import content
from assay.store import Store
from tests.access.house import NOW, HandClock, House


@pytest.fixture
async def house(store: Store) -> AsyncIterator[House]:
    """Flows on SQLite and on PostgreSQL."""
    opened = House(store, HandClock(NOW))
    await opened.start()
    yield opened
    await opened.premises.publications.close()
    opened.hashing.close()


class Record:
    """What the log says."""

    def __init__(self, house: House) -> None:
        self._house = house

    async def of(self, code: str) -> list[Envelope]:
        """The events of this type, newest first."""
        page = await self._house.store.read(lambda reader: search(reader, EventQuery(code=code)))
        return [said for leaf in page.events if (said := content(leaf)) is not None]


@pytest.fixture
def record(house: House) -> Record:
    return Record(house)

"""A second node on the same database, so that races are between two writers and not one after the other."""

from collections.abc import AsyncIterator

import pytest

from assay.store import Database, Store


@pytest.fixture
async def other_node(store: Store, schema_url: str) -> AsyncIterator[Store]:
    """Another store on the database of `store`."""
    opened = Store(Database(schema_url))
    yield opened
    await opened.close()

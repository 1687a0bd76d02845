"""One service a SQLite database, whichever directories they were started on; any number on one PostgreSQL."""

import os
from pathlib import Path

import pytest

from assay.clock import SystemClock
from assay.places import Places
from assay.server.data_directory import lock_database
from assay.server.service import Service
from assay.server.settings import ServiceSettings
from assay.store import Database, Store, StoreUnavailableError
from assay.store.migrate import upgrade
from assay.values import AssayError
from tests.store.things import make_things, names, put


def settings(directory: Path, database: str) -> ServiceSettings:
    """A service on a data directory of its own, and on this database."""
    return ServiceSettings(
        places=Places(
            data=directory / "data", master_key=directory / "master-key.json", checkpoints=directory / "checkpoints.txt"
        ),
        base_domain="assay.localhost",
        port=8443,
        database=database,
    )


async def test_a_second_service_on_the_same_file_is_refused(tmp_path: Path) -> None:
    database_url = f"sqlite:///{tmp_path / 'assay.db'}"
    database = Database(database_url)
    upgrade(database)
    release = lock_database(database)
    first = await make_things(Store(database))
    second = Service(settings(tmp_path / "second", database_url), clock=SystemClock())
    with pytest.raises(AssayError, match=r"on this database|runs already"):
        await second.start()
    assert await first.write(put("a")) == "a", "the first goes on"
    await first.close()
    release()


async def test_the_database_is_free_again_when_its_service_is_gone(database_url: str) -> None:
    for name in ("a", "b"):
        database = Database(database_url)
        upgrade(database)
        release = lock_database(database)
        store = Store(database)
        if name == "a":
            await make_things(store)
        await store.write(put(name))
        if name == "b":
            assert await store.read(names) == ["a", "b"]
        await store.close()
        release()


async def test_two_names_of_one_file_are_one_database(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "there").symlink_to(tmp_path / "here")
    release = lock_database(Database.at(tmp_path / "here" / "assay.db"))
    with pytest.raises(AssayError, match=str(os.getpid())):
        lock_database(Database.at(tmp_path / "there" / "assay.db"))
    release()


async def test_a_database_that_is_not_there_is_said_in_our_words(tmp_path: Path) -> None:
    url = f"postgresql://postgres@/nothing?host={tmp_path}"
    with pytest.raises(StoreUnavailableError) as told:
        await Service(settings(tmp_path, url)).start()
    assert told.value.remedy

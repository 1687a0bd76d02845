"""Disks that are full, damaged or copied: nothing acknowledged is lost, nothing half written, nothing opens."""

import contextlib
import random
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from assay.access.exchange import Allow
from assay.identities.records import users
from assay.sealing import KeyFile, KeyFileError
from assay.store import Database, Store, StoreDamagedError, StoreUnavailableError
from assay.store.migrate import upgrade
from tests.access.house import BY, NOW, HandClock, House
from tests.store.things import make_things, put


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of four megabytes."""
    place = tmp_path / "disk"
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(place)], check=True)
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


def fill(place: Path) -> Path:
    """Leave nothing free."""
    ballast = place / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (65_536, 4_096, 1):
            try:
                while True:
                    file.write(bytes(size))
            except OSError:
                continue
    return ballast


async def add_for_ever(house: House, acknowledged: list[str]) -> None:
    """Add people until that is refused."""
    for number in range(100_000):
        name = f"person{number}"
        await house.people.add(BY, user_name=name)
        acknowledged.append(name)


@pytest.mark.namespaces  # mounting takes root, as those do
async def test_r03_a_full_disk_refuses_what_is_new_and_needs_no_restart(small_disk: Path) -> None:
    database = Database.at(small_disk / "assay.db")
    upgrade(database)
    store = Store(database)
    house = House(store, HandClock(NOW))
    await house.start()
    await store.listen(house.clock)
    alice = await house.person("alice")
    wiki = await house.app("wiki", assigned=["alice"])
    await alice.sign_in()
    assert isinstance(await alice.open(wiki), Allow)

    ballast = fill(small_disk)
    acknowledged: list[str] = []
    with pytest.raises(StoreUnavailableError):
        await add_for_ever(house, acknowledged)
    assert isinstance(await alice.open(wiki), Allow), "old trust goes on: nobody else writes"
    with pytest.raises(StoreUnavailableError):
        await house.people.add(BY, user_name="late")
    ballast.unlink()

    await house.log.flush()
    await house.people.add(BY, user_name="after")
    assert isinstance(await alice.open(wiki), Allow)
    stored = {user.user_name for user in await store.read(users.everyone)}
    assert {*acknowledged, "after", "alice"} == stored, "all that was acknowledged, and nothing else"
    assert await store.read(lambda reader: reader.connection.execute(text("PRAGMA quick_check")).scalar_one()) == "ok"
    await store.close()
    house.hashing.close()


async def test_r08_a_damaged_file_is_refused_in_words_and_never_believed(tmp_path: Path) -> None:
    whole = Database.at(tmp_path / "whole.db")
    upgrade(whole)
    store = await make_things(Store(whole))
    for number in range(50):
        await store.write(put(f"name {number}"))
    await store.close()
    content = (tmp_path / "whole.db").read_bytes()
    seeded, refused = random.Random(1), 0
    for number in range(150):
        damaged = bytearray(content)
        start = seeded.randrange(len(damaged) - 512)
        damaged[start : start + 512] = seeded.randbytes(512)
        path = tmp_path / f"{number}.db"
        path.write_bytes(damaged)
        database = Database.at(path)
        with contextlib.suppress(StoreDamagedError):
            refused += 1
            # Nothing else is raised: what a start says of it is these words.
            upgrade(database)
            refused -= 1
        database.close()
        path.unlink()
    assert refused >= 20, "what lies in free space and in the contents of rows is the log's to find, not SQLite's"


async def test_r08_what_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "assay.db").write_bytes(b"not a database, though it is long enough to be one" * 100)
    with pytest.raises(StoreDamagedError):
        upgrade(Database.at(tmp_path / "assay.db"))


async def test_r08_the_journal_is_part_of_the_database(tmp_path: Path) -> None:
    """Copied without its -wal a live database is older; what was signed outside says so (`assay events verify`)."""
    store = await make_things(Store(Database.at(tmp_path / "assay.db")))
    await store.write(put("acknowledged"))
    (tmp_path / "copy.db").write_bytes((tmp_path / "assay.db").read_bytes())
    with contextlib.closing(sqlite3.connect(tmp_path / "copy.db")) as copy:
        tables = copy.execute("SELECT count(*) FROM sqlite_master WHERE name = 'thing'").fetchone()
    assert tables == (0,), "never copy a live database with cp: see docs/reliability.md"
    await store.close()


@pytest.mark.namespaces
def test_a_key_file_on_a_full_disk_is_whole_and_leaves_no_draft(small_disk: Path, tmp_path: Path) -> None:
    place = small_disk / "keys"
    place.mkdir()
    file = KeyFile(place / "master.key", data_directory=tmp_path / "data")
    ballast = fill(small_disk)
    with pytest.raises(KeyFileError, match="No space left") as caught:
        file.create(at=NOW)
    assert "make room" in caught.value.remedy
    assert list(place.iterdir()) == []
    ballast.unlink()

    first = file.create(at=NOW).newest.id
    second = file.add(at=NOW)
    ballast = fill(small_disk)
    for change in (lambda: file.add(at=NOW), lambda: file.remove([first]), lambda: file.add(at=NOW, into=place / "x")):
        with pytest.raises(KeyFileError, match="nothing was changed"):
            change()
        assert [path.name for path in place.iterdir()] == ["master.key"]
        assert [key.id for key in file.load().keys] == [first, second]
    ballast.unlink()
    file.remove([first])
    assert [key.id for key in file.load().keys] == [second]

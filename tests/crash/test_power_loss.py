"""The power goes: SQLite's journal ends anywhere, and what opens is an earlier whole state, known to be earlier.

SQLite syncs the journal before it acknowledges (`synchronous=FULL`), so a disk that keeps its word loses nothing that
was acknowledged; what a disk that lies has lost, the checkpoints outside tell.
"""

import random
import shutil
import sqlite3
import struct
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assay.access.exchange import Allow
from assay.events.checkpoint import Checkpointer
from assay.events.findings import Verification
from assay.events.note import Verifier
from assay.events.verify import verify_log
from assay.store import Database, Reader, Store
from assay.store.migrate import upgrade
from tests.access.house import BY, NOW, HandClock, House

pytestmark = pytest.mark.slow
ORIGIN = "assay/id.assay.localhost"
# https://www.sqlite.org/fileformat2.html#walformat
WAL_HEADER, FRAME_HEADER = 32, 24


class Written:
    """A database and the journal of some real flows, as they lay on the disk when the power went."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.file = directory / "assay.db"
        self.outside = directory / "outside" / "checkpoints.txt"
        self.outside.parent.mkdir()
        self.key = Ed25519PrivateKey.generate()
        # How long the journal was when somebody was told that this person exists.
        self.acknowledged: list[tuple[int, str]] = []

    async def live(self) -> None:
        database = Database.at(self.file)
        upgrade(database)
        store, clock = Store(database), HandClock(NOW)
        house = House(store, clock)
        await house.start()
        self.base = self.file.read_bytes()
        signing = Checkpointer(store, origin=ORIGIN, key=lambda: self.key, clock=clock, outside=self.outside)
        for name in ("alice", "bob"):
            person = await house.person(name)
            self.acknowledge(name)
            await signing.tick(now=True)
            wiki = await house.app(f"wiki-{name}", assigned=[name])
            await person.sign_in()
            assert isinstance(await person.open(wiki), Allow)
            await house.log.flush()
            await house.people.disable(BY, name)
        await signing.tick(now=True)
        self.wal = self.file.with_name("assay.db-wal").read_bytes()
        await store.close()
        house.hashing.close()

    def acknowledge(self, name: str) -> None:
        self.acknowledged.append((self.file.with_name("assay.db-wal").stat().st_size, name))

    def commits(self) -> tuple[list[int], list[int]]:
        """Where frames end, and where those end that commit."""
        size = struct.unpack(">I", self.wal[8:12])[0] + FRAME_HEADER
        ends = list(range(WAL_HEADER + size, len(self.wal) + 1, size))
        return ends, [end for end in ends if struct.unpack(">I", self.wal[end - size + 4 : end - size + 8])[0]]

    def cut(self, length: int) -> Path:
        """What is there after the power came back, with this much of the journal."""
        place = self.directory / "copy"
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
        (place / "assay.db").write_bytes(self.base)
        (place / "assay.db-wal").write_bytes(self.wal[:length])
        return place / "assay.db"


def everything(file: Path) -> str:
    """A hash of every row of every table; the file is whole."""
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall()
        rows = [sorted(map(repr, connection.execute(f'SELECT * FROM "{name}"'))) for (name,) in tables]
        return sha256(repr((tables, rows)).encode()).hexdigest()


async def test_r07_cut_anywhere_it_is_a_whole_earlier_state(tmp_path: Path) -> None:
    written = Written(tmp_path)
    await written.live()
    ends, commits = written.commits()
    assert len(commits) >= 20, "flows that write nothing show nothing"
    chance = random.Random(7)
    states = {0: everything(written.cut(0))}
    for number, end in enumerate(ends):
        before = max(commit for commit in (0, *commits) if commit <= end)
        found = everything(written.cut(end))
        assert states.setdefault(before, found) == found, f"half a change after {end} bytes"
        if number % 3:
            continue
        inside = end - 1 - chance.randrange(FRAME_HEADER + 1)
        last = max(commit for commit in (0, *commits) if commit <= inside)
        assert everything(written.cut(inside)) == states[last], f"half a change after {inside} bytes"
    assert len(set(states.values())) == len(states), "each commit changed something"
    for length, name in written.acknowledged:
        assert length in commits, "who is told is told after the commit is in the journal"
        assert name in names(written.cut(length)), "acknowledged, and lost"
        assert name not in names(written.cut(0))


async def test_r07_what_is_missing_the_checkpoints_outside_show(tmp_path: Path) -> None:
    written = Written(tmp_path)
    await written.live()
    _, commits = written.commits()
    verifiers = (Verifier(name=ORIGIN, public=written.key.public_key()),)
    outside = written.outside.read_text()
    whole = verify(written.cut(len(written.wal)), verifiers, outside)
    assert whole.ok
    shorter = 0
    # Whether a shorter log is whole in itself takes reading all of it; each fifth, and the last ones.
    some = (0, *commits[::5], *commits[-3:])
    for commit in some:
        verdict = verify(written.cut(commit), verifiers, outside)
        alone = verify(written.cut(commit), verifiers, "")
        assert alone.ok, f"an earlier state is whole in itself: {alone.findings}"
        assert verdict.ok == (verdict.size == whole.size), f"{commit} of {commits[-1]}: {verdict.findings}"
        shorter += not verdict.ok
    assert shorter > len(some) // 2


def verify(file: Path, verifiers: tuple[Verifier, ...], outside: str) -> Verification:
    database = Database.at(file)
    try:
        with database.reading.connect() as connection:
            return verify_log(Reader(connection), verifiers=verifiers, outside=outside)
    finally:
        database.close()


def names(file: Path) -> set[str]:
    with closing(sqlite3.connect(file)) as connection:
        return {name for (name,) in connection.execute("SELECT user_name FROM users")}

"""The previous release's database: upgraded with people in it, killed in the middle, and given back to the old code."""

import json
import os
import signal
import subprocess
import sys
import tarfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import inspect, text

from assay.access.break_glass import BreakGlass
from assay.access.exchange import Allow
from assay.events import Verifier, verify_log
from assay.sealing import KeyFile, KeyPurpose, Keyring
from assay.sealing.records.keys import load_signing_keys
from assay.server.roll_back import roll_back
from assay.store import Database, Store
from assay.store.dump import dump, load
from assay.store.migrate import current_revision, plan, revisions, upgrade, upgrade_empty
from assay.store.reader import Reader
from assay.store.rollback import WouldLoseError, losses
from assay.store.safety_copy import space_needed
from assay.values import InvalidInputError
from tests.access.house import BY, NOW, HandClock, House, Person

RELEASES = Path(__file__).parent / "releases"
OLD = "0005"
ORIGIN = "assay/id.assay.localhost"


def unpacked(name: str, into: Path) -> Path:
    into.mkdir()
    with tarfile.open(RELEASES / name) as archive:
        archive.extractall(into, filter="data")
    return into


@pytest.fixture
def old_data(tmp_path: Path) -> Path:
    """What the previous release left behind, made by its own code (releases/old_release.py)."""
    return unpacked("0005-data.tar.xz", tmp_path / "old-data")


@pytest.fixture
def old_database(old_data: Path, database_url: str) -> str:
    """The same on each database: into PostgreSQL row by row, as nothing but the driver changes."""
    if database_url.startswith("sqlite"):
        return f"sqlite:///{old_data / 'assay.db'}"
    source, target = Database.at(old_data / "assay.db"), Database(database_url)
    with source.reading.connect() as reading, target.migrating().begin() as writing:
        upgrade_empty(writing, OLD)
        load(writing, dump(Reader(reading)))
    source.close()
    target.close()
    return database_url


def keyring_of(data: Path) -> Keyring:
    return KeyFile(data / "keys" / "master-key.json", data_directory=data / "data").load()


@pytest.fixture
async def upgraded(old_data: Path, old_database: str) -> AsyncIterator[House]:
    database = Database(old_database)
    assert current_revision(database) == OLD
    upgrade(database)
    assert current_revision(database) == revisions()[-1]
    store = Store(database)
    known = json.loads((old_data / "people.json").read_text())
    house = House(store, HandClock(NOW + timedelta(seconds=known["at"], minutes=30)))
    house.keyring = keyring_of(old_data)
    await house.start()
    yield house
    house.hashing.close()
    await store.close()


def known_of(data: Path, name: str) -> dict[str, str]:
    found: dict[str, str] = json.loads((data / "people.json").read_text())[name]
    return found


async def test_sessions_live_people_sign_in_policies_decide_and_the_log_verifies(
    upgraded: House, old_data: Path
) -> None:
    wiki = next(iter(upgraded.signals.apps.values()))
    for name in ("alice", "bob"):
        known = known_of(old_data, name)
        person = Person(upgraded, name)
        person.app_cookies["wiki"] = known["app_cookie"]
        assert isinstance(await person.ask(wiki), Allow), "the session from before lives"
        person.app_cookies.clear()
        person.totp_secret = bytes.fromhex(known["totp_secret"])
        upgraded.clock.advance(seconds=60)
        await person.password()
        assert not isinstance(await person.open(wiki), Allow), "the policy of before asks for a second factor"
        await person.totp()
        assert isinstance(await person.open(wiki), Allow)
    carol = Person(upgraded, "carol")
    carol.app_cookies["wiki"] = known_of(old_data, "carol")["app_cookie"]
    assert not isinstance(await carol.ask(wiki), Allow), "disabled before, disabled now"
    await upgraded.log.flush()

    keys = await upgraded.store.read(lambda reader: load_signing_keys(reader, upgraded.keyring))
    public = keys.signer(KeyPurpose.CHECKPOINT, NOW).ed25519().public_key()
    outside = (old_data / "checkpoints.txt").read_text()
    verdict = await upgraded.store.read(
        lambda reader: verify_log(reader, verifiers=[Verifier(name=ORIGIN, public=public)], outside=outside)
    )
    assert verdict.ok, verdict.findings
    assert verdict.anchored_outside > 0


def test_check_says_what_would_be_done_and_does_nothing(old_database: str) -> None:
    database = Database(old_database)
    found = plan(database)
    assert (found.now, found.target) == (OLD, revisions()[-1])
    assert [step[:4] for step in found.steps] == list(revisions()[5:])
    assert found.rows > 50
    assert (found.space > 0) is (database.file is not None)
    assert current_revision(database) == OLD
    upgrade(database)
    assert plan(database).steps == ()
    database.close()


def test_a_copy_is_made_first_and_is_the_database_of_before(old_data: Path) -> None:
    database = Database.at(old_data / "assay.db")
    stale = old_data / "assay.db.before-0001"
    stale.touch()
    upgrade(database)
    copy = Database.at(old_data / f"assay.db.before-{OLD}")
    assert current_revision(copy) == OLD
    assert copy.file is not None
    assert copy.file.stat().st_mode & 0o777 == 0o600
    assert not stale.exists()
    assert space_needed(old_data / "assay.db") > 0
    copy.close()
    database.close()


# One process that has everything loaded, and for each statement a child of it that does the upgrade.
KILLED = """
import os, signal, sys
import alembic.command, alembic.script, psycopg
from sqlalchemy import event, Engine
from assay.store import Database
from assay.store.migrate import upgrade
for line in sys.stdin:
    child = os.fork()
    if child:
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)
        continue
    signal.alarm(300)
    left = int(line)
    def count(connection, cursor, statement, parameters, context, executemany):
        global left
        if statement.lstrip().upper().startswith(("CREATE", "ALTER", "DROP", "UPDATE", "INSERT")):
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)
    event.listen(Engine, "before_cursor_execute", count)
    database = Database(sys.argv[1])
    upgrade(database)
    database.close()
    os._exit(0)
"""


@contextmanager
def upgrading(url: str) -> Iterator[Callable[[int], bool]]:
    """Ask whether an upgrade was killed before this statement of it; False where it ended earlier."""
    command = [sys.executable, "-c", KILLED, url]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        asked, told = process.stdin, process.stdout

        def killed_at(statement: int) -> bool:
            print(statement, file=asked, flush=True)
            status = int(told.readline())
            assert status in (0, -signal.SIGKILL)
            return status != 0

        yield killed_at
        asked.close()
        assert process.wait(timeout=120) == 0


@pytest.mark.slow
def test_killed_at_any_statement_it_is_whole_and_goes_through_the_next_time(
    old_data: Path, old_database: str, database_url: str
) -> None:
    statement, kills = 0, 0
    with upgrading(old_database) as killed_at:
        while killed_at(statement):
            kills += 1
            database = Database(old_database)
            assert current_revision(database) == OLD, f"half an upgrade after statement {statement}"
            database.close()
            statement += 7
    assert kills >= 3
    database = Database(old_database)
    assert current_revision(database) == revisions()[-1]
    with database.reading.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM users")).scalar_one() == 3
        assert inspect(connection).has_table("derivation_root")
    database.close()


def run_old_code(tmp_path: Path, data: Path) -> None:
    source = unpacked("0005-source.tar.xz", tmp_path / "old-source")
    environment = {**os.environ, "PYTHONPATH": f"{source / 'src'}:{source}"}
    done = subprocess.run(
        [sys.executable, str(RELEASES / "old_release.py"), "check", str(data)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3_000:]


@pytest.mark.slow
async def test_the_old_code_really_works_on_what_is_rolled_back(old_data: Path, tmp_path: Path) -> None:
    database = Database.at(old_data / "assay.db")
    upgrade(database)
    store = Store(database)
    house = House(store, HandClock(NOW + timedelta(hours=1)))
    house.keyring = keyring_of(old_data)
    await house.start()
    await house.people.add(BY, user_name="dora")
    house.hashing.close()
    await store.close()

    database = Database.at(old_data / "assay.db")
    lost = losses(database, OLD)
    roll_back(database, OLD, lose=bool(lost), at=NOW + timedelta(hours=1))
    assert current_revision(database) == OLD
    database.close()
    run_old_code(tmp_path, old_data)


async def test_what_would_be_lost_is_said_and_kept_unless_told(upgraded: House, old_database: str) -> None:
    await upgraded.store.write(
        lambda t: t.connection.execute(text("UPDATE app SET allowed_origins = '[\"https://a.example\"]'")).rowcount
    )
    await BreakGlass(upgraded.premises).set_up()
    database = Database(old_database)
    lost = losses(database, OLD)
    assert "break_glass_account" in {each.what for each in lost}
    assert "app.allowed_origins" in {each.what for each in lost}
    # Names of whole tables come from SQLAlchemy, in a type that JSON does not know.
    assert len(json.loads(msgspec.json.encode(lost))) == len(lost)
    with pytest.raises(WouldLoseError, match="allowed_origins"):
        roll_back(database, OLD, lose=False, at=NOW)
    assert current_revision(database) == revisions()[-1]
    roll_back(database, OLD, lose=True, at=NOW)
    assert current_revision(database) == OLD
    with database.reading.connect() as connection:
        codes = connection.execute(text("SELECT code FROM event ORDER BY leaf_index DESC LIMIT 1")).scalar_one()
    assert codes == "schema.rolled-back"
    upgrade(database)
    database.close()


@pytest.mark.parametrize("revision", ["9999", revisions()[-1], "", "0006; DROP TABLE users"])
def test_there_is_no_way_back_to_what_is_not_before(old_database: str, revision: str) -> None:
    database = Database(old_database)
    upgrade(database)
    with pytest.raises(InvalidInputError):
        losses(database, revision)
    database.close()

"""A backup restores into either database, whole or not at all, and brings nothing back that was ended since."""

import shutil

import pytest

from assay.access.app_credentials import AppCredentials
from assay.access.attempt import NotDone
from assay.access.exchange import Allow
from assay.access.roles import Roles
from assay.apps.records import credentials
from assay.identities.records import users
from assay.places import Places
from assay.sealing.backup_header import BackupError
from assay.server.tombstones import Tombstones
from assay.sessions.records.unended import unended
from assay.store import Database, Store
from assay.store.migrate import current_revision
from tests.access.house import BY, House
from tests.postgres import Cluster
from tests.server.original import CHANGED, Original, new_places, tables, tables_at


@pytest.mark.parametrize("into", ["sqlite", "postgresql"])
async def test_everything_comes_back_on_either_database(
    original: Original, into: str, request: pytest.FixtureRequest
) -> None:
    database = ""
    if into == "postgresql":
        cluster: Cluster = request.getfixturevalue("postgres_cluster")
        database = cluster.new_database()
    before = await tables(original.house.store)
    await original.back_up()
    target = new_places(original.directory)
    done = await original.restore(target, database=database)
    assert done.verdict.ok, done.verdict.findings
    assert done.restored.sessions_ended == 2
    assert done.restored.rolled_back == 0

    opened = Database(database) if database else Database.at(target.database)
    store = Store(opened)
    after = await tables(store)
    await store.close()
    assert before.keys() == after.keys()
    for name in before.keys() - CHANGED:
        assert after[name] == before[name], name
    assert after["event"][: len(before["event"])] == before["event"]
    assert after["app_session"] == []
    assert target.master_key.read_bytes() == original.service.master_key.read_bytes()
    assert target.master_key.stat().st_mode & 0o777 == 0o600


async def test_people_sign_in_at_what_was_restored_and_old_cookies_open_nothing(on_sqlite: Original) -> None:
    await on_sqlite.back_up()
    target = new_places(on_sqlite.directory)
    await on_sqlite.restore(target)
    store = Store(Database.at(target.database))
    house = House(store, on_sqlite.house.clock)
    house.keyring = on_sqlite.house.keyring
    await house.start()
    alice = on_sqlite.alice
    alice.house = house
    assert not isinstance(await alice.ask(on_sqlite.wiki), Allow), "the session of before has ended"
    house.clock.advance(seconds=60)
    alice.app_cookies.clear()
    await alice.sign_in()
    assert isinstance(await alice.open(on_sqlite.wiki), Allow)
    house.hashing.close()
    await store.close()


async def test_sessions_live_on_where_that_is_asked_for(on_sqlite: Original) -> None:
    await on_sqlite.back_up()
    done = await on_sqlite.restore(new_places(on_sqlite.directory), keep_sessions=True)
    assert done.restored.sessions_ended == 0


async def test_who_was_removed_since_stays_removed_and_a_roll_back_is_said_and_recorded(on_sqlite: Original) -> None:
    await on_sqlite.back_up()
    house = on_sqlite.house
    await house.people.remove(BY, "bob")
    await house.log.flush()
    await on_sqlite.checkpointer.tick(now=True)
    target = new_places(on_sqlite.directory)
    target.checkpoints.parent.mkdir(mode=0o700)
    shutil.copy(on_sqlite.checkpoints, target.checkpoints)
    await Tombstones(house.store, target.tombstones).tick()

    done = await on_sqlite.restore(target)
    assert done.restored.people_removed_again == 1
    assert done.restored.rolled_back >= 1
    assert done.aside is not None
    assert done.aside.read_text()
    # Those that were put aside no longer contradict the log that goes on from the backup.
    assert done.verdict.ok, done.verdict.findings
    store = Store(Database.at(target.database))
    found = await tables(store)
    await store.close()
    assert "bob" not in str(found["users"])
    assert any("backup.restored" in row and '"rolled_back":' in str(row) for row in map(list, found["event"]))


async def test_a_credential_that_was_revoked_since_stays_revoked(on_sqlite: Original) -> None:
    house = on_sqlite.house
    app = await house.app("builds")
    flow = AppCredentials(house.premises)
    kept, leaked = [await flow.add(BY, "builds", name=name) for name in ("kept", "leaked")]
    await on_sqlite.back_up()
    await flow.revoke(BY, "builds", "leaked")
    await house.log.flush()
    target = new_places(on_sqlite.directory)
    target.tombstones.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    await Tombstones(house.store, target.tombstones).tick()
    await on_sqlite.restore(target)
    store = Store(Database.at(target.database))
    found = await store.read(lambda reader: credentials.of_app(reader, app.id))
    await store.close()
    assert {each.id: each.revoked_at is not None for each in found} == {
        kept.credential.id: False,
        leaked.credential.id: True,
    }
    # The last word of the one transaction, which nothing comes after.
    assert "backup.restored" in map(str, (await tables_at(target.database))["event"][-1])


@pytest.mark.parametrize("into", ["sqlite", "postgresql"])
@pytest.mark.parametrize("keep_sessions", [False, True])
async def test_a_last_administrator_who_was_removed_since_is_shut_out_and_named(
    on_sqlite: Original, into: str, keep_sessions: bool, request: pytest.FixtureRequest
) -> None:
    house, roles = on_sqlite.house, Roles(on_sqlite.house.premises)
    await roles.assign(BY, "Global Administrator", user="alice")
    await on_sqlite.back_up()
    alice = await on_sqlite.alice.user_id()
    await roles.assign(BY, "Global Administrator", user="bob")
    assert not isinstance(await house.people.remove(BY, "alice"), NotDone)
    await house.log.flush()
    target = new_places(on_sqlite.directory)
    target.tombstones.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    await Tombstones(house.store, target.tombstones).tick()

    database = request.getfixturevalue("postgres_cluster").new_database() if into == "postgresql" else ""
    done = await on_sqlite.restore(target, database=database, keep_sessions=keep_sessions)
    assert done.restored.disabled_instead == (alice,)
    assert done.restored.people_removed_again == 0
    assert done.verdict.ok, done.verdict.findings
    store = Store(Database(database) if database else Database.at(target.database))
    left = await store.read(lambda reader: users.get(reader, alice))
    alive = await store.read(lambda reader: unended(reader, house.clock.now(), user_id=alice))
    await store.close()
    assert left is not None
    assert not left.enabled
    assert list(alive) == []


@pytest.mark.parametrize("into", ["sqlite", "postgresql"])
async def test_what_cannot_be_settled_is_not_restored(
    on_sqlite: Original, into: str, request: pytest.FixtureRequest
) -> None:
    await on_sqlite.back_up()
    await on_sqlite.house.people.remove(BY, "bob")
    await on_sqlite.house.log.flush()
    await on_sqlite.checkpointer.tick(now=True)
    target = new_places(on_sqlite.directory)
    target.checkpoints.parent.mkdir(mode=0o700)
    shutil.copy(on_sqlite.checkpoints, target.checkpoints)
    # Nobody can say who was removed since.
    target.tombstones.mkdir()
    database = request.getfixturevalue("postgres_cluster").new_database() if into == "postgresql" else ""
    with pytest.raises(IsADirectoryError):
        await on_sqlite.restore(target, database=database)
    assert list(target.data.glob("assay.db*")) == []
    assert not target.master_key.exists()
    if database:
        opened = Database(database)
        assert current_revision(opened) is None
        opened.close()
    # The file outside is as it was.
    assert target.checkpoints.read_bytes() == on_sqlite.checkpoints.read_bytes()
    assert sorted(path.name for path in target.checkpoints.parent.iterdir()) == ["checkpoints.txt", "tombstones.txt"]
    target.tombstones.rmdir()
    assert (await on_sqlite.restore(target, database=database)).aside is not None


async def test_nothing_is_restored_over_something(on_sqlite: Original) -> None:
    await on_sqlite.back_up()
    target = new_places(on_sqlite.directory)
    await on_sqlite.restore(target)
    with pytest.raises(BackupError, match="already"):
        await on_sqlite.restore(target)
    other = new_places(on_sqlite.directory, name="other")
    with pytest.raises(BackupError, match="tables already"):
        await on_sqlite.restore(other, database=f"sqlite:///{target.database}")
    assert not other.database.exists()


async def test_a_restore_that_fails_half_way_leaves_an_empty_place(on_sqlite: Original) -> None:
    await on_sqlite.back_up()
    made = new_places(on_sqlite.directory)
    apart = on_sqlite.directory / "apart"
    target = Places(data=made.data, master_key=apart / "master-key.json", checkpoints=made.checkpoints)
    target.checkpoints.parent.mkdir(mode=0o700)
    # Comes after the master key, and cannot be written.
    target.checkpoints.symlink_to(on_sqlite.directory / "missing" / "checkpoints.txt")
    with pytest.raises(FileNotFoundError, match="checkpoints"):
        await on_sqlite.restore(target)
    assert apart.is_dir(), "the master key was written before it failed"
    assert list(apart.iterdir()) == []
    assert not target.database.exists()
    assert list(target.data.glob("assay.db*")) == []
    target.checkpoints.unlink(missing_ok=True)
    assert (await on_sqlite.restore(target)).verdict.ok

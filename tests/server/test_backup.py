"""A backup restores into either database, whole or not at all, and brings nothing back that was ended since."""

import os
import secrets
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec.structs import replace

from assay.access.app_credentials import AppCredentials
from assay.access.attempt import NotDone
from assay.access.exchange import Allow
from assay.access.roles import Roles
from assay.apps.records import credentials
from assay.events import Checkpointer
from assay.events.note import Verifier
from assay.identities.records import users
from assay.places import Places, places
from assay.sealing import KeyPurpose, SealBrokenError
from assay.sealing.backup_header import BackupError, generate, seal_key
from assay.sealing.records.keys import load_signing_keys, rotate_signing_key
from assay.sealing.records.roots import add_root
from assay.sealing.segments import SEGMENT, TAG
from assay.server.backup import Backups
from assay.server.read_backup import verify_backup
from assay.server.restore import Restoration, Restore
from assay.server.tombstones import Tombstones
from assay.sessions.records.unended import unended
from assay.store import Database, Store, Transaction
from assay.store.dump import TableHead, TableRows, dump
from assay.store.migrate import current_revision
from assay.values import AssayError
from tests.access.house import BY, NOW, HandClock, House
from tests.api.service import AdminService
from tests.postgres import Cluster

IDENTITY, RECIPIENT = generate()
# What a restore changes on purpose, or adds to.
CHANGED = {"change", "event", "tree", "checkpoint", "session", "app_session", "ticket"}
CHANGED |= {"enrolment_passes", "message", "node"}


class Original:
    """A house with people in it, its admin socket, and one backup of it."""

    def __init__(self, store: Store, directory: Path) -> None:
        self.house = House(store, HandClock(NOW))
        self.directory = directory
        self.file = directory / "backup.assay"

    async def fill(self) -> None:
        await self.house.start()
        await self.house.store.write(self._make_keys)
        self.house.keys = await self.house.store.read(lambda r: load_signing_keys(r, self.house.keyring))
        self.service = AdminService(self.house, self.directory)
        key = self.house.keys.signer(KeyPurpose.CHECKPOINT, NOW).ed25519()
        self.verifier = Verifier(name="assay/id.assay.localhost", public=key.public_key())
        self.checkpoints = self.directory / "outside.txt"
        self.checkpointer = Checkpointer(
            self.house.store,
            origin=self.verifier.name,
            key=lambda: key,
            clock=self.house.clock,
            outside=self.checkpoints,
        )
        where = self.service.settings.places
        where = Places(data=where.data, master_key=where.master_key, checkpoints=self.checkpoints)
        self.settings = replace(self.service.settings, places=where)
        self.alice = await self.house.person("alice")
        self.bob = await self.house.person("bob")
        self.wiki = await self.house.app("wiki", assigned=("alice", "bob"))
        await self.alice.sign_in()
        await self.bob.sign_in()
        assert isinstance(await self.alice.open(self.wiki), Allow)
        await self.house.log.flush()
        await self.checkpointer.tick(now=True)

    def _make_keys(self, transaction: Transaction) -> None:
        at = self.house.clock.now()
        rotate_signing_key(transaction, KeyPurpose.CHECKPOINT, self.house.keyring, at=at)
        add_root(transaction, self.house.keyring, at=at)

    async def back_up(self, *, passphrase: str = "") -> bytes:
        key = secrets.token_bytes(32)
        header = seal_key(
            key,
            at=self.house.clock.now(),
            passphrase=passphrase,
            recipients=() if passphrase else (RECIPIENT,),
            random=secrets.token_bytes,
        )
        backups = Backups(self.house.premises, self.settings, self.service.key_care.flow)
        segments = [segment async for segment in await backups.stream(BY, key, header)]
        self.file.write_bytes(header + b"".join(segments))
        return header

    async def restore(self, target: Places, *, database: str = "", keep_sessions: bool = False) -> Restoration:
        work = Restore(self.file, target, self.house.clock, identity=IDENTITY, database=database)
        return await work.run(keep_sessions=keep_sessions, say=lambda _words: None)


def new_places(directory: Path, *, name: str = "restored") -> Places:
    apart = directory / f"{name}-keys"
    made = places(directory / name, master_key=apart / "master-key.json")
    return Places(data=made.data, master_key=made.master_key, checkpoints=apart / "checkpoints.txt")


@pytest.fixture
async def original(store: Store, tmp_path: Path) -> AsyncIterator[Original]:
    made = Original(store, tmp_path)
    await made.fill()
    yield made
    made.house.hashing.close()


@pytest.fixture
async def on_sqlite(sqlite_store: Store, tmp_path: Path) -> AsyncIterator[Original]:
    made = Original(sqlite_store, tmp_path)
    await made.fill()
    yield made
    made.house.hashing.close()


async def tables(store: Store) -> dict[str, list[list[object]]]:
    def look(reader: object) -> dict[str, list[list[object]]]:
        found: dict[str, list[list[object]]] = {}
        name = ""
        for part in dump(reader):  # type: ignore[arg-type]
            if isinstance(part, TableHead):
                name = part.name
                found[name] = []
            elif isinstance(part, TableRows):
                found[name].extend(part.rows)
        return found

    return await store.read(look)


async def tables_at(path: Path) -> dict[str, list[list[object]]]:
    store = Store(Database.at(path))
    found = await tables(store)
    await store.close()
    return found


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


async def test_every_kind_of_damage_is_found_and_leaves_nothing(on_sqlite: Original) -> None:
    for number in range(120):
        await on_sqlite.house.people.add(BY, user_name=f"person{number}")
    header = await on_sqlite.back_up()
    good = on_sqlite.file.read_bytes()
    assert len(good) > len(header) + 2 * (SEGMENT + TAG), "more than one segment"
    body, step = good[len(header) :], SEGMENT + TAG
    segments = [body[start : start + step] for start in range(0, len(body), step)]
    damaged: dict[str, bytes] = {
        "swapped": header + b"".join([segments[1], segments[0], *segments[2:]]),
        "repeated": header + b"".join([segments[0], *segments]),
        "dropped": header + b"".join(segments[1:]),
        "end dropped": header + b"".join(segments[:-1]),
        "cut in the middle": good[:-7],
        "cut to the header": header,
        "longer": good + b"x",
        "of another backup's header": header.replace(b'"takenAt":"2', b'"takenAt":"3') + body,
    }
    for position in range(0, len(body), max(1, len(body) // 25)):
        flipped = bytearray(body)
        flipped[position] ^= 1
        damaged[f"bit at {position}"] = header + bytes(flipped)
    for what, octets in damaged.items():
        on_sqlite.file.write_bytes(octets)
        target = new_places(on_sqlite.directory, name="damaged")
        with pytest.raises(AssayError) as caught:
            await on_sqlite.restore(target)
        assert isinstance(caught.value, SealBrokenError | BackupError), what
        assert not target.database.exists(), what
        assert not target.master_key.exists(), what


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (b"assay-backup/1", b"assay-backup/2", "this release reads"),
        (b"assay-backup/1", b"assay-backup/0", "this release reads"),
        (b"{", b"<", "no backup"),
    ],
)
async def test_another_format_is_said(on_sqlite: Original, old: bytes, new: bytes, said: str) -> None:
    await on_sqlite.back_up()
    on_sqlite.file.write_bytes(on_sqlite.file.read_bytes().replace(old, new, 1))
    with pytest.raises(BackupError, match=said):
        verify_backup(on_sqlite.file, identity=IDENTITY)


async def test_only_the_right_secret_opens_it(on_sqlite: Original) -> None:
    await on_sqlite.back_up()
    with pytest.raises(BackupError, match="not made for this identity"):
        verify_backup(on_sqlite.file, identity=generate()[0])
    with pytest.raises(BackupError, match="has no passphrase"):
        verify_backup(on_sqlite.file, passphrase="five random words are here")
    await on_sqlite.back_up(passphrase="five random words are here")
    with pytest.raises(BackupError, match="passphrase is wrong"):
        verify_backup(on_sqlite.file, passphrase="five random words are there")
    assert verify_backup(on_sqlite.file, passphrase="five random words are here").manifest.log_size > 0


async def test_a_backup_that_a_stranger_made_is_not_signed(on_sqlite: Original) -> None:
    """Recipients are public: whoever knows one can seal something for it, and cannot sign its log."""
    await on_sqlite.back_up()
    ours = on_sqlite.verifier
    assert verify_backup(on_sqlite.file, identity=IDENTITY, verifiers=[ours]).proved > 0
    other = Ed25519PrivateKey.generate().public_key()
    with pytest.raises(BackupError, match="signed by the key"):
        verify_backup(on_sqlite.file, identity=IDENTITY, verifiers=[Verifier(name=ours.name, public=other)])


async def test_writing_goes_on_while_one_snapshot_is_read(original: Original) -> None:
    key = os.urandom(32)
    backups = Backups(original.house.premises, original.settings, original.service.key_care.flow)
    header = seal_key(key, at=NOW, recipients=(RECIPIENT,), random=secrets.token_bytes)
    collected = [header]
    stream = await backups.stream(BY, key, header)
    collected.append(await anext(stream))
    await original.house.people.add(BY, user_name="carol")
    collected.extend([segment async for segment in stream])
    original.file.write_bytes(b"".join(collected))
    contents = verify_backup(original.file, identity=IDENTITY)
    after = await tables(original.house.store)
    assert contents.rows["users"] == len(after["users"]) - 1
    assert contents.manifest.log_size == contents.rows["event"]


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

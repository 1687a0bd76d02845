"""A house with people in it, and a backup of it."""

import secrets
from pathlib import Path

from msgspec.structs import replace

from assay.access.exchange import Allow
from assay.events import Checkpointer
from assay.events.note import Verifier
from assay.places import Places, places
from assay.sealing import KeyPurpose
from assay.sealing.backup_header import generate, seal_key
from assay.sealing.records.keys import load_signing_keys, rotate_signing_key
from assay.sealing.records.roots import add_root
from assay.server.backup import Backups
from assay.server.restore import Restoration, Restore
from assay.store import Database, Store, Transaction
from assay.store.dump import TableHead, TableRows, dump
from tests.access.house import BY, NOW, HandClock, House
from tests.api.service import AdminService

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

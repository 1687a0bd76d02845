"""Two nodes on one PostgreSQL, each with a key file of its own: no master key goes that one of them may seal with."""

import secrets
import shutil
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from assay.access.premises import Addresses, Premises
from assay.access.rotation_rules import KeyKind
from assay.access.standing import OutageLimits, Standing
from assay.places import places
from assay.sealing import KeyFile, KeyPurpose, UnknownMasterKeyError
from assay.sealing.records.keys import rotate_signing_key
from assay.server.key_care import KeyCare
from assay.server.keys import ServiceKeys, complete_keys, read_keys
from assay.server.membership import Membership
from assay.server.settings import ServiceSettings
from assay.store import Database, Store
from assay.store.migrate import upgrade
from assay.values import InvalidInputError
from tests.access.house import BY, NOW, HandClock
from tests.postgres import Cluster

LEAD = timedelta(hours=2)
BASE = "assay.localhost"
ORIGIN = f"assay/id.{BASE}"


class Node:
    """What one node does with its keys, and what it says of itself, beside its own key file."""

    def __init__(self, name: str, url: str, directory: Path, clock: HandClock) -> None:
        self.name = name
        self.clock = clock
        self.store = Store(Database(url))
        mine = places(directory / name, master_key=directory / f"{name}.json")
        self.settings = ServiceSettings(places=mine, base_domain=BASE, port=8443)
        self.file = KeyFile(mine.master_key, data_directory=mine.data)

    async def start(self) -> None:
        keyring = self.file.load(at=self.clock.now())
        found = await self.store.write(lambda transaction: complete_keys(transaction, keyring, self.clock))
        self.keys = ServiceKeys(self.store, self.file, keyring, found, clock=self.clock, origin=ORIGIN)
        premises = Premises(
            store=self.store,
            clock=self.clock,
            random=secrets.token_bytes,
            addresses=Addresses(base=BASE, port=8443),
            keyring=lambda: self.keys.keyring,
            derivation=lambda: self.keys.derivation,
        )
        self.care = KeyCare(premises, self.keys, self.settings, origin=ORIGIN, node=self.name)
        self.member = Membership(
            self.store,
            self.clock,
            Standing(OutageLimits(), time.monotonic),
            name=self.name,
            random=secrets.token_bytes,
            seals_with=lambda: self.keys.keyring.newest.id,
        )
        await self.member.join()

    async def round(self) -> None:
        """What it does every few seconds: read its file, seal anew, say what it seals with."""
        await self.care.tick()
        await self.member.join()

    async def retire(self, *gone: str) -> tuple[str, ...]:
        return await self.care.flow.retire(BY, KeyKind.MASTER, gone=gone)

    async def seal_something(self) -> None:
        """A secret of its own, as a person's new authenticator app would be."""
        keyring, at = self.keys.keyring, self.clock.now()
        await self.store.write(lambda t: rotate_signing_key(t, KeyPurpose.CHECKPOINT, keyring, at=at))

    async def opens_everything(self) -> bool:
        return await self.store.read(lambda reader: read_keys(reader, self.keys.keyring)) is not None


@pytest.fixture
async def nodes(postgres_cluster: Cluster, tmp_path: Path) -> AsyncIterator[tuple[Node, Node]]:
    url, clock = postgres_cluster.new_database(), HandClock(NOW)
    database = Database(url)
    upgrade(database)
    database.close()
    a, b = Node("a", url, tmp_path, clock), Node("b", url, tmp_path, clock)
    a.file.create(at=clock.now())
    shutil.copy2(a.file.path, b.file.path)
    for node in (a, b):
        await node.start()
    yield a, b
    for node in (a, b):
        await node.store.close()


async def rotated_without(late: Node, node: Node) -> Path:
    """A rotation that is over, whose key file nobody gave to one node; that file."""
    with pytest.raises(InvalidInputError, match="other nodes work on this database"):
        await node.care.flow.rotate_master(BY)
    file = node.file.path.with_name("next.json")
    made = await node.care.flow.rotate_master(BY, lead=LEAD, into=file)
    shutil.copy2(file, node.file.path)
    node.clock.advance(hours=3)
    await node.round()
    assert node.keys.keyring.newest.id == made.id != late.keys.keyring.newest.id
    return file


async def test_a_master_key_stays_until_every_node_seals_with_the_next(nodes: tuple[Node, Node]) -> None:
    a, b = nodes
    old = a.keys.keyring.newest.id
    file = await rotated_without(b, a)
    await b.member.join()
    with pytest.raises(InvalidInputError, match="b did not say that it seals with the new key"):
        await a.retire()
    # Cut off from the database for a minute, which a node survives: it comes back with the file of before.
    a.clock.advance(minutes=1)
    await a.round()
    with pytest.raises(InvalidInputError, match="b says nothing, and did not have the new key"):
        await a.retire()
    await b.seal_something()
    assert await a.opens_everything(), "what was sealed with the old key meanwhile is not lost"

    shutil.copy2(file, b.file.path)
    for node in (b, a):
        await node.round()
    assert await a.retire() == (old,)
    await b.seal_something()
    for node in (a, b):
        await node.round()
        assert await node.opens_everything()


async def test_of_a_node_that_never_comes_back_somebody_has_to_say_so(nodes: tuple[Node, Node]) -> None:
    a, b = nodes
    old = a.keys.keyring.newest.id
    await rotated_without(b, a)
    with pytest.raises(InvalidInputError, match="no other node named c"):
        await a.retire("c")
    assert await a.retire("b") == (old,)
    # Should it come back after all, it starts with the file that everybody else has, and with no other.
    with pytest.raises(UnknownMasterKeyError):
        await b.start()
    shutil.copy2(a.file.path, b.file.path)
    await b.start()
    assert await b.opens_everything()

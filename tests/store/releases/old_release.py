"""Run by the previous release's own code: fills a database through its flows, and lives on one that came back to it.

Its source lies beside this file, as of commit 9c58f64 (schema 0005), so that a shallow clone has it too:

    git archive 9c58f64 src/assay tests/__init__.py tests/access/__init__.py tests/access/house.py \
        tests/access/admin | xz -9 > tests/store/releases/0005-source.tar.xz

The fixture was made, and is made anew, by

    mkdir old && tar -xf tests/store/releases/0005-source.tar.xz -C old
    PYTHONPATH=old/src:old python tests/store/releases/old_release.py fill NEW-DIRECTORY
    tar -cJf tests/store/releases/0005-data.tar.xz -C NEW-DIRECTORY .
"""

import asyncio
import json
import sys
from pathlib import Path

from assay.access.exchange import Allow
from assay.access.import_policies import ImportOptions
from assay.events import Checkpointer, Verifier, verify_log
from assay.sealing import KeyFile, KeyPurpose
from assay.sealing.records.keys import rotate_signing_key
from assay.store import Database, Store
from assay.store.migrate import upgrade
from tests.access.admin.graph import policy, source
from tests.access.house import BY, NOW, HandClock, House, Person

ORIGIN = "assay/id.assay.localhost"
PEOPLE = ("alice", "bob", "carol")


def house_in(directory: Path, *, minutes: float) -> House:
    database = Database.at(directory / "assay.db")
    upgrade(database)
    house = House(Store(database), HandClock(NOW))
    house.clock.advance(minutes=minutes)
    file = KeyFile(directory / "keys" / "master-key.json", data_directory=directory / "data")
    house.keyring = file.load() if file.exists() else file.create(at=NOW)
    house.premises.keyring = house.keyring
    return house


async def close(house: House) -> None:
    house.hashing.close()
    await house.log.flush()
    await house.store.close()


async def fill(directory: Path) -> None:
    """Three people with every method but passkeys, groups, an app, a policy, sessions, decisions, a signed log."""
    house = house_in(directory, minutes=0)
    await house.store.write(lambda t: rotate_signing_key(t, KeyPurpose.CHECKPOINT, house.keyring, at=NOW))
    await house.start()
    known = {}
    people = [await house.person(name) for name in PEOPLE]
    wiki = await house.app("wiki", assigned=PEOPLE)
    await house.policies.import_files(BY, (source([policy()]),), ImportOptions())
    for person in people:
        await person.sign_in()
        assert isinstance(await person.open(wiki), Allow)
        known[person.user_name] = {
            "totp_secret": person.totp_secret.hex(),
            "cookie": person.cookie,
            "app_cookie": person.app_cookies["wiki"],
            "recovery_codes": person.recovery_codes,
        }
    await house.people.disable(BY, "carol")
    await house.log.flush()
    await sign(house, directory)
    known["at"] = (house.clock.now() - NOW).total_seconds()
    (directory / "people.json").write_text(json.dumps(known, indent=1))
    await close(house)


async def check(directory: Path) -> None:
    """The old release works on this: sessions live, people sign in, the log verifies and goes on."""
    known = json.loads((directory / "people.json").read_text())
    house = house_in(directory, minutes=known["at"] / 60 + 30)
    await house.start()
    app = next(iter(house.signals.apps.values()))
    for name in ("alice", "bob"):
        person = Person(house, name)
        person.app_cookies["wiki"] = known[name]["app_cookie"]
        assert isinstance(await person.ask(app), Allow), "the session from before lives"
        person.totp_secret = bytes.fromhex(known[name]["totp_secret"])
        person.app_cookies.clear()
        await person.sign_in()
        assert isinstance(await person.open(app), Allow)
    await house.log.flush()
    await sign(house, directory)
    public = house.keys.newest(KeyPurpose.CHECKPOINT).ed25519().public_key()
    outside = (directory / "checkpoints.txt").read_text()
    verifier = Verifier(name=ORIGIN, public=public)
    verdict = await house.store.read(lambda reader: verify_log(reader, verifiers=[verifier], outside=outside))
    assert verdict.ok, verdict.findings
    await close(house)


async def sign(house: House, directory: Path) -> None:
    checkpointer = Checkpointer(
        house.store,
        origin=ORIGIN,
        key=lambda: house.keys.newest(KeyPurpose.CHECKPOINT).ed25519(),
        clock=house.clock,
        outside=directory / "checkpoints.txt",
    )
    await checkpointer.tick(now=True)


if __name__ == "__main__":
    verb, where = sys.argv[1:]
    asyncio.run({"fill": fill, "check": check}[verb](Path(where)))

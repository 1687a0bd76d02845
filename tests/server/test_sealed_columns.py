"""A rotation of the master key reaches every sealed value: a column that nobody seals anew is found here."""

import importlib
import pkgutil
import secrets
from functools import partial

from sqlalchemy import LargeBinary, Table, Text, select

import assay
from assay.sealing import Keyring
from assay.sealing.seal import new_master_key
from assay.sealing.sealed_column import reseal_some, sealed_under
from assay.server.vault import SEALED
from assay.store import Reader, metadata
from tests.access.house import House


def every_table() -> list[Table]:
    for module in pkgutil.walk_packages(assay.__path__, "assay."):
        if ".records." in module.name:
            importlib.import_module(module.name)
    return metadata.sorted_tables


def test_every_column_that_is_named_sealed_is_resealed() -> None:
    named = {
        f"{table.name}.{column.name}"
        for table in every_table()
        for column in table.columns
        if column.name.startswith("sealed_") and isinstance(column.type, LargeBinary)
    }
    assert len(named) >= 3
    assert named == {column.name for column in SEALED}


async def test_nothing_that_the_flows_sealed_lies_anywhere_else(house: House) -> None:
    """Whatever its name: every value of every table is looked at after people have enrolled."""
    await house.person("alice")
    marks = tuple(b"\x01" + bytes.fromhex(key.id) for key in house.keyring.keys)

    def look(reader: Reader) -> set[str]:
        found = set()
        for table in every_table():
            for column in table.columns:
                if not isinstance(column.type, LargeBinary | Text):
                    continue
                for value in reader.connection.execute(select(column)).scalars():
                    octets = value if isinstance(value, bytes) else str(value).encode()
                    if octets.startswith(marks) or any(mark.hex().encode() in octets for mark in marks):
                        found.add(f"{table.name}.{column.name}")
        return found

    sealed = await house.store.read(look)
    assert sealed
    assert sealed <= {column.name for column in SEALED}


async def test_sealing_anew_goes_on_where_it_was_and_leaves_nothing_behind(house: House) -> None:
    people = [await house.person(name) for name in ("alice", "bob", "carol")]
    old = house.keyring.newest.id
    new = new_master_key(secrets.token_bytes(40), at=house.clock.now())
    house.keyring = Keyring(keys=(*house.keyring.keys, new), random=secrets.token_bytes)
    for column in SEALED:
        # One value at a time, as if the service were killed after each.
        while await house.store.write(partial(reseal_some, sealed=column, keyring=house.keyring, limit=1)):
            pass
        assert old not in await house.store.read(partial(sealed_under, sealed=column))
    house.keyring = Keyring(keys=(new,), random=secrets.token_bytes)
    for person in people:
        house.clock.advance(seconds=60)
        await person.sign_in()
        assert await person.session_id()

"""What a password sign-in costs the one writer: counted in statements, which a busy machine does not change."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

from assay.access.steps import AskFirstFactor, Enter
from assay.store import Store
from tests.access.house import House

WRONG = "not the right password at all"

# BEGIN and COMMIT of both transactions (the attempt is counted before it is looked at) among them, and the two rows
# by which lists and counts know of it. From a new device the first attempt of a process counts the counters, twice.
KNOWN_DEVICE = 20
NEW_DEVICE = 22
WRONG_PASSWORD = 8


_LITERAL = re.compile(r"x?'(?:[^']|'')*'|\b\d+\b|\bNULL\b")


@contextmanager
def counting(store: Store) -> Iterator[list[str]]:
    """Every statement that SQLite runs for the writer meanwhile, without its values; once for several rows."""
    said: list[str] = []
    with store.database.writing.connect() as connection:
        # The writer has one connection, which stays open.
        writer = cast("sqlite3.Connection", connection.connection.dbapi_connection)

    def ran(statement: str) -> None:
        shape = _LITERAL.sub("?", statement)
        if said[-1:] != [shape]:
            said.append(shape)

    writer.set_trace_callback(ran)
    try:
        yield said
    finally:
        writer.set_trace_callback(None)


async def test_a_sign_in_on_a_known_device(house: House) -> None:
    alice = await house.person("alice")
    await alice.sign_in()
    assert alice.device
    alice.keep(await house.sign_in.sign_out(alice.visitor))
    with counting(house.store) as said:
        assert isinstance((await alice.password()).step, Enter)
    assert len(said) <= KNOWN_DEVICE, "\n".join(said)


async def test_a_sign_in_on_another_device(house: House) -> None:
    alice = await house.person("alice")
    alice.device = ""
    with counting(house.store) as said:
        assert isinstance((await alice.password()).step, Enter)
    assert len(said) <= NEW_DEVICE, "\n".join(said)


async def test_a_wrong_password_after_the_first(house: House) -> None:
    alice = await house.person("alice")
    await alice.password(WRONG)
    with counting(house.store) as said:
        assert isinstance((await alice.password(WRONG)).step, AskFirstFactor)
    assert len(said) <= WRONG_PASSWORD, "\n".join(said)


async def test_nobody_costs_what_somebody_costs(house: House) -> None:
    alice = await house.person("alice")
    told = []
    for name in (alice.user_name, "nobody"):
        alice.user_name = name
        await alice.password(WRONG)
        with counting(house.store) as said:
            await alice.password(WRONG)
        told.append(said)
    assert told[0] == told[1]

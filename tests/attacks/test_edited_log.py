"""Whoever writes into the database beside the service is found by `assay events verify`."""

import asyncio
import sqlite3
from contextlib import closing

import pytest

from tests.attacks.outsider import WIKI, People


def execute(people: People, statement: str, *values: object) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(people.installed.data / "assay.db", timeout=30)) as database, database:
        return database.execute(statement, values).fetchall()


def edited(value: object) -> object:
    """Another value of the same type and length: what somebody would write who hides something."""
    if isinstance(value, bytes):
        return bytes([*value[:-2], value[-2] ^ 1, value[-1]])
    assert isinstance(value, str)
    last = max(at for at, character in enumerate(value) if character.isalnum())
    return value[:last] + ("1" if value[last] != "1" else "2") + value[last + 1 :]


def good(people: People) -> bool:
    found = people.installed.json("events", "verify")
    assert isinstance(found, dict)
    return bool(found["ok"])


def bad(people: People) -> bool:
    found = people.installed.json("events", "verify", code=1)
    assert isinstance(found, dict)
    return not found["ok"]


@pytest.fixture(autouse=True)
def some_decisions(people: People) -> None:
    async def use() -> None:
        _, app = await people.at_wiki("bob")
        assert (await people.send(WIKI, "GET", "/json", cookies=app)).status == 200

    asyncio.run(use())


@pytest.mark.parametrize(
    ("table", "key", "column"),
    [
        ("event", "leaf_index", "payload"),
        ("event", "leaf_index", "code"),
        ("event", "leaf_index", "salt"),
        ("decision", "id", "record"),
        ("decision", "id", "outcome"),
    ],
)
def test_an_edit_is_found(people: People, table: str, key: str, column: str) -> None:
    name, before = execute(people, f"SELECT {key}, {column} FROM {table} ORDER BY rowid DESC LIMIT 1")[0]
    after = edited(before)
    execute(people, f"UPDATE {table} SET {column} = ? WHERE {key} = ?", after, name)
    try:
        assert bad(people)
    finally:
        execute(people, f"UPDATE {table} SET {column} = ? WHERE {key} = ?", before, name)
    assert good(people)


def test_a_deleted_record_is_found(people: People) -> None:
    row = execute(people, "SELECT * FROM event ORDER BY leaf_index DESC LIMIT 1 OFFSET 5")[0]
    execute(people, "DELETE FROM event WHERE leaf_index = ?", row[0])
    try:
        assert bad(people)
    finally:
        execute(people, f"INSERT INTO event VALUES ({', '.join('?' * len(row))})", *row)
    assert good(people)

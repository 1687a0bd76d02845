"""A new SQLite database begins with a script instead of all migrations: it is what they would have made."""

import sqlite3
from pathlib import Path

from assay.store import Database
from assay.store.migrate import revisions, upgrade
from tests.store.make_empty_sqlite import migrated


def found_in(path: Path) -> tuple[set[tuple[str, str, str]], dict[str, list[tuple[object, ...]]]]:
    """Tables and indexes with their text but for white space, and the rows of each table."""
    connection = sqlite3.connect(path)
    parts = {
        (str(kind), str(name), " ".join((text or "").split()))
        for kind, name, text in connection.execute("SELECT type, name, sql FROM sqlite_master")
    }
    tables = sorted(name for kind, name, _ in parts if kind == "table")
    rows = {name: connection.execute(f"SELECT * FROM {name}").fetchall() for name in tables}
    connection.close()
    return parts, rows


def test_an_empty_database_becomes_what_all_migrations_make_of_it(tmp_path: Path) -> None:
    """If this fails although no migration of before was changed: python -m tests.store.make_empty_sqlite."""
    migrated(tmp_path / "migrated.db")
    database = Database.at(tmp_path / "begun.db")
    upgrade(database)
    database.close()
    parts, rows = found_in(tmp_path / "migrated.db")
    begun, begun_rows = found_in(tmp_path / "begun.db")
    assert begun == parts
    assert begun_rows == rows
    assert rows["alembic_version"] == [(revisions()[-1],)]

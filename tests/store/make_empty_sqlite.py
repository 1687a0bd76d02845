"""Writes src/assay/store/migrations/empty_sqlite.sql anew from the migrations: python -m tests.store.make_empty_sqlite.

After a new migration it may be written anew, and need not: an empty database then begins with the script, and goes on
with the migrations that are newer than it.
"""

import sqlite3
import tempfile
from pathlib import Path

from sqlalchemy import create_engine

from assay.store.empty import END, SCRIPT
from assay.store.migrate import upgrade_loaded


def migrated(path: Path) -> None:
    """An empty database brought to this release's schema by the migrations alone, and no script."""
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        upgrade_loaded(connection)
    engine.dispose()


def statements(path: Path) -> tuple[str, ...]:
    """What makes this database, tables with their rows before the indexes."""
    with sqlite3.connect(path) as connection:
        found = tuple(
            "\n".join(line.rstrip() for line in each.removesuffix(";").splitlines()) for each in connection.iterdump()
        )
    connection.close()
    return tuple(each for each in found if each not in ("BEGIN TRANSACTION", "COMMIT"))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as directory:
        database = Path(directory) / "assay.db"
        migrated(database)
        SCRIPT.write_text("".join(f"{each.strip()}{END}" for each in statements(database)), encoding="utf-8")

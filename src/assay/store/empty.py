"""What an empty SQLite database begins with: all that the migrations up to one of them make, in one script.

Migrations one after another would take as long as everything else at the first start, and no data is there to move.
"""

from pathlib import Path
from typing import Final

from sqlalchemy import Connection

# tests/store/make_empty_sqlite.py writes it; a test holds it against the migrations.
SCRIPT: Final = Path(__file__).parent / "migrations" / "empty_sqlite.sql"
# Ends a statement; within one there is no such line.
END: Final = ";\n"


def begin(connection: Connection) -> None:
    """Make the tables of the script's revision, in the caller's transaction; later revisions are the caller's."""
    for statement in SCRIPT.read_text(encoding="utf-8").split(END):
        if statement.strip():
            connection.exec_driver_sql(statement)

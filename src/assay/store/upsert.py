"""INSERT that says what happens where the row is there already; each database has its own, and they look alike."""

from typing import TYPE_CHECKING

from sqlalchemy import Table

from assay.store.dialect import Dialect

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite


def upsert(into: Table, dialect: str) -> "sqlite.Insert | postgresql.Insert":
    """An INSERT for this database, with `on_conflict_do_nothing` and `on_conflict_do_update`."""
    # Not above: what SQLAlchemy knows of PostgreSQL takes as long to load as half of Litestar, and a file needs none.
    if dialect == Dialect.SQLITE:
        from sqlalchemy.dialects.sqlite import insert as into_sqlite

        return into_sqlite(into)
    from sqlalchemy.dialects.postgresql import insert as into_postgresql

    return into_postgresql(into)

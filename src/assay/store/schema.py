"""The one catalogue of tables; each room declares its own in its `records/`."""

from sqlalchemy import Column, Constraint, Index, MetaData, Table

# Names are spelled out so that migrations can name what they change on both databases.
metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)


def table(name: str, *items: Column[object] | Constraint | Index, clustered: bool = False) -> Table:
    """A table; STRICT on SQLite, so that a column holds what it says on both databases.

    `clustered`: SQLite keeps the rows in the order of their primary key, which every index then ends with.
    """
    return Table(name, metadata, *items, sqlite_strict=True, sqlite_with_rowid=not clustered)

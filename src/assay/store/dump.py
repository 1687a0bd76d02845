"""Every table of a database as a stream that no database's dialect is in, and back."""

import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final

from sqlalchemy import Column, Connection, MetaData, Table, TableClause, column, func, insert, select, text
from sqlalchemy import table as light_table
from sqlalchemy.exc import SAWarning
from sqlalchemy.types import NullType

from assay.store.columns import Flag
from assay.store.dialect import Dialect
from assay.store.reader import Reader
from assay.store.schema import metadata
from assay.values import AssayError, Value

VERSION_TABLE: Final = "alembic_version"
# Rows in memory at a time, whatever a table's length.
ROWS: Final = 500

Scalar = None | bool | int | float | str | bytes
# Decoders know no union of text and octets; `load` looks at each.
Row = list[object]


class DumpError(AssayError):
    """The stream is not what a dump is."""


class TableHead(Value, frozen=True, kw_only=True, tag="table"):
    """A table begins: its name and its columns."""

    name: str
    columns: tuple[str, ...]


class TableRows(Value, frozen=True, kw_only=True, tag="rows"):
    """Rows of the table that was begun last."""

    rows: list[Row]


Part = TableHead | TableRows


def dump(reader: Reader, progress: Callable[[str, int], None] = lambda _name, _rows: None) -> Iterator[Part]:
    """Every table with every row of this snapshot, those that others refer to first."""
    for found in _tables(reader.connection):
        names = tuple(str(each.name) for each in found.columns)
        yield TableHead(name=str(found.name), columns=names)
        count = 0
        query = select(*_light(found).columns).order_by(*(column(each.name) for each in found.primary_key))
        with reader.connection.execute(query, execution_options={"stream_results": True, "yield_per": ROWS}) as rows:
            for some in rows.partitions(ROWS):
                yield TableRows(rows=[[_scalar(value) for value in row] for row in some])
                count += len(some)
        progress(found.name, count)


def load(connection: Connection, parts: Iterable[Part]) -> Mapping[str, int]:
    """Put every row into the empty tables of the same schema, in the transaction of the caller; rows by table.

    Raises DumpError for a table or column that is not there.
    """
    known = {found.name: found for found in _tables(connection)}
    counts: dict[str, int] = {}
    into: str = ""
    columns: tuple[str, ...] = ()
    if connection.dialect.name == Dialect.SQLITE:
        connection.execute(text("PRAGMA defer_foreign_keys = ON"))
    for part in parts:
        if isinstance(part, TableHead):
            into, columns = part.name, part.columns
            found = known.get(into)
            if found is None or {each.name for each in found.columns} != set(columns):
                raise DumpError(f"the schema has no table {into!r} like the backup's")
            counts[into] = 0
            # What a migration put there is in the dump too.
            connection.execute(found.delete())
        elif not into or any(len(row) != len(columns) for row in part.rows):
            raise DumpError("the backup's rows fit no table")
        elif part.rows:
            named = [dict(zip(columns, map(_scalar, row), strict=True)) for row in part.rows]
            connection.execute(insert(_light(known[into])), named)
            counts[into] += len(part.rows)
    _reset_sequences(connection, known.values())
    return counts


def forget_rows(connection: Connection, names: Iterable[str]) -> None:
    """Empty these tables, where there are such tables."""
    wanted = set(names)
    for found in reversed(_tables(connection)):
        if found.name in wanted:
            connection.execute(found.delete())


def table_rows(connection: Connection) -> Mapping[str, int]:
    """How many rows each table has."""
    return {
        found.name: connection.execute(select(func.count()).select_from(found)).scalar_one()
        for found in _tables(connection)
    }


def _tables(connection: Connection) -> Sequence[Table]:
    """As the database has them, which may be another release's schema than ours."""
    found = MetaData()
    with warnings.catch_warnings():
        # Rows are what is wanted; of an index on an expression SQLAlchemy says that it cannot be told on SQLite.
        warnings.filterwarnings("ignore", "Skipped unsupported reflection of expression-based index", SAWarning)
        found.reflect(bind=connection)
    return [each for each in found.sorted_tables if each.name != VERSION_TABLE]


def _light(found: Table) -> TableClause:
    """The table without types, so that values pass as the driver has them; truth values are the same everywhere."""
    return light_table(found.name, *(column(each.name, _type(found, each)) for each in found.columns))


def _type(found: Table, each: Column[object]) -> Flag | NullType:
    declared = metadata.tables.get(found.name)
    ours = None if declared is None else declared.columns.get(each.name)
    return ours.type if ours is not None and isinstance(ours.type, Flag) else NullType()


def _scalar(value: object) -> Scalar:
    if isinstance(value, memoryview | bytearray):
        return bytes(value)
    if value is None or isinstance(value, bool | int | float | str | bytes):
        return value
    raise DumpError(f"a {type(value).__name__} is no value of a column")


def _reset_sequences(connection: Connection, tables: Iterable[Table]) -> None:
    """On PostgreSQL a counter does not follow rows that bring their own numbers."""
    if connection.dialect.name != Dialect.POSTGRESQL:
        return
    for found in tables:
        for each in found.primary_key:
            sequence = connection.execute(
                select(func.pg_get_serial_sequence(found.name, each.name))
            ).scalar_one_or_none()
            if sequence is not None:
                highest = connection.execute(select(func.max(each))).scalar_one()
                connection.execute(select(func.setval(sequence, highest or 1, highest is not None)))

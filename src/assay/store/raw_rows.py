"""Rows by the names under which damage is told of, without our types, so that they can be looked at and removed."""

from sqlalchemy import ColumnElement, TableClause, column, delete, select, table

from assay.store.reader import DamagedRow, Reader
from assay.store.schema import metadata
from assay.store.transaction import Transaction
from assay.values import NotFoundError


def raw_row(reader: Reader, row: DamagedRow) -> tuple[tuple[str, str | None], ...]:
    """What it holds, column by column, as the database has it, octets in hexadecimal; nothing for one that is gone."""
    found = reader.connection.execute(select(_untyped(row)).where(_named(row))).one_or_none()
    return () if found is None else tuple((str(name), _text(value)) for name, value in found._mapping.items())


def remove_row(transaction: Transaction, row: DamagedRow) -> None:
    """Take it out; whoever follows what it held is told by the caller. Raises NotFoundError."""
    if transaction.connection.execute(delete(_untyped(row)).where(_named(row))).rowcount != 1:
        raise NotFoundError(f"the row {row.key} of the table {row.table} is gone", remedy="list what is left")


def _untyped(row: DamagedRow) -> TableClause:
    return table(row.table, *(column(each.name) for each in metadata.tables[row.table].columns))


def _named(row: DamagedRow) -> ColumnElement[bool]:
    """The key as `damaged.py` writes it, put together by the database: a part of it may hold anything."""
    first, *others = metadata.tables[row.table].primary_key.columns
    name: ColumnElement[str] = column(first.name)
    for each in others:
        name = name.concat("/").concat(column(each.name))
    return name == row.key


def _text(value: object) -> str | None:
    if value is None:
        return None
    return value.hex() if isinstance(value, bytes | memoryview) else str(value)

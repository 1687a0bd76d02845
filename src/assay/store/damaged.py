"""Rows that cannot be read, as a failing disk or a hand leaves them: each counts as not there, and the rest goes on.

Only for what opens nothing by not being there. Policies, locations and roles are not: without one of them more might
be allowed, so that whoever leaves one out has to refuse instead.
"""

import logging
from collections.abc import Callable, Mapping
from typing import TypeVar

from sqlalchemy import Row, Select, Table

from assay.store.prepared import Prepared
from assay.store.reader import DAMAGE, DamagedRow, Reader

logger = logging.getLogger("assay.store")
T = TypeVar("T")


def readable(
    reader: Reader, of: Table, query: Select[tuple[object, ...]], make: Callable[[Row[tuple[object, ...]]], T]
) -> tuple[T, ...]:
    """What `make` makes of each row of `query` that can be read; the others are in `reader.damaged`, under `of`."""
    try:
        found = tuple(make(row) for row in reader.connection.execute(query))
    except DAMAGE:
        found, reader.damaged[of.name] = _one_by_one(reader, of, query, make)
    else:
        reader.damaged[of.name] = ()
    return found


def readable_one(
    reader: Reader,
    query: Select[tuple[object, ...]] | Prepared,
    make: Callable[[Row[tuple[object, ...]]], T],
    parameters: Mapping[str, object] | None = None,
) -> T | None:
    """What `make` makes of the one row of `query`; None where there is none, or it cannot be read."""
    try:
        if isinstance(query, Prepared):
            row = query.one(reader, parameters or {})
        else:
            row = reader.connection.execute(query, parameters).one_or_none()
        return None if row is None else make(row)
    except DAMAGE as error:
        tables = query.tables() if isinstance(query, Prepared) else ", ".join(map(str, query.get_final_froms()))
        logger.error("a row of %s cannot be read, so it counts as not there: %s", tables, type(error).__name__)
        return None


def _one_by_one(
    reader: Reader, of: Table, query: Select[tuple[object, ...]], make: Callable[[Row[tuple[object, ...]]], T]
) -> tuple[tuple[T, ...], tuple[DamagedRow, ...]]:
    columns = tuple(of.primary_key.columns)
    found: list[T] = []
    damaged: list[DamagedRow] = []
    for key in reader.connection.execute(query.with_only_columns(*columns)).all():
        one = query.where(*(column == value for column, value in zip(columns, key, strict=True)))
        try:
            found.append(make(reader.connection.execute(one).one()))
        except DAMAGE as error:
            name = "/".join(str(value) for value in key)
            damaged.append(DamagedRow(table=str(of.name), key=name, error=type(error).__name__))
    return tuple(found), tuple(damaged)

"""A page of rows by keyset: what is asked of a list, as SQL that an index can answer on both databases.

In two steps: where the rows of the page are, by few and narrow columns, and then these rows. One that cannot be read is
left out and said (`skipped.py`); what is beside it is shown.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Final, TypeVar, cast

from msgspec.structs import replace
from sqlalchemy import (
    Column,
    ColumnElement,
    Row,
    Select,
    Subquery,
    Table,
    func,
    literal,
    select,
    tuple_,
    type_coerce,
)
from sqlalchemy.sql.util import ClauseAdapter
from sqlalchemy.sql.visitors import iterate
from sqlalchemy.types import NULLTYPE

from assay.store.conditions import Field, Fields, clause
from assay.store.dialect import Dialect
from assay.store.reader import DAMAGE, DamagedRow, Reader
from assay.store.scan import Look, Split, fields_of, split
from assay.values import InvalidInputError, Value
from assay.values.asking import All, Ask, Condition, Found, Position, Scalar, order_fields

__all__ = ["Field", "Fields", "Listed", "Look", "find_page", "read_rows"]

T = TypeVar("T")
Rows = Select[*tuple[object, ...]]
Make = Callable[[Row[tuple[object, ...]]], T]
_IDENTITY: Final = "_identity"
# SQLite takes no more parameters than 32,766 in one statement.
_AT_ONCE: Final = 1_000


class Listed(Value, frozen=True, kw_only=True):
    """A table that is listed, and what can be asked of its rows.

    The fields of `key` together order what an order leaves equal; the last of them is unique by itself. `look`: how
    many rows are looked at for one page; None for a table of so few that no bound is needed.
    """

    table: Table
    fields: Fields
    key: tuple[str, ...]
    look: Look | None = None

    @property
    def identity(self) -> ColumnElement[object]:
        """The column by which a row is found again."""
        return self.fields[self.key[-1]].column


def find_page(reader: Reader, listed: Listed, rows: Rows, ask: Ask, read: Make[T]) -> Found[T]:
    """The page of these rows.

    Of a filter that no index answers, a bounded number of rows is looked at: a page may then be short, or empty, and
    still have a `next`; and there is no `count` where counting would take more. It is longer than asked where none of
    its rows can be read but more follow.
    """
    page = _Page(reader, listed, rows, ask)
    places, following = page.places()
    shown = places[: ask.limit]
    if len(places) > ask.limit and all(position is None for _, position in shown):
        # Rows follow, and nothing on this page says where: a longer one reaches a row that does.
        return find_page(reader, listed, rows, replace(ask, limit=2 * ask.limit), read)
    identities = [identity for identity, _ in shown]
    found = read_rows(reader, listed.table, rows, listed.identity, identities, read)
    if len(places) > ask.limit:
        following = next((position for _, position in reversed(shown) if position is not None), None)
    return Found(
        rows=tuple(found[identity] for identity in identities if identity in found),
        next=following,
        count=page.count(len(places), following) if ask.count else None,
    )


def read_rows(
    reader: Reader,
    table: Table,
    rows: Rows,
    identity: ColumnElement[object],
    wanted: Sequence[Scalar],
    read: Make[T],
) -> dict[Scalar, T]:
    """Those of `rows` whose `identity` is wanted and that can be read, by it; as many at once as a statement takes."""
    found: dict[Scalar, T] = {}
    for first in range(0, len(wanted), _AT_ONCE):
        found |= _read_some(reader, table, rows, identity, wanted[first : first + _AT_ONCE], read)
    return found


def _read_some(
    reader: Reader,
    table: Table,
    rows: Rows,
    identity: ColumnElement[object],
    wanted: Sequence[Scalar],
    read: Make[T],
) -> dict[Scalar, T]:
    raw = type_coerce(identity, NULLTYPE).label(_IDENTITY)
    query = rows.add_columns(raw).where(identity.in_(wanted))
    try:
        return {row._mapping[_IDENTITY]: read(row) for row in reader.connection.execute(query)}
    except DAMAGE:
        return dict(_one_by_one(reader, table, rows, identity, wanted, read))


def _one_by_one(
    reader: Reader,
    table: Table,
    rows: Rows,
    identity: ColumnElement[object],
    wanted: Sequence[Scalar],
    read: Make[T],
) -> Iterable[tuple[Scalar, T]]:
    for value in wanted:
        one = rows.where(identity == value)
        again = partial(_read_one, one=one, read=read)
        try:
            found = again(reader)
        except DAMAGE as error:
            key = one.with_only_columns(*(type_coerce(column, NULLTYPE) for column in table.primary_key))
            named = "/".join(str(part) for part in reader.connection.execute(key).one())
            reader.skipped(DamagedRow(table=str(table.name), key=named, error=type(error).__name__), again)
        else:
            if found is not None:
                yield value, found


def _read_one(reader: Reader, one: Rows, read: Make[T]) -> T | None:
    row = reader.connection.execute(one).one_or_none()
    return None if row is None else read(cast("Row[tuple[object, ...]]", row))


class _Page:
    """One question, as statements."""

    def __init__(self, reader: Reader, listed: Listed, rows: Rows, ask: Ask) -> None:
        self._reader = reader
        self._listed = listed
        self._rows = rows
        self._ask = ask
        names = order_fields(ask.order, listed.key)
        self._order = [listed.fields[name].column for name in names]
        self._identity = names.index(listed.key[-1])
        dialect = reader.connection.dialect
        self._make = [column.type.result_processor(dialect, None) for column in self._order]
        self._split = self._apart()
        self._look = 0 if listed.look is None else listed.look.by_index if self._split.lead else listed.look.in_order

    def places(self) -> tuple[list[tuple[Scalar, Position | None]], Position | None]:
        """Up to one more row than the page has, each by its identity and its place; and where looking ended.

        A row whose place cannot be read has none; where there was nothing more to look at, neither.
        """
        wanted = self._ask.limit + 1
        if not self._split.rest:
            return self._run(self._in_order(self._narrow(self._order)).limit(wanted)), None
        scanned = self._in_order(self._narrow(self._needed())).limit(self._look).subquery()
        found = self._run(self._held_against(scanned, self._columns_of(scanned)).limit(wanted))
        if len(found) == wanted:
            return found, None
        last = self._run(self._in_order(self._narrow(self._order)).offset(self._look - 1).limit(1))
        return found, last[0][1] if last else None

    def count(self, placed: int, following: Position | None) -> int | None:
        """How many there are in all; None where that is not found out by looking at as many rows as one page may."""
        if self._ask.after is None and following is None and placed <= self._ask.limit:
            return placed
        inside = self._rows.where(*self._clauses(self._split.inside))
        if not self._split.rest:
            return self._number(inside.with_only_columns(func.count(), maintain_column_froms=True))
        # An index says that there are too many; only where there are few is each held against the rest.
        beyond = inside.with_only_columns(literal(1), maintain_column_froms=True).offset(self._look).limit(1)
        if self._reader.connection.execute(beyond).first() is not None:
            return None
        scanned = inside.with_only_columns(*self._needed(), maintain_column_froms=True).limit(self._look).subquery()
        held = clause(All(parts=self._split.rest), self._fields_of(scanned))
        return self._number(select(func.count()).select_from(scanned).where(held))

    def _number(self, query: Select[int]) -> int:
        return self._reader.connection.execute(query).scalar_one()

    def _apart(self) -> Split:
        if self._listed.look is not None:
            return split(self._ask, self._listed.fields, self._listed.key)
        return Split(inside=() if self._ask.where is None else (self._ask.where,))

    def _clauses(self, conditions: Iterable[Condition]) -> list[ColumnElement[bool]]:
        return [clause(condition, self._listed.fields) for condition in conditions]

    def _narrow(self, columns: Sequence[ColumnElement[object]]) -> Rows:
        """These columns of the rows that an index finds, from where the page before ended."""
        query = self._rows.with_only_columns(*columns, maintain_column_froms=True)
        query = query.where(*self._clauses(self._split.inside))
        after = self._ask.after
        if after is None:
            return query
        if len(self._order) != len(after.values):
            raise InvalidInputError("this is no place in this list")
        here = tuple_(*self._order)
        ended = tuple_(*(literal(value, column.type) for value, column in zip(after.values, self._order, strict=True)))
        return query.where(here < ended if self._ask.order.descending else here > ended)

    def _in_order(self, query: Rows) -> Rows:
        return query.order_by(*(column.desc() if self._ask.order.descending else column for column in self._order))

    def _needed(self) -> tuple[ColumnElement[object], ...]:
        """The order's columns, and those that the rest of the filter looks at."""
        names = (name for condition in self._split.rest for name in fields_of(condition))
        parts = (part for name in names for part in iterate(self._listed.fields[name].column))
        columns = (part for part in parts if isinstance(part, Column))
        return tuple(dict.fromkeys((*self._order, *sorted(columns, key=str))))

    def _fields_of(self, scanned: Subquery) -> Fields:
        adapter = ClauseAdapter(scanned)
        names = {name for condition in self._split.rest for name in fields_of(condition)}
        return {name: Field(column=adapter.traverse(self._listed.fields[name].column)) for name in names}

    def _columns_of(self, scanned: Subquery) -> list[ColumnElement[object]]:
        adapter = ClauseAdapter(scanned)
        return [adapter.traverse(column) for column in self._order]

    def _held_against(self, scanned: Subquery, order: list[ColumnElement[object]]) -> Rows:
        query = select(*order).where(clause(All(parts=self._split.rest), self._fields_of(scanned)))
        if self._reader.connection.dialect.name == Dialect.SQLITE:
            # SQLite hands the rows of an ordered subquery on one by one, and would sort all of them again if told to.
            return query
        return query.order_by(*(column.desc() if self._ask.order.descending else column for column in order))

    def _run(self, query: Rows) -> list[tuple[Scalar, Position | None]]:
        """Identities and places, of a query for the columns of the order.

        As the database keeps them first: one that cannot be read is no reason to find none.
        """
        raw = query.with_only_columns(
            *(
                type_coerce(column, NULLTYPE).label(f"_{number}")
                for number, column in enumerate(query.selected_columns)
            ),
            maintain_column_froms=True,
        )
        return [self._place(tuple(row)) for row in self._reader.connection.execute(raw)]

    def _place(self, values: tuple[object, ...]) -> tuple[Scalar, Position | None]:
        identity = cast("Scalar", values[self._identity])
        try:
            read = (value if make is None else make(value) for make, value in zip(self._make, values, strict=True))
            return identity, Position(values=cast("tuple[Scalar, ...]", tuple(read)))
        except DAMAGE:
            return identity, None

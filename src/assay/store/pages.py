"""A page of rows by keyset: what is asked of a list, as SQL that an index can answer on both databases."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    and_,
    false,
    func,
    literal,
    or_,
    true,
    tuple_,
)

from assay.store.reader import Reader
from assay.store.text_search import begins_with, has_text
from assay.values import InvalidInputError, Value
from assay.values.asking import (
    NEGATED,
    All,
    Among,
    Ask,
    Compare,
    Condition,
    Either,
    Found,
    Holds,
    Not,
    Operator,
    Position,
    Scalar,
    order_fields,
)

T = TypeVar("T")


class Field(Value, frozen=True, kw_only=True):
    """A column that can be asked; orders need one that is never NULL."""

    column: ColumnElement[object]

    def bound(self, value: Scalar) -> ColumnElement[object]:
        """The value as this column would hold it."""
        return literal(value, self.column.type)


Fields = Mapping[str, Field]


def find_page(
    reader: Reader,
    rows: Select[*tuple[object, ...]],
    ask: Ask,
    fields: Fields,
    key: tuple[str, ...],
    read: Callable[[Row[tuple[object, ...]]], T],
) -> Found[T]:
    """The page of these rows; the fields of `key` together are unique and order what the order leaves equal."""
    if ask.where is not None:
        rows = rows.where(clause(ask.where, fields))
    columns = [fields[field].column for field in order_fields(ask.order, key)]
    placed = [column.label(f"_{number}") for number, column in enumerate(columns)]
    wanted = rows.add_columns(*placed)
    wanted = wanted.order_by(*(column.desc() if ask.order.descending else column for column in columns))
    if ask.after is not None:
        wanted = wanted.where(_after(ask.after, columns, descending=ask.order.descending))
    found = reader.connection.execute(wanted.limit(ask.limit + 1)).all()
    shown = found[: ask.limit]
    return Found(
        rows=tuple(read(row) for row in shown),
        next=Position(values=tuple(shown[-1])[-len(columns) :]) if len(found) > ask.limit else None,
        count=_count(reader, rows) if ask.count else None,
    )


def clause(condition: Condition, fields: Fields, *, wanted: bool = True) -> ColumnElement[bool]:
    """The condition, or with `wanted` False its opposite, in which NULL is a value like others and not unknown."""
    match condition:
        case Not():
            return clause(condition.part, fields, wanted=not wanted)
        case All() | Either():
            parts = [clause(part, fields, wanted=wanted) for part in condition.parts]
            return and_(*parts) if isinstance(condition, All) is wanted else or_(*parts)
        case Among():
            return _among(fields[condition.field], condition.values, wanted=wanted)
        case Holds():
            found = _holds(fields[condition.field], condition.text, anywhere=condition.anywhere)
            return found if wanted else or_(~found, fields[condition.field].column.is_(None))
        case Compare():
            return _compare(fields[condition.field], condition.operator, condition.value, wanted=wanted)


def _compare(field: Field, operator: Operator, value: Scalar, *, wanted: bool) -> ColumnElement[bool]:
    column = field.column
    if operator in (Operator.EQ, Operator.NE):
        equal = (operator is Operator.EQ) is wanted
        if value is None:
            return column.is_(None) if equal else column.is_not(None)
        if equal:
            return column == field.bound(value)
        return _or_null(column != field.bound(value), column)
    if value is None:
        return false() if wanted else true()
    compared = _compared(column, operator if wanted else NEGATED[operator], field.bound(value))
    return compared if wanted else _or_null(compared, column)


def _compared(column: ColumnElement[object], operator: Operator, value: ColumnElement[object]) -> ColumnElement[bool]:
    if operator is Operator.GT:
        return column > value
    if operator is Operator.GE:
        return column >= value
    return column < value if operator is Operator.LT else column <= value


def _among(field: Field, values: tuple[Scalar, ...], *, wanted: bool) -> ColumnElement[bool]:
    column = field.column
    bound = [field.bound(value) for value in values if value is not None]
    with_null = len(bound) < len(values)
    if wanted:
        return or_(column.in_(bound), column.is_(None)) if with_null else column.in_(bound)
    return column.not_in(bound) & column.is_not(None) if with_null else _or_null(column.not_in(bound), column)


def _holds(field: Field, text: str, *, anywhere: bool) -> ColumnElement[bool]:
    if not text:
        return field.column.is_not(None)
    return has_text(field.column, text) if anywhere else begins_with(field.column, text)


def _or_null(compared: ColumnElement[bool], column: ColumnElement[object]) -> ColumnElement[bool]:
    nullable = getattr(column, "nullable", True)
    return or_(compared, column.is_(None)) if nullable else compared


def _after(after: Position, columns: list[ColumnElement[object]], *, descending: bool) -> ColumnElement[bool]:
    if len(columns) != len(after.values):
        raise InvalidInputError("this is no place in this list")
    here = tuple_(*columns)
    ended = tuple_(*(literal(value, column.type) for value, column in zip(after.values, columns, strict=True)))
    return here < ended if descending else here > ended


def _count(reader: Reader, rows: Select[*tuple[object, ...]]) -> int:
    return reader.connection.execute(rows.with_only_columns(func.count(), maintain_column_froms=True)).scalar_one()

"""A condition on the fields of a list as SQL, with one meaning on both databases."""

from collections.abc import Mapping

from sqlalchemy import ColumnElement, and_, false, literal, or_, true

from assay.store.text_search import begins_with, has_text
from assay.values import Value
from assay.values.asking import (
    NEGATED,
    All,
    Among,
    Compare,
    Condition,
    Either,
    Holds,
    Not,
    Operator,
    Scalar,
)


class Field(Value, frozen=True, kw_only=True):
    """A column that can be asked; orders need one that is never NULL.

    `rank`: an index begins with the column and goes on with the list's key; the lower, the fewer rows have one value
    of it (0: one row). None: no such index.
    """

    column: ColumnElement[object]
    rank: int | None = None

    def bound(self, value: Scalar) -> ColumnElement[object]:
        """The value as this column would hold it."""
        return literal(value, self.column.type)


Fields = Mapping[str, Field]


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

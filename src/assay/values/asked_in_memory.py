"""A page of rows that are in memory: what a list of a few hundred is asked, answered without a database."""

import operator
from collections.abc import Callable, Iterable, Mapping
from typing import Final, TypeVar

from assay.values.asking import (
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
from assay.values.base import Value

T = TypeVar("T")
# What a row has in a field, as it is compared: a text already in the form in which cases do not differ.
Fields = Mapping[str, Callable[[T], Scalar]]


class _Place(Value, frozen=True, kw_only=True, order=True):
    """Where a row stands: nothing comes before everything; what stands in one field is of one kind with an order."""

    fields: tuple[tuple[bool, Scalar], ...]


_COMPARED: Final[Mapping[Operator, Callable[[_Place, _Place], bool]]] = {
    Operator.GT: operator.gt,
    Operator.GE: operator.ge,
    Operator.LT: operator.lt,
    Operator.LE: operator.le,
}


def page_of(rows: Iterable[T], ask: Ask, fields: Fields[T], key: tuple[str, ...]) -> Found[T]:
    """The page that is asked for; a field that is not among `fields` is a mistake of ours (KeyError)."""
    read = [fields[field] for field in order_fields(ask.order, key)]

    def values(row: T) -> tuple[Scalar, ...]:
        return tuple(each(row) for each in read)

    matching = [row for row in rows if ask.where is None or holds(ask.where, row, fields)]
    matching.sort(key=lambda row: _place(values(row)), reverse=ask.order.descending)
    left = (matching if ask.after is None else _after(matching, ask, ask.after, values))[ask.skip :]
    shown = left[: ask.limit]
    more = len(left) > ask.limit
    return Found(
        rows=tuple(shown),
        next=Position(values=values(shown[-1])) if more else None,
        count=len(matching) if ask.count else None,
    )


def holds(condition: Condition, row: T, fields: Fields[T]) -> bool:
    """Whether the condition is true of this row."""
    match condition:
        case Compare():
            return _compare(fields[condition.field](row), condition.operator, condition.value)
        case Among():
            return fields[condition.field](row) in condition.values
        case Holds():
            text = fields[condition.field](row)
            if not isinstance(text, str):
                return False
            return condition.text in text if condition.anywhere else text.startswith(condition.text)
        case All():
            return all(holds(part, row, fields) for part in condition.parts)
        case Either():
            return any(holds(part, row, fields) for part in condition.parts)
        case Not():
            return not holds(condition.part, row, fields)


def _compare(found: Scalar, by: Operator, value: Scalar) -> bool:
    if by is Operator.EQ:
        return found == value
    if by is Operator.NE:
        return found != value
    return found is not None and value is not None and _COMPARED[by](_place((found,)), _place((value,)))


def _after(rows: list[T], ask: Ask, after: Position, values: Callable[[T], tuple[Scalar, ...]]) -> list[T]:
    ended = _place(after.values)
    if ask.order.descending:
        return [row for row in rows if _place(values(row)) < ended]
    return [row for row in rows if _place(values(row)) > ended]


def _place(values: tuple[Scalar, ...]) -> _Place:
    return _Place(fields=tuple((value is not None, value) for value in values))

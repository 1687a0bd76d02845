"""Which part of a filter an index answers, and how many rows are looked at for the rest; pure."""

from collections.abc import Iterator
from typing import Final

from assay.store.conditions import Fields
from assay.values import Value
from assay.values.asking import All, Among, Ask, Compare, Condition, Either, Holds, Not, Operator

# Fields of so low a rank have few enough rows for each value that any order of them is found by sorting.
FEW: Final = 2


class Look(Value, frozen=True, kw_only=True):
    """How many rows are looked at for one page: in the table's own order, and where each is looked up by an index."""

    in_order: int
    by_index: int


class Split(Value, frozen=True, kw_only=True):
    """`inside`: answered by the index that gives the order; `rest`: held against each row that is looked at.

    `lead`: whether the index begins with one of `inside`, and not with the list's own order.
    """

    inside: tuple[Condition, ...] = ()
    rest: tuple[Condition, ...] = ()
    lead: bool = False


def split(ask: Ask, fields: Fields, key: tuple[str, ...]) -> Split:
    """A question about a large table, taken apart."""
    parts = () if ask.where is None else tuple(_parts(ask.where))
    by_key = ask.order.field in key
    lead = _lead(parts, fields, ask.order.field, by_key=by_key)
    inside = tuple(
        part
        for part in parts
        if part is lead or (ranged := _ranged(part)) == ask.order.field or (by_key and ranged in key)
    )
    rest = tuple(part for part in parts if not any(part is each for each in inside))
    return Split(inside=inside, rest=rest, lead=lead is not None or not by_key)


def fields_of(condition: Condition) -> Iterator[str]:
    """The fields that a condition names."""
    match condition:
        case All() | Either():
            for part in condition.parts:
                yield from fields_of(part)
        case Not():
            yield from fields_of(condition.part)
        case Compare() | Among() | Holds():
            yield condition.field


def _parts(condition: Condition) -> Iterator[Condition]:
    if isinstance(condition, All):
        for part in condition.parts:
            yield from _parts(part)
    else:
        yield condition


def _lead(parts: tuple[Condition, ...], fields: Fields, order: str, *, by_key: bool) -> Condition | None:
    """The part by which the fewest rows are found."""
    ranked: list[tuple[int, int, Condition]] = []
    for number, part in enumerate(parts):
        if not isinstance(part, Compare | Among):
            continue
        rank = fields[part.field].rank
        one = isinstance(part, Compare) and part.operator is Operator.EQ and part.value is not None
        several = isinstance(part, Among) and None not in part.values and rank is not None and rank <= FEW
        if rank is None or not (one or several):
            continue
        if by_key or rank <= FEW or part.field == order:
            ranked.append((rank, number, part))
    return min(ranked, key=lambda each: each[:2])[2] if ranked else None


def _ranged(part: Condition) -> str | None:
    """The field for whose value an index in its order goes to the right place."""
    if not isinstance(part, Compare) or part.operator is Operator.NE or part.value is None:
        return None
    return part.field

"""What is asked of a list: a condition, an order and a page, whatever language it came in and wherever the rows are."""

from datetime import datetime
from enum import StrEnum
from typing import Final, Generic, TypeVar
from unicodedata import normalize

from assay.values.base import Value

T = TypeVar("T")
# Casefolding can undo composition and composition can make new casefoldings; three rounds reach every fixed point.
_ROUNDS: Final = 4
Scalar = str | int | bool | datetime | None


class Operator(StrEnum):
    """How a field is held against a value."""

    EQ = "eq"
    NE = "ne"
    GT = "gt"
    GE = "ge"
    LT = "lt"
    LE = "le"


NEGATED = {
    Operator.EQ: Operator.NE,
    Operator.NE: Operator.EQ,
    Operator.GT: Operator.LE,
    Operator.LE: Operator.GT,
    Operator.GE: Operator.LT,
    Operator.LT: Operator.GE,
}


class Compare(Value, frozen=True, kw_only=True):
    """One field and one value. Nothing (None) equals nothing only, and is neither larger nor smaller than anything."""

    field: str
    operator: Operator
    value: Scalar


class Among(Value, frozen=True, kw_only=True):
    """The field has one of these values."""

    field: str
    values: tuple[Scalar, ...]


class Holds(Value, frozen=True, kw_only=True):
    """The field's text begins with this one, or has it `anywhere`."""

    field: str
    text: str
    anywhere: bool


class All(Value, frozen=True, kw_only=True):
    """Every part is true."""

    parts: tuple["Condition", ...]


class Either(Value, frozen=True, kw_only=True):
    """At least one part is true."""

    parts: tuple["Condition", ...]


class Not(Value, frozen=True, kw_only=True):
    """The part is not true."""

    part: "Condition"


Condition = Compare | Among | Holds | All | Either | Not


class Order(Value, frozen=True, kw_only=True):
    """By one field, rows that are equal in it by their key in the same direction."""

    field: str
    descending: bool = False


class Position(Value, frozen=True, kw_only=True):
    """Where a page ended: its last row's value in the field of the order, then in the fields of the key."""

    values: tuple[Scalar, ...]


class Ask(Value, frozen=True, kw_only=True):
    """One page: rows after `after` in this order, `skip` of them passed over, which lists in memory can alone.

    `count` also asks how many there are in all; `search` "" for any.
    """

    order: Order
    where: Condition | None = None
    after: Position | None = None
    limit: int = 100
    skip: int = 0
    count: bool = False
    search: str = ""


class Found(Value, Generic[T], frozen=True, kw_only=True):
    """A page; `next` is where it ended, None where nothing follows; `count` of all that match, None: not asked."""

    rows: tuple[T, ...]
    next: Position | None = None
    count: int | None = None


def order_fields(order: Order, key: tuple[str, ...]) -> tuple[str, ...]:
    """The fields that put every row in its one place: the order's, then those of the key."""
    return (order.field, *(field for field in key if field != order.field))


def folded(text: str) -> str:
    """The form in which texts are looked for, whatever their case: NFKC and casefolding, until it is stable.

    A column that is searched holds it, and every text that it is held against is in it.
    """
    for _ in range(_ROUNDS):
        again = normalize("NFKC", normalize("NFKC", text).casefold())
        if again == text:
            break
        text = again
    return text

"""What a collection can be asked: its properties, which of them filter and order, and how."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

import msgspec

from assay.values import Value
from assay.values.asking import Operator, Order, order_fields


class Kind(StrEnum):
    """What a property holds, as an error message calls it."""

    TEXT = "a text such as 'x'"
    NUMBER = "a whole number such as 0"
    FLAG = "true or false"
    INSTANT = "a date-time such as 2026-01-31T09:00:00Z"


EQUALITY: Final = frozenset({Operator.EQ, Operator.NE})
EVERY_OPERATOR: Final = frozenset(Operator)


class Property(Value, frozen=True, kw_only=True):
    """One property by its path in the JSON (`status/errorCode`).

    `field`: how the records call it. `operators`: empty where it cannot be filtered. `text_search`: `startswith` and
    `contains` as well. `spelled`: the only values it can have, each with the one that is stored. `enumeration`: the
    type that may stand before one of them (OData 4.01 §5.1.1.6.2). `folded`: case does not count, and texts are kept
    and looked for in the form of `values.asking.folded`.
    """

    path: str
    field: str
    kind: Kind = Kind.TEXT
    operators: frozenset[Operator] = EQUALITY
    text_search: bool = False
    ordered: bool = False
    nullable: bool = False
    spelled: Mapping[str, str] = {}
    enumeration: str = ""
    folded: bool = False


class Collection(Value, frozen=True, kw_only=True):
    """A collection; `selectable`: the JSON's properties at its top, of which `$select` chooses.

    `key`: the fields that put rows in order which the order leaves equal. `top`: rows of a page where none is asked.
    `whole`: each page looks at all of it, so that rows can be passed over (`$skip`) and counted alone (`/$count`).
    """

    name: str
    properties: tuple[Property, ...]
    selectable: tuple[str, ...]
    order: Order
    key: tuple[tuple[str, Kind], ...]
    searched: bool = False
    top: int = 100
    whole: bool = False

    def property_at(self, path: str) -> Property | None:
        """The property that filters or orders, by its path."""
        return next((each for each in self.properties if each.path == path), None)

    @property
    def filters(self) -> str:
        """What can be filtered, for a message."""
        return ", ".join(each.path for each in self.properties if each.operators) or "none"

    @property
    def orders(self) -> str:
        """What can be ordered by, for a message."""
        return ", ".join(each.path for each in self.properties if each.ordered) or "none"

    def kinds(self, order: Order) -> tuple[Kind, ...]:
        """What stands in a page's end: in the field of the order, then in those of the key."""
        known = {each.field: each.kind for each in self.properties} | dict(self.key)
        return tuple(known[field] for field in order_fields(order, tuple(dict(self.key))))


def members_of(shape: type[msgspec.Struct]) -> tuple[str, ...]:
    """The properties at the top of a shape's JSON, of which `$select` chooses."""
    return tuple(field.encode_name for field in msgspec.structs.fields(shape))

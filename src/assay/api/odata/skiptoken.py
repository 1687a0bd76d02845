"""`$skiptoken`: where a page ended, opaque to clients; what was made for another order is refused."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime
from typing import Final

import msgspec

from assay.api.odata.properties import Collection, Kind
from assay.api.odata.refused import Refused, RefusedError
from assay.api.odata.tokens import NUMBER_LIMIT, readable
from assay.values import Stored
from assay.values.asking import Order, Position, Scalar

LENGTH_LIMIT: Final = 4_096
GARBAGE: Final = Refused(message="$skiptoken is none of ours, or of another $orderby; follow @odata.nextLink as it is")
_KINDS: Final = {Kind.TEXT: str, Kind.INSTANT: str, Kind.NUMBER: int, Kind.FLAG: bool}


class _Ended(Stored, frozen=True, kw_only=True, array_like=True, forbid_unknown_fields=True):
    field: str
    descending: bool
    values: tuple[str | int | bool | None, ...]


_decoder = msgspec.json.Decoder(_Ended)


def write_skiptoken(position: Position, order: Order) -> str:
    """The token of the page that follows."""
    values = tuple(value.isoformat() if isinstance(value, datetime) else value for value in position.values)
    ended = _Ended(field=order.field, descending=order.descending, values=values)
    return urlsafe_b64encode(msgspec.json.encode(ended)).decode().rstrip("=")


def read_skiptoken(text: str, order: Order, collection: Collection) -> Position | Refused:
    """Where the page before ended, if it was a page of this collection in this order; nothing is raised."""
    if len(text) > LENGTH_LIMIT:
        return GARBAGE
    try:
        ended = _decoder.decode(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        kinds = collection.kinds(order)
        if (ended.field, ended.descending) != (order.field, order.descending) or len(ended.values) != len(kinds):
            return GARBAGE
        return Position(values=tuple(_value(value, kind) for value, kind in zip(ended.values, kinds, strict=True)))
    except (ValueError, OverflowError, RefusedError):
        return GARBAGE


def _value(value: str | int | bool | None, kind: Kind) -> Scalar:
    """The value as its property has it; raises ValueError, OverflowError or RefusedError."""
    if type(value) is not _KINDS[kind]:
        raise ValueError("of another kind")
    if isinstance(value, str):
        readable(value)
    elif isinstance(value, int) and not -NUMBER_LIMIT <= value < NUMBER_LIMIT:
        raise ValueError("too large")
    if kind is not Kind.INSTANT:
        return value
    instant = datetime.fromisoformat(str(value))
    if instant.tzinfo is None:
        raise ValueError("no instant")
    return instant.astimezone(UTC)

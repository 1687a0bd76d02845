"""Changes as a list: rows of the log's own table, found by an index that holds nothing else."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, Text, case, or_, select, text

from assay.events.audits import ACTIVITIES, CODES
from assay.events.records.log import CHANGES, Leaf, event_table, leaf_of
from assay.events.types import FAILURE
from assay.store import Reader
from assay.store.pages import Field, Listed, Look, find_page, read_rows
from assay.values import EventId
from assay.values.asking import Ask, Found

_COLUMNS: Final = event_table.c
_NEAR: Final = timedelta(seconds=2)
# Many alternatives in one statement take a database longer to plan than to look up.
_AT_ONCE: Final = 100


def _named(attribute: str) -> ColumnElement[object]:
    """What an activity has by its code; there are too few changes for an index of its own."""
    by_value: dict[str, list[str]] = {}
    for code, activity in ACTIVITIES.items():
        by_value.setdefault(str(getattr(activity, attribute)), []).append(code)
    whens = [(_COLUMNS.code.in_(codes), value) for value, codes in by_value.items()]
    return case(*whens, else_="").cast(Text)


FIELDS: Final[Mapping[str, Field]] = {
    name: Field(column=_COLUMNS[name], rank=0 if name == "id" else None)
    for name in ("id", "at", "leaf_index", "code", "actor_id", "user_id", "app_id", "session_id")
} | {
    "category": Field(column=_named("category")),
    "service": Field(column=_named("service")),
    "operation": Field(column=_named("operation")),
    "result": Field(column=case((_COLUMNS.status_id == FAILURE, "failure"), else_="success").cast(Text)),
}
# In parentheses of our own: a piece of text has none, and AND binds more tightly than the OR in it.
_CHANGES: Final = select(event_table).where(text(f"({CHANGES.text})"), _COLUMNS.code.in_(CODES))

_LISTED: Final = Listed(
    table=event_table, fields=FIELDS, key=("at", "leaf_index"), look=Look(in_order=20_000, by_index=20_000)
)


def page(reader: Reader, ask: Ask) -> Found[Leaf]:
    """The page that is asked for, by the names of FIELDS."""
    return find_page(reader, _LISTED, _CHANGES, ask, leaf_of)


def by_id(reader: Reader, event_id: EventId) -> Leaf | None:
    """The change whose event has this id; None also where it cannot be read, which is told as by lists."""
    read = read_rows(reader, event_table, _CHANGES, _COLUMNS.id, [event_id], leaf_of)
    return next(iter(read.values()), None)


def near(one: datetime, other: datetime) -> bool:
    """Whether two instants are within two seconds: those of a row, and of the event that says why."""
    return abs(one - other) <= _NEAR


def around(
    reader: Reader, instants: Iterable[datetime], codes: tuple[str, ...], *, later: timedelta = _NEAR
) -> tuple[Leaf, ...]:
    """Changes of these codes that are near to one of these instants, or so much later, newest first."""
    spans = _spans(instants, later)
    found: list[Leaf] = []
    for first in range(0, len(spans), _AT_ONCE):
        within = or_(*(_COLUMNS.at.between(*span) for span in spans[first : first + _AT_ONCE]))
        rows = _CHANGES.where(within, _COLUMNS.code.in_(codes))
        found += (leaf_of(row) for row in reader.connection.execute(rows))
    return tuple(sorted(found, key=lambda leaf: (leaf.at, leaf.leaf_index), reverse=True))


def _spans(instants: Iterable[datetime], later: timedelta) -> list[tuple[datetime, datetime]]:
    """What is near to these instants, as spans of time that do not touch."""
    found: list[tuple[datetime, datetime]] = []
    for at in sorted(set(instants)):
        beginning = at - _NEAR
        if found and beginning <= found[-1][1]:
            beginning = found.pop()[0]
        found.append((beginning, at + later))
    return found

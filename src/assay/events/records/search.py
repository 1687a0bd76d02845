"""Reading the log: its end as it grows, and what matches."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

import msgspec
from sqlalchemy import ColumnElement, select

from assay.events.envelope import Envelope, decoder
from assay.events.records.log import Leaf, event_table, leaf_of, read_tree
from assay.events.types import FAILURE, OTHER, SUCCESS
from assay.store import Reader
from assay.values import InvalidInputError, Value

PAGE_LIMIT: Final = 1_000
TEXT_LIMIT: Final = 200
# Text is looked for in the content itself, which no index helps: in so many records and no more at a time.
SCAN_LIMIT: Final = 100_000

OUTCOMES: Final = {"success": SUCCESS, "failure": FAILURE, "other": OTHER}


class EventQuery(Value, frozen=True, kw_only=True):
    """Which events; None asks for any.

    `code` ends in `.` to mean all types that begin so (`user.`); `outcome` is success, failure or other; `text` is
    looked for anywhere, ignoring the case of ASCII letters; `before` is the cursor of the page before.
    """

    code: str | None = None
    actor_id: str | None = None
    user_id: str | None = None
    app_id: str | None = None
    session_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    outcome: str | None = None
    text: str | None = None
    before: int | None = None
    limit: int = 100


class Page(Value, frozen=True, kw_only=True):
    """Events, newest first; `cursor` goes on where this page ends, None where nothing is left."""

    events: tuple[Leaf, ...]
    cursor: int | None


def tail(reader: Reader, *, after: int, limit: int = 100) -> tuple[Leaf, ...]:
    """The events after number `after` in order, at most 1,000; -1 begins at the beginning."""
    query = (
        select(event_table)
        .where(event_table.c.leaf_index > after)
        .order_by(event_table.c.leaf_index)
        .limit(_bounded(limit))
    )
    return tuple(leaf_of(row) for row in reader.connection.execute(query))


def search(reader: Reader, query: EventQuery) -> Page:
    """The events that match, newest first; raises InvalidInputError for an outcome or text that cannot be.

    With `text` a page may be short or empty and still have a cursor: 100,000 records were looked through.
    """
    limit = _bounded(query.limit)
    before = read_tree(reader).size if query.before is None else query.before
    lowest = max(0, before - SCAN_LIMIT) if query.text else 0
    statement = (
        select(event_table)
        .where(event_table.c.leaf_index < before, event_table.c.leaf_index >= lowest, *_conditions(query))
        .order_by(event_table.c.leaf_index.desc())
        .limit(limit)
    )
    events = tuple(leaf_of(row) for row in reader.connection.execute(statement))
    if len(events) == limit:
        return Page(events=events, cursor=events[-1].leaf_index or None)
    return Page(events=events, cursor=lowest or None)


def content(leaf: Leaf) -> Envelope | None:
    """What the event says; None where it was erased or cannot be read."""
    if leaf.payload is None:
        return None
    try:
        return decoder.decode(leaf.payload)
    except msgspec.MsgspecError:
        return None


def _conditions(query: EventQuery) -> list[ColumnElement[bool]]:
    columns = event_table.c
    wanted = [
        columns[name] == value
        for name in ("actor_id", "user_id", "app_id", "session_id")
        if (value := getattr(query, name)) is not None
    ]
    optional: tuple[tuple[object, Callable[[], ColumnElement[bool]]], ...] = (
        (query.code, lambda: _code(query.code or "")),
        (query.since, lambda: columns.at >= query.since),
        (query.until, lambda: columns.at < query.until),
        (query.outcome, lambda: columns.status_id == _outcome(query.outcome or "")),
        (query.text, lambda: columns.payload.icontains(_text(query.text or ""), autoescape=True)),
    )
    return wanted + [condition() for value, condition in optional if value is not None]


def _code(code: str) -> ColumnElement[bool]:
    column = event_table.c.code
    return column.startswith(code, autoescape=True) if code.endswith(".") else column == code


def _outcome(outcome: str) -> int:
    if outcome not in OUTCOMES:
        raise InvalidInputError(f"no outcome {outcome!r}", remedy=f"use one of: {', '.join(OUTCOMES)}")
    return OUTCOMES[outcome]


def _text(text: str) -> str:
    if len(text) > TEXT_LIMIT or "\x00" in text:
        raise InvalidInputError(f"can look for at most {TEXT_LIMIT} characters")
    # As it is spelled inside canonical JSON.
    return msgspec.json.encode(text).decode()[1:-1]


def _bounded(limit: int) -> int:
    return max(1, min(limit, PAGE_LIMIT))

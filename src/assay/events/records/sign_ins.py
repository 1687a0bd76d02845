"""The table of sign-ins: a projection of their events for lists, made anew from them wherever it is missing."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final, cast

from sqlalchemy import (
    Column,
    Index,
    PrimaryKeyConstraint,
    Row,
    bindparam,
    delete,
    exists,
    func,
    literal,
    select,
    union_all,
)

from assay.events.records.log import Leaf, event_table, leaf_of
from assay.events.sign_ins import SIGN_IN_CODES, SignIn, SignInOutcome, Strength
from assay.store import Count, Instant, Json, Prepared, Reader, Text, Transaction, readable_one, table, upsert
from assay.store.pages import Field, Listed, Look, find_page, read_rows
from assay.values import EventId, Value
from assay.values.asking import Ask, Found

_PLACE: Final = ("at", "leaf_index")

# What is filtered comes first: a scan reads a row up to the last column that it needs.
sign_in_table = table(
    "sign_in",
    Column("at", Instant, nullable=False),
    Column("leaf_index", Count, nullable=False, unique=True),
    Column("error_code", Count, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("conditional_access", Text, nullable=False),
    Column("requirement", Text, nullable=False),
    Column("strength", Text, nullable=False),
    Column("client_app", Text, nullable=False),
    Column("system", Text, nullable=False),
    Column("browser", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("user_key", Text, nullable=False),
    Column("app_key", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("user_id", Text, nullable=False),
    Column("app_id", Text, nullable=False),
    Column("session_id", Text, nullable=False),
    Column("decision_id", Text, nullable=False),
    Column("id", Text, nullable=False, unique=True),
    Column("methods", Json(tuple[str, ...]), nullable=False),
    PrimaryKeyConstraint(*_PLACE),
    *(
        Index(f"ix_sign_in_{name}", name, *_PLACE)
        for name in (
            "error_code",
            "outcome",
            "strength",
            "address",
            "user_key",
            "app_key",
            "reason",
            "user_id",
            "app_id",
            "session_id",
        )
    ),
    clustered=True,
)

_COLUMNS: Final = tuple(column.name for column in sign_in_table.columns)
# How few sign-ins one value finds; an index begins with each.
_RANKS: Final = {
    "id": 0,
    "session_id": 1,
    "user_id": 2,
    "user_key": 2,
    "reason": 3,
    "address": 3,
    "app_id": 4,
    "app_key": 4,
    "error_code": 5,
    "strength": 6,
    "outcome": 6,
}
FIELDS: Final[Mapping[str, Field]] = {
    name: Field(column=sign_in_table.c[name], rank=_RANKS.get(name)) for name in _COLUMNS if name != "methods"
}
_LISTED: Final = Listed(table=sign_in_table, fields=FIELDS, key=_PLACE, look=Look(in_order=25_000, by_index=3_000))


# Made once: building a statement costs more than running it.
_INSERT_ABSENT: Final = Prepared(lambda dialect: upsert(sign_in_table, dialect).on_conflict_do_nothing())


# The outcome behind a function: SQLite has no statistics here, and would go through all that ever succeeded.
_LAST_SUCCEEDED: Final = (
    select(sign_in_table.c.at)
    .where(
        sign_in_table.c.user_id == bindparam("wanted"),
        func.coalesce(sign_in_table.c.outcome, "") == SignInOutcome.ALLOW.value,
    )
    .order_by(sign_in_table.c.at.desc(), sign_in_table.c.leaf_index.desc())
    .limit(1)
)


class ListedSignIn(Value, frozen=True, kw_only=True):
    """A row with the event that it was lifted out of."""

    sign_in: SignIn
    leaf: Leaf


class Tally(Value, frozen=True, kw_only=True):
    """How many sign-ins there were, by outcome, and of those that got in by strength."""

    outcomes: Mapping[SignInOutcome, int]
    strengths: Mapping[Strength, int]


def insert_sign_ins(transaction: Transaction, found: Sequence[SignIn]) -> None:
    """Keep rows; one that is kept already stays."""
    if not found:
        return
    rows = [
        {name: getattr(each, name) for name in _COLUMNS}
        | {"outcome": each.outcome.value, "strength": each.strength.value}
        for each in found
    ]
    _INSERT_ABSENT.run(transaction, *rows)


def delete_sign_ins(transaction: Transaction, first: int, last: int) -> None:
    """Forget the rows of leaves first to last, whose content is erased."""
    transaction.connection.execute(delete(sign_in_table).where(sign_in_table.c.leaf_index.between(first, last)))


def without_row(reader: Reader, after: int, limit: int) -> tuple[Leaf, ...]:
    """Some events of sign-ins behind number `after` that have no row: written by an earlier release."""
    columns = event_table.c
    listed = exists().where(sign_in_table.c.leaf_index == columns.leaf_index)
    query = (
        select(event_table)
        .where(columns.code.in_(SIGN_IN_CODES), columns.leaf_index > after, columns.payload.is_not(None), ~listed)
        .order_by(columns.leaf_index)
        .limit(limit)
    )
    return tuple(leaf_of(row) for row in reader.connection.execute(query))


def page(reader: Reader, ask: Ask) -> Found[ListedSignIn]:
    """The page that is asked for, by the names of FIELDS."""
    found = find_page(reader, _LISTED, select(sign_in_table), ask, _sign_in)
    leaves = _leaves(reader, [row.leaf_index for row in found.rows])
    listed = tuple(
        ListedSignIn(sign_in=row, leaf=leaves[row.leaf_index]) for row in found.rows if row.leaf_index in leaves
    )
    return Found(rows=listed, next=found.next, count=found.count)


def by_id(reader: Reader, event_id: EventId) -> ListedSignIn | None:
    """The sign-in whose event has this id; None also where it cannot be read, which is told as by lists."""
    rows = select(sign_in_table)
    read = read_rows(reader, sign_in_table, rows, sign_in_table.c.id, [event_id], _sign_in)
    for found in read.values():
        leaf = _leaves(reader, [found.leaf_index]).get(found.leaf_index)
        return None if leaf is None else ListedSignIn(sign_in=found, leaf=leaf)
    return None


def last_succeeded(reader: Reader, user_ids: Collection[str]) -> dict[str, datetime]:
    """When each of these people last got in anywhere; at most a page of them.

    One place of an index for each, whatever the history holds.
    """
    found = {user: readable_one(reader, _LAST_SUCCEEDED, _instant, {"wanted": user}) for user in user_ids}
    return {user: at for user, at in found.items() if at is not None}


def _instant(row: Row[tuple[object, ...]]) -> datetime:
    return cast("datetime", row[0])


def tally(reader: Reader, since: datetime, until: datetime) -> Tally:
    """Counts of a time; each is a stretch of one index, and no row is read."""
    columns = sign_in_table.c
    # Grouped, SQLite would go through the table in the order of time, whose rows are wide.
    kinds = [(columns.outcome, each.value) for each in SignInOutcome]
    kinds += [(columns.strength, each.value) for each in Strength if each]
    parts = (
        select(literal(number), func.count()).where(column == value, columns.at >= since, columns.at < until)
        for number, (column, value) in enumerate(kinds)
    )
    counts = {row[0]: row[1] for row in reader.connection.execute(union_all(*parts))}
    found = {value: counts[number] for number, (_, value) in enumerate(kinds)}
    return Tally(
        outcomes={outcome: found[outcome.value] for outcome in SignInOutcome},
        strengths={strength: found[strength.value] for strength in Strength if strength},
    )


def _leaves(reader: Reader, indexes: Sequence[int]) -> dict[int, Leaf]:
    found = read_rows(reader, event_table, select(event_table), event_table.c.leaf_index, indexes, leaf_of)
    return {leaf.leaf_index: leaf for leaf in found.values()}


def _sign_in(row: Row[*tuple[object, ...]]) -> SignIn:
    found = row._mapping
    values = {name: found[name] for name in _COLUMNS}
    return SignIn(**values | {"outcome": SignInOutcome(values["outcome"]), "strength": Strength(values["strength"])})

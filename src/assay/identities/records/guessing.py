"""Records of what is counted to slow down guessing: no name, no address, only keys."""

from collections.abc import Collection, Iterable
from datetime import datetime
from functools import cache
from typing import Final

from sqlalchemy import Column, ColumnElement, Executable, bindparam, case, func, select

from assay.identities.guessing import Counter
from assay.store import Count, Instant, Octets, Prepared, Reader, Transaction, table, upsert

guess_counters = table(
    "guess_counters",
    Column("key", Octets, primary_key=True),
    Column("failures", Count, nullable=False),
    Column("since", Instant, nullable=False),
    Column("blocked_until", Instant, nullable=False),
    Column("forget_at", Instant, nullable=False, index=True),
    Column("told_at", Instant),
)


def _put(dialect: str) -> Executable:
    put = upsert(guess_counters, dialect)
    kept = {name: put.excluded[name] for name in ("failures", "since", "blocked_until", "forget_at", "told_at")}
    return put.on_conflict_do_update(index_elements=["key"], set_=kept)


# Made once, as those below: building and hashing a statement costs more than running it.
_PUT: Final = Prepared(_put)


@cache
def _get(number: int, *, held: bool) -> Prepared:
    query = select(guess_counters).where(_one_of(number))
    return Prepared(query.with_for_update() if held else query)


_IS_ANEW: Final = guess_counters.c.key == bindparam("anew", type_=Octets)


@cache
def _give_back(number: int) -> Prepared:
    return Prepared(
        guess_counters.update()
        .where(_one_of(number))
        .values(
            failures=case((_IS_ANEW, 0), (guess_counters.c.failures < 1, 0), else_=guess_counters.c.failures - 1),
            blocked_until=case((_IS_ANEW, bindparam("at", type_=Instant)), else_=guess_counters.c.blocked_until),
        )
    )


def _one_of(number: int) -> ColumnElement[bool]:
    """An attempt has a handful of keys, so that there are few such statements."""
    return guess_counters.c.key.in_([bindparam(f"key_{place}", type_=Octets) for place in range(number)])


def _named(keys: Collection[bytes]) -> dict[str, object]:
    return {f"key_{place}": key for place, key in enumerate(keys)}


def get(reader: Reader, keys: Collection[bytes]) -> dict[bytes, Counter]:
    """The counters under these keys; a writer of PostgreSQL holds their rows until it commits."""
    found = _get(len(keys), held=isinstance(reader, Transaction)).rows(reader, _named(keys))
    return {row.key: Counter(**row._mapping) for row in found}


def put(transaction: Transaction, counters: Iterable[Counter]) -> None:
    """Keep these counters in place of what was under their keys."""
    rows = [{field: getattr(counter, field) for field in counter.__struct_fields__} for counter in counters]
    _PUT.run(transaction, *rows)


def give_back(transaction: Transaction, keys: Collection[bytes], at: datetime, *, anew: bytes = b"") -> None:
    """Take one attempt off each of these counters, because it was no failure; `anew` begins anew, without delay.

    Otherwise a delay stays: else whoever has an account of their own would end it with each sign-in to that one.
    """
    every = {*keys, anew}
    _give_back(len(every)).run(transaction, {**_named(every), "anew": anew, "at": at})


def at_most(transaction: Transaction, key: bytes, failures: int) -> bool:
    """Bring a counter down to this number; False where it was not above."""
    above = guess_counters.update().where(guess_counters.c.key == key, guess_counters.c.failures > failures)
    return transaction.connection.execute(above.values(failures=failures)).rowcount == 1


def told(transaction: Transaction, key: bytes, at: datetime) -> None:
    """The person was told of this counter."""
    transaction.connection.execute(guess_counters.update().where(guess_counters.c.key == key).values(told_at=at))


def remove(transaction: Transaction, keys: Collection[bytes]) -> int:
    """Begin anew; how many counters there were."""
    return transaction.connection.execute(guess_counters.delete().where(guess_counters.c.key.in_(keys))).rowcount


def drop_beyond(transaction: Transaction, begins: bytes, most: int) -> int:
    """Of the counters whose keys begin so, keep the `most` that say most; how many went.

    Those with the fewest failures go first: who fills the table with rows of one failure each drops rows like theirs.
    Nothing is sorted, because the writer, on whom everybody waits, would do it.
    """
    column = guess_counters.c
    # The prefix ends in a zero octet, so that this is the first key behind its last one.
    within = (column.key >= begins) & (column.key < begins[:-1] + b"\x01")
    held = transaction.connection.execute(select(func.count()).select_from(guess_counters).where(within)).scalar_one()
    dropped, failures = 0, 1
    while dropped < held - most:
        least = select(column.key).where(within, column.failures <= failures).limit(held - most - dropped)
        dropped += transaction.connection.execute(guess_counters.delete().where(column.key.in_(least))).rowcount
        failures *= 2
    return dropped


def sweep(transaction: Transaction, at: datetime) -> int:
    """Forget counters whose time is over; how many."""
    return transaction.connection.execute(guess_counters.delete().where(guess_counters.c.forget_at <= at)).rowcount

"""Records of what is counted to slow down guessing: no name, no address, only keys."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from sqlalchemy import Column, case, literal, select
from sqlalchemy.dialects import postgresql, sqlite

from assay.identities.guessing import Counter
from assay.store import Count, Dialect, Instant, Octets, Reader, Transaction, table

guess_counters = table(
    "guess_counters",
    Column("key", Octets, primary_key=True),
    Column("failures", Count, nullable=False),
    Column("since", Instant, nullable=False),
    Column("blocked_until", Instant, nullable=False),
    Column("forget_at", Instant, nullable=False, index=True),
    Column("told_at", Instant),
)


def get(reader: Reader, keys: Collection[bytes]) -> dict[bytes, Counter]:
    """The counters under these keys; a writer of PostgreSQL holds their rows until it commits."""
    found = select(guess_counters).where(guess_counters.c.key.in_(keys))
    if isinstance(reader, Transaction):
        found = found.with_for_update()
    return {row.key: Counter(**row._mapping) for row in reader.connection.execute(found)}


def put(transaction: Transaction, counters: Iterable[Counter]) -> None:
    """Keep these counters in place of what was under their keys."""
    rows = [{field: getattr(counter, field) for field in counter.__struct_fields__} for counter in counters]
    if not rows:
        return
    dialect = sqlite if transaction.connection.dialect.name == Dialect.SQLITE else postgresql
    put = dialect.insert(guess_counters)
    kept = {name: put.excluded[name] for name in ("failures", "since", "blocked_until", "forget_at", "told_at")}
    transaction.connection.execute(put.on_conflict_do_update(index_elements=["key"], set_=kept), rows)


def give_back(transaction: Transaction, counts: Mapping[bytes, int], at: datetime) -> None:
    """Take this many attempts off each of these counters, because they were no failures; 0 begins anew, without delay.

    Otherwise a delay stays: else whoever has an account of their own would end it with each sign-in to that one.
    """
    if not counts:
        return
    column = guess_counters.c
    keys = tuple(counts)
    anew = [key for key, count in counts.items() if count == 0]
    left = case({key: column.failures - count for key, count in counts.items()}, value=column.key)
    statement = guess_counters.update().where(column.key.in_(keys))
    transaction.connection.execute(
        statement.values(
            failures=case((column.key.in_(anew), 0), (left < 0, 0), else_=left),
            blocked_until=case((column.key.in_(anew), literal(at, Instant)), else_=column.blocked_until),
        )
    )


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


def sweep(transaction: Transaction, at: datetime) -> int:
    """Forget counters whose time is over; how many."""
    return transaction.connection.execute(guess_counters.delete().where(guess_counters.c.forget_at <= at)).rowcount

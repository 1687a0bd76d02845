"""Records of emergency access: the accounts, each use of them, and drills."""

from datetime import datetime
from typing import Final

from sqlalchemy import Column, Index, Row, func, insert, select, update

from assay.governance.break_glass import BreakGlassAccount, BreakGlassUse, Purpose
from assay.store import Count, Id, Instant, Prepared, Reader, Text, Topic, Transaction, table
from assay.values import SessionId, UserId

account_table = table(
    "break_glass_account",
    Column("number", Count, primary_key=True),
    Column("user_id", Id, nullable=False, unique=True),
    Column("created_at", Instant, nullable=False),
)
use_table = table(
    "break_glass_use",
    Column("id", Id, primary_key=True),
    Column("user_id", Id, nullable=False),
    Column("session_id", Id, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("address", Text, nullable=False),
    Column("reviewed_at", Instant, nullable=True),
    Column("reviewed_by", Text, nullable=False),
    Column("finding", Text, nullable=False),
    Index(None, "at"),
)
drill_table = table(
    "break_glass_drill",
    Column("id", Id, primary_key=True),
    Column("started_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
)


_USER_IDS: Final = Prepared(select(account_table.c.user_id))


def add_account(transaction: Transaction, account: BreakGlassAccount) -> None:
    """Make a person an emergency access account."""
    values = {"number": account.number, "user_id": account.user_id, "created_at": account.created_at}
    transaction.connection.execute(insert(account_table).values(values))
    # Decisions follow roles: what a person is judged by changes with this.
    transaction.changed(Topic.ROLE, account.user_id)


def accounts(reader: Reader) -> tuple[BreakGlassAccount, ...]:
    """The accounts, by number."""
    rows = reader.connection.execute(select(account_table).order_by(account_table.c.number))
    return tuple(
        BreakGlassAccount(number=row.number, user_id=UserId(row.user_id), created_at=row.created_at) for row in rows
    )


def user_ids(reader: Reader) -> frozenset[UserId]:
    """Who is an emergency access account."""
    return frozenset(UserId(found.user_id) for found in _USER_IDS.rows(reader))


def add_use(transaction: Transaction, use: BreakGlassUse) -> None:
    """Note a session of an emergency access account."""
    transaction.connection.execute(
        insert(use_table).values(
            id=use.id,
            user_id=use.user_id,
            session_id=use.session_id,
            purpose=use.purpose.value,
            at=use.at,
            address=use.address,
            reviewed_by="",
            finding="",
        )
    )


def uses(reader: Reader, *, limit: int = 200) -> tuple[BreakGlassUse, ...]:
    """The uses, newest first."""
    rows = reader.connection.execute(select(use_table).order_by(use_table.c.at.desc(), use_table.c.id).limit(limit))
    return tuple(map(_use, rows))


def open_reviews(reader: Reader) -> tuple[BreakGlassUse, ...]:
    """The uses that nobody has reviewed, oldest first."""
    wanted = (use_table.c.purpose == Purpose.EMERGENCY.value, use_table.c.reviewed_at.is_(None))
    return tuple(map(_use, reader.connection.execute(select(use_table).where(*wanted).order_by(use_table.c.at))))


def get_use(reader: Reader, use_id: str) -> BreakGlassUse | None:
    """One use."""
    row = reader.connection.execute(select(use_table).where(use_table.c.id == use_id)).one_or_none()
    return None if row is None else _use(row)


def review(transaction: Transaction, use_id: str, *, by: str, finding: str, at: datetime) -> bool:
    """Close a review; False when it is closed already."""
    statement = update(use_table).where(use_table.c.id == use_id, use_table.c.reviewed_at.is_(None))
    return (
        transaction.connection.execute(statement.values(reviewed_at=at, reviewed_by=by, finding=finding)).rowcount == 1
    )


def last_use(reader: Reader, user_id: UserId, purpose: Purpose) -> datetime | None:
    """When an account was last used for this."""
    query = select(func.max(use_table.c.at)).where(use_table.c.user_id == user_id, use_table.c.purpose == purpose.value)
    return reader.connection.execute(query).scalar_one_or_none()


def start_drill(transaction: Transaction, drill_id: str, *, at: datetime, until: datetime) -> None:
    """From now until then a sign-in by an emergency access account is a drill."""
    transaction.connection.execute(insert(drill_table).values(id=drill_id, started_at=at, ends_at=until))


def drill_until(reader: Reader, at: datetime) -> datetime | None:
    """When the drill that is under way ends; None when there is none."""
    query = select(func.max(drill_table.c.ends_at)).where(drill_table.c.started_at <= at, drill_table.c.ends_at > at)
    return reader.connection.execute(query).scalar_one_or_none()


def _use(row: Row[*tuple[object, ...]]) -> BreakGlassUse:
    return BreakGlassUse(
        id=row.id,
        user_id=UserId(row.user_id),
        session_id=SessionId(row.session_id),
        purpose=Purpose(row.purpose),
        at=row.at,
        address=row.address,
        reviewed_at=row.reviewed_at,
        reviewed_by=row.reviewed_by,
        finding=row.finding,
    )

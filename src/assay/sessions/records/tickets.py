"""The table of tickets; using one is a compare-and-set, so that of two parallel uses one succeeds."""

from datetime import datetime

from sqlalchemy import Column, Row, delete, insert, select, update

from assay.sessions.session import Ticket
from assay.store import Id, Instant, Octets, Reader, Text, Transaction, table
from assay.values import AppId, SessionId

ticket_table = table(
    "ticket",
    Column("secret_hash", Octets, primary_key=True),
    Column("session_id", Id, nullable=False),
    Column("app_id", Id, nullable=False),
    Column("path", Text, nullable=False),
    Column("state_hash", Octets, nullable=False),
    Column("expires_at", Instant, nullable=False, index=True),
    Column("used_at", Instant, nullable=True),
)


def insert_ticket(transaction: Transaction, ticket: Ticket, secret_hash: bytes) -> None:
    """Keep a new ticket; `sessions/issue.py` alone calls this."""
    transaction.connection.execute(
        insert(ticket_table).values(
            secret_hash=secret_hash,
            session_id=ticket.session_id,
            app_id=ticket.app_id,
            path=ticket.path,
            state_hash=ticket.state_hash,
            expires_at=ticket.expires_at,
        )
    )


def use(transaction: Transaction, secret_hash: bytes, at: datetime) -> Ticket | None:
    """Use a ticket up; None when there is none, it is used, or its time is over."""
    used = transaction.connection.execute(
        update(ticket_table)
        .where(
            ticket_table.c.secret_hash == secret_hash,
            ticket_table.c.used_at.is_(None),
            ticket_table.c.expires_at > at,
        )
        .values(used_at=at)
    )
    if used.rowcount != 1:
        return None
    row = transaction.connection.execute(select(ticket_table).where(ticket_table.c.secret_hash == secret_hash)).one()
    return _ticket(row)


def kept(reader: Reader, secret_hash: bytes) -> tuple[Ticket, bool] | None:
    """The ticket of this secret and whether it was used, for the log: what is refused is refused elsewhere."""
    row = reader.connection.execute(select(ticket_table).where(ticket_table.c.secret_hash == secret_hash)).one_or_none()
    return None if row is None else (_ticket(row), row.used_at is not None)


def sweep(transaction: Transaction, before: datetime) -> int:
    """Forget tickets whose time was over before this instant; how many."""
    return transaction.connection.execute(delete(ticket_table).where(ticket_table.c.expires_at < before)).rowcount


def _ticket(row: Row[tuple[object, ...]]) -> Ticket:
    return Ticket(
        session_id=SessionId(row.session_id),
        app_id=AppId(row.app_id),
        path=row.path,
        state_hash=row.state_hash,
        expires_at=row.expires_at,
    )

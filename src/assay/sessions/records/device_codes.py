"""The table of device codes: hashes of both codes, and who asks."""

from datetime import datetime, timedelta

from sqlalchemy import Column, Index, Row, delete, func, insert, select, update

from assay.sessions.device_code import Confirmation, DeviceCode
from assay.store import Count, Id, Instant, Octets, Reader, Text, Transaction, table
from assay.values import SessionId

device_code_table = table(
    "device_code",
    Column("secret_hash", Octets, primary_key=True),
    Column("user_code_hash", Octets, nullable=False, unique=True),
    Column("source", Octets, nullable=False),
    Column("client", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("port", Count, nullable=False),
    Column("user_agent", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False, index=True),
    Column("polled_at", Instant, nullable=True),
    Column("interval_seconds", Count, nullable=False),
    Column("answer", Text, nullable=True),
    Column("session_id", Id, nullable=True),
    Index("ix_device_code_source_expires_at", "source", "expires_at"),
)
_C = device_code_table.c


def insert_code(
    transaction: Transaction, code: DeviceCode, *, secret_hash: bytes, user_code_hash: bytes, source: bytes
) -> None:
    """Keep a new one; `source` is what its number is held against."""
    transaction.connection.execute(
        insert(device_code_table).values(
            secret_hash=secret_hash,
            user_code_hash=user_code_hash,
            source=source,
            client=code.client,
            address=code.address,
            port=code.port,
            user_agent=code.user_agent,
            created_at=code.created_at,
            expires_at=code.expires_at,
            interval_seconds=code.interval // timedelta(seconds=1),
        )
    )


def open_ones(reader: Reader, source: bytes, at: datetime) -> tuple[int, int]:
    """How many are not over yet: of this source, and of all."""
    living = select(func.count()).select_from(device_code_table).where(_C.expires_at > at)
    of_source = reader.connection.execute(living.where(_C.source == source)).scalar_one()
    return of_source, reader.connection.execute(living).scalar_one()


def by_secret(reader: Reader, secret_hash: bytes) -> DeviceCode | None:
    """The one that the command line holds."""
    return _one(reader.connection.execute(select(device_code_table).where(_C.secret_hash == secret_hash)).first())


def by_user_code(reader: Reader, user_code_hash: bytes) -> DeviceCode | None:
    """The one that the person typed."""
    query = select(device_code_table).where(_C.user_code_hash == user_code_hash)
    return _one(reader.connection.execute(query).first())


def polled(transaction: Transaction, secret_hash: bytes, at: datetime) -> None:
    """It was asked after, and is not to be again within its interval."""
    transaction.connection.execute(update(device_code_table).where(_C.secret_hash == secret_hash).values(polled_at=at))


def answer(
    transaction: Transaction, user_code_hash: bytes, given: Confirmation, session_id: SessionId, at: datetime
) -> bool:
    """Keep the person's answer; False where it was answered or over already."""
    result = transaction.connection.execute(
        update(device_code_table)
        .where(_C.user_code_hash == user_code_hash, _C.answer.is_(None), _C.expires_at > at)
        .values(answer=given.value, session_id=session_id)
    )
    return result.rowcount == 1


def take(transaction: Transaction, secret_hash: bytes) -> bool:
    """Use it up; of two who ask at the same instant one is told True."""
    return transaction.connection.execute(delete(device_code_table).where(_C.secret_hash == secret_hash)).rowcount == 1


def sweep(transaction: Transaction, at: datetime) -> int:
    """Forget those that are over; how many."""
    return transaction.connection.execute(delete(device_code_table).where(_C.expires_at <= at)).rowcount


def _one(row: Row[tuple[object, ...]] | None) -> DeviceCode | None:
    if row is None:
        return None
    return DeviceCode(
        client=row.client,
        address=row.address,
        port=row.port,
        user_agent=row.user_agent,
        created_at=row.created_at,
        expires_at=row.expires_at,
        polled_at=row.polled_at,
        interval=timedelta(seconds=row.interval_seconds),
        answer=None if row.answer is None else Confirmation(row.answer),
        session_id=row.session_id,
    )

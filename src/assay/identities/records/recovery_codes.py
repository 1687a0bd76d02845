"""Records of recovery codes: digests, each used once."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Column, ForeignKey, func, select

from assay.store import Id, Instant, Octets, Reader, Topic, Transaction, table
from assay.values import UserId

recovery_codes = table(
    "recovery_codes",
    Column("user_id", Id, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("digest", Octets, primary_key=True),
    Column("created_at", Instant, nullable=False),
    Column("used_at", Instant),
)


def remaining(reader: Reader, user_id: UserId) -> int:
    """How many codes the person has left."""
    unused = select(func.count()).where(recovery_codes.c.user_id == user_id, recovery_codes.c.used_at.is_(None))
    return reader.connection.scalars(unused).one()


def made_and_used(reader: Reader, user_id: UserId) -> tuple[datetime | None, datetime | None]:
    """When the person's codes were made, and when one of them was last used."""
    made, used = func.min(recovery_codes.c.created_at), func.max(recovery_codes.c.used_at)
    row = reader.connection.execute(select(made, used).where(recovery_codes.c.user_id == user_id)).one()
    return row[0], row[1]


def replace(transaction: Transaction, user_id: UserId, digests: Iterable[bytes], at: datetime) -> None:
    """Give the person these codes; earlier ones are void."""
    transaction.connection.execute(recovery_codes.delete().where(recovery_codes.c.user_id == user_id))
    rows = [{"user_id": user_id, "digest": digest, "created_at": at} for digest in digests]
    transaction.connection.execute(recovery_codes.insert(), rows)
    transaction.changed(Topic.METHOD, user_id)


def use(transaction: Transaction, user_id: UserId, digest: bytes, at: datetime) -> bool:
    """Spend this code; False when it is not one of the person's or spent already: of two users at once one wins."""
    spent = (
        recovery_codes.update()
        .where(
            recovery_codes.c.user_id == user_id,
            recovery_codes.c.digest == digest,
            recovery_codes.c.used_at.is_(None),
        )
        .values(used_at=at)
    )
    if transaction.connection.execute(spent).rowcount != 1:
        return False
    transaction.changed(Topic.METHOD, user_id)
    return True


def remove(transaction: Transaction, user_id: UserId) -> bool:
    """Void all codes of the person; False where there were none."""
    gone = recovery_codes.delete().where(recovery_codes.c.user_id == user_id)
    if transaction.connection.execute(gone).rowcount == 0:
        return False
    transaction.changed(Topic.METHOD, user_id)
    return True

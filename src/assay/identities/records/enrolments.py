"""Records of enrolment passes: one open pass per person, used once; several for the owner, of whom one is used."""

from datetime import datetime
from typing import Final

from sqlalchemy import Column, ForeignKey, Row, select

from assay.identities.methods.enrolment import EnrolmentPass, EnrolmentPurpose
from assay.store import Id, Instant, Octets, Reader, Text, Transaction, table
from assay.values import UserId

# A service that starts again and again must not leave more than that in the world.
OPEN_LIMIT: Final = 20

passes = table(
    "enrolment_passes",
    Column("id", Id, primary_key=True),
    Column("user_id", Id, ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("purpose", Text, nullable=False),
    Column("digest", Octets, nullable=False, unique=True),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("created_by", Id),
    Column("used_at", Instant),
)


def by_digest(reader: Reader, digest: bytes) -> EnrolmentPass | None:
    """The pass of this code, whatever its state; `pass_refusal` judges it."""
    row = reader.connection.execute(select(passes).where(passes.c.digest == digest)).one_or_none()
    return None if row is None else _pass(row)


def open_pass(reader: Reader, user_id: UserId, at: datetime) -> EnrolmentPass | None:
    """The pass that this person can still use."""
    found = select(passes).where(passes.c.user_id == user_id, passes.c.used_at.is_(None), passes.c.expires_at > at)
    row = reader.connection.execute(found.order_by(passes.c.created_at.desc()).limit(1)).one_or_none()
    return None if row is None else _pass(row)


def insert(transaction: Transaction, new: EnrolmentPass) -> None:
    """Store a pass; an earlier one that this person has not used is void, so that one link is in the world."""
    revoke(transaction, new.user_id)
    add(transaction, new)


def add(transaction: Transaction, new: EnrolmentPass) -> None:
    """Store a pass beside those that this person has not used: whichever is used first, the others are void."""
    unused = passes.c.user_id == new.user_id, passes.c.used_at.is_(None)
    kept = select(passes.c.id).where(*unused).order_by(passes.c.created_at.desc()).limit(OPEN_LIMIT - 1)
    transaction.connection.execute(passes.delete().where(*unused, passes.c.id.not_in(kept)))
    transaction.connection.execute(
        passes.insert().values(
            id=new.id,
            user_id=new.user_id,
            purpose=new.purpose.value,
            digest=new.digest,
            created_at=new.created_at,
            expires_at=new.expires_at,
            created_by=new.created_by,
            used_at=new.used_at,
        )
    )


def use(transaction: Transaction, digest: bytes, at: datetime) -> EnrolmentPass | None:
    """Use the pass up; None when it is unknown, used or expired: of two at once exactly one gets it."""
    used = (
        passes.update()
        .where(passes.c.digest == digest, passes.c.used_at.is_(None), passes.c.expires_at > at)
        .values(used_at=at)
    )
    if transaction.connection.execute(used).rowcount != 1:
        return None
    found = by_digest(transaction, digest)
    assert found is not None
    revoke(transaction, found.user_id)
    return found


def revoke(transaction: Transaction, user_id: UserId) -> bool:
    """Void what this person has not used; False where there was none."""
    unused = passes.delete().where(passes.c.user_id == user_id, passes.c.used_at.is_(None))
    return transaction.connection.execute(unused).rowcount > 0


def _pass(row: Row[*tuple[object, ...]]) -> EnrolmentPass:
    return EnrolmentPass(
        id=row.id,
        user_id=UserId(row.user_id),
        purpose=EnrolmentPurpose(row.purpose),
        digest=row.digest,
        created_at=row.created_at,
        expires_at=row.expires_at,
        created_by=None if row.created_by is None else UserId(row.created_by),
        used_at=row.used_at,
    )

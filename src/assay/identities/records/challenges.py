"""Records of open passkey ceremonies."""

from datetime import datetime

from sqlalchemy import Column, ForeignKey

from assay.identities.methods.challenge import Challenge, Purpose
from assay.store import Id, Instant, Octets, Text, Transaction, table
from assay.values import UserId

challenges = table(
    "passkey_challenges",
    Column("value", Octets, primary_key=True),
    Column("purpose", Text, nullable=False),
    Column("user_id", Id, ForeignKey("users.id", ondelete="CASCADE"), index=True),
    Column("expires_at", Instant, nullable=False, index=True),
)


def insert(transaction: Transaction, challenge: Challenge) -> None:
    """Open a ceremony."""
    transaction.connection.execute(
        challenges.insert().values(
            value=challenge.value,
            purpose=challenge.purpose.value,
            user_id=challenge.user_id,
            expires_at=challenge.expires_at,
        )
    )


def take(
    transaction: Transaction, value: bytes, *, purpose: Purpose, user_id: UserId | None, at: datetime
) -> Challenge | None:
    """Close the ceremony for good; None when it is not open for exactly this purpose and person (None: anybody)."""
    # One DELETE, so that of two responses to one challenge exactly one is looked at.
    gone = challenges.delete().where(
        challenges.c.value == value,
        challenges.c.purpose == purpose.value,
        challenges.c.user_id.is_(None) if user_id is None else challenges.c.user_id == user_id,
        challenges.c.expires_at > at,
    )
    expires_at = transaction.connection.scalar(gone.returning(challenges.c.expires_at))
    if expires_at is None:
        return None
    return Challenge(value=value, purpose=purpose, user_id=user_id, expires_at=expires_at)


def remove_expired(transaction: Transaction, at: datetime) -> int:
    """Forget ceremonies nobody finished; how many there were."""
    return transaction.connection.execute(challenges.delete().where(challenges.c.expires_at <= at)).rowcount

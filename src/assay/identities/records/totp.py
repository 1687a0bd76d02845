"""Records of authenticator apps: at most one that counts per person, and one that waits for its first code."""

from datetime import datetime
from typing import Final

from sqlalchemy import Column, ColumnElement, ForeignKey, Row, select

from assay.identities.methods.totp import NEVER_USED, PENDING_LIFETIME, Totp, totp_context
from assay.sealing.sealed_column import SealedColumn
from assay.store import Count, Flag, Id, Instant, Octets, Reader, Topic, Transaction, table
from assay.values import UserId

totps = table(
    "totps",
    Column("user_id", Id, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("confirmed", Flag, primary_key=True),
    Column("sealed_secret", Octets, nullable=False),
    Column("last_counter", Count, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("confirmed_at", Instant),
)

SEALED_SECRETS: Final = SealedColumn(
    column=totps.c.sealed_secret, context=lambda row: totp_context(UserId(str(row.user_id)))
)


def get(reader: Reader, user_id: UserId) -> Totp | None:
    """The person's authenticator app."""
    return _one(reader, user_id, confirmed=True)


def pending(reader: Reader, user_id: UserId, at: datetime) -> Totp | None:
    """The one that was shown to the person less than 15 minutes ago and is not confirmed."""
    found = _one(reader, user_id, confirmed=False)
    return found if found is not None and at < found.created_at + PENDING_LIFETIME else None


def insert_pending(transaction: Transaction, user_id: UserId, sealed_secret: bytes, at: datetime) -> None:
    """Begin anew with this secret; the one that counts stays until another is confirmed."""
    transaction.connection.execute(totps.delete().where(*_of(user_id, confirmed=False)))
    transaction.connection.execute(
        totps.insert().values(
            user_id=user_id,
            confirmed=False,
            sealed_secret=sealed_secret,
            last_counter=NEVER_USED,
            created_at=at,
        )
    )


def confirm(transaction: Transaction, waiting: Totp, *, sealed_secret: bytes, counter: int, at: datetime) -> bool:
    """Let the waiting one count in place of the earlier, its first code already spent; False when it is not waiting.

    `sealed_secret`: the secret alone, as it is kept from now on.
    """
    user_id = waiting.user_id
    if pending(transaction, user_id, at) != waiting:
        return False
    transaction.connection.execute(totps.delete().where(*_of(user_id, confirmed=True)))
    confirmed = (
        totps.update()
        .where(*_of(user_id, confirmed=False), totps.c.sealed_secret == waiting.sealed_secret)
        .values(sealed_secret=sealed_secret, confirmed=True, last_counter=counter, confirmed_at=at)
    )
    if transaction.connection.execute(confirmed).rowcount != 1:
        return False
    transaction.changed(Topic.METHOD, user_id)
    return True


def use(transaction: Transaction, user_id: UserId, counter: int) -> bool:
    """Spend this counter and all before it; False when it is spent already: of two users at once one is refused."""
    spent = (
        totps.update().where(*_of(user_id, confirmed=True), totps.c.last_counter < counter).values(last_counter=counter)
    )
    return transaction.connection.execute(spent).rowcount == 1


def remove(transaction: Transaction, user_id: UserId) -> bool:
    """Take the person's authenticator app away, with one that waits; False where there was none."""
    gone = transaction.connection.execute(totps.delete().where(totps.c.user_id == user_id)).rowcount > 0
    if gone:
        transaction.changed(Topic.METHOD, user_id)
    return gone


def _of(user_id: UserId, *, confirmed: bool) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return totps.c.user_id == user_id, totps.c.confirmed == confirmed


def _one(reader: Reader, user_id: UserId, *, confirmed: bool) -> Totp | None:
    found = select(totps).where(*_of(user_id, confirmed=confirmed))
    row = reader.connection.execute(found).one_or_none()
    return None if row is None else _totp(row)


def _totp(row: Row[*tuple[object, ...]]) -> Totp:
    return Totp(
        user_id=UserId(row.user_id),
        sealed_secret=row.sealed_secret,
        last_counter=row.last_counter,
        created_at=row.created_at,
        confirmed_at=row.confirmed_at,
    )

"""Records of passwords: one hash per person."""

from datetime import datetime
from typing import Final

from sqlalchemy import Column, ForeignKey, bindparam, select

from assay.identities.records.users import key_of, user_of, users
from assay.identities.users import User
from assay.store import Id, Instant, Prepared, Reader, Text, Topic, Transaction, table
from assay.values import UserId

passwords = table(
    "passwords",
    Column("user_id", Id, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("hash", Text, nullable=False),
    Column("changed_at", Instant, nullable=False),
)


_OF_NAME: Final = Prepared(
    select(users, passwords.c.hash)
    .outerjoin(passwords, passwords.c.user_id == users.c.id)
    .where(users.c.user_key == bindparam("wanted"))
)


def stored_hash(reader: Reader, user_id: UserId) -> str | None:
    """The person's hash as a PHC string, None where there is no password."""
    return reader.connection.scalar(select(passwords.c.hash).where(passwords.c.user_id == user_id))


def of_name(reader: Reader, user_name: str) -> tuple[User | None, str | None]:
    """The person with this name, however it is written, and their hash: one look-up, the same for nobody."""
    row = _OF_NAME.one(reader, {"wanted": key_of(user_name)})
    return (None, None) if row is None else (user_of(row), row.hash)


def changed_at(reader: Reader, user_id: UserId) -> datetime | None:
    """Since when the person has this password, None where there is none."""
    return reader.connection.scalar(select(passwords.c.changed_at).where(passwords.c.user_id == user_id))


def put(transaction: Transaction, user_id: UserId, hashed: str, at: datetime) -> None:
    """Set the person's password in place of an earlier one."""
    transaction.connection.execute(passwords.delete().where(passwords.c.user_id == user_id))
    transaction.connection.execute(passwords.insert().values(user_id=user_id, hash=hashed, changed_at=at))
    transaction.changed(Topic.METHOD, user_id)


def rehash(transaction: Transaction, user_id: UserId, *, old: str, new: str) -> bool:
    """Store the same password with today's parameters; False when it was changed meanwhile."""
    replaced = passwords.update().where(passwords.c.user_id == user_id, passwords.c.hash == old).values(hash=new)
    return transaction.connection.execute(replaced).rowcount == 1


def remove(transaction: Transaction, user_id: UserId) -> bool:
    """Take the person's password away; False where there was none."""
    gone = transaction.connection.execute(passwords.delete().where(passwords.c.user_id == user_id)).rowcount == 1
    if gone:
        transaction.changed(Topic.METHOD, user_id)
    return gone

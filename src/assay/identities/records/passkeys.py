"""Records of passkeys: several per person, each credential known once in the whole organisation."""

from datetime import datetime

from sqlalchemy import Column, ForeignKey, Row, and_, literal, or_, select
from sqlalchemy.exc import IntegrityError

from assay.identities.methods.passkey import MAX_PASSKEYS, Passkey, VerifiedAssertion
from assay.store import Count, Flag, Id, Instant, Json, Octets, Reader, Text, Topic, Transaction, table
from assay.values import Reason, UserId

passkeys = table(
    "passkeys",
    Column("id", Id, primary_key=True),
    Column("user_id", Id, ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("credential_id", Octets, nullable=False, unique=True),
    Column("public_key", Octets, nullable=False),
    Column("sign_count", Count, nullable=False),
    Column("name", Text, nullable=False),
    Column("aaguid", Text, nullable=False),
    Column("backup_eligible", Flag, nullable=False),
    Column("backed_up", Flag, nullable=False),
    Column("transports", Json(tuple[str, ...]), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("last_used_at", Instant),
)


def of_user(reader: Reader, user_id: UserId) -> tuple[Passkey, ...]:
    """The person's passkeys, oldest first."""
    found = select(passkeys).where(passkeys.c.user_id == user_id).order_by(passkeys.c.created_at, passkeys.c.id)
    return tuple(_passkey(row) for row in reader.connection.execute(found))


def by_credential(reader: Reader, credential_id: bytes) -> Passkey | None:
    """The passkey that an authenticator calls by this id."""
    found = select(passkeys).where(passkeys.c.credential_id == credential_id)
    row = reader.connection.execute(found).one_or_none()
    return None if row is None else _passkey(row)


def insert(transaction: Transaction, passkey: Passkey) -> Reason | None:
    """Add a passkey; a reason when the person has too many, or when the credential is known."""
    if len(of_user(transaction, passkey.user_id)) >= MAX_PASSKEYS:
        return Reason.of("passkeyTooMany", maximum=str(MAX_PASSKEYS))
    values = {field: getattr(passkey, field) for field in passkey.__struct_fields__}
    try:
        # Its own savepoint: the refused insert must not spoil the transaction that goes on (PostgreSQL).
        with transaction.connection.begin_nested():
            transaction.connection.execute(passkeys.insert().values(values))
    except IntegrityError:
        return Reason.of("passkeyKnown")
    transaction.changed(Topic.METHOD, passkey.user_id)
    return None


def use(transaction: Transaction, verified: VerifiedAssertion, at: datetime) -> bool:
    """Take over what a verified assertion says; False when its counter is not above what is stored by now."""
    counted = passkeys.c.sign_count < verified.sign_count
    # Synced passkeys do not count: zero stays zero (WebAuthn §6.1.1).
    uncounted = and_(passkeys.c.sign_count == 0, literal(verified.sign_count) == 0)
    used = (
        passkeys.update()
        .where(passkeys.c.credential_id == verified.credential_id, or_(counted, uncounted))
        .values(sign_count=verified.sign_count, backed_up=verified.backed_up, last_used_at=at)
    )
    return transaction.connection.execute(used).rowcount == 1


def rename(transaction: Transaction, user_id: UserId, passkey_id: str, name: str) -> bool:
    """Give the person's passkey another name; False where the person has no such passkey."""
    named = passkeys.update().where(passkeys.c.id == passkey_id, passkeys.c.user_id == user_id).values(name=name)
    return transaction.connection.execute(named).rowcount == 1


def remove(transaction: Transaction, user_id: UserId, passkey_id: str) -> bool:
    """Take this passkey from the person; False where the person has no such passkey."""
    gone = passkeys.delete().where(passkeys.c.id == passkey_id, passkeys.c.user_id == user_id)
    if transaction.connection.execute(gone).rowcount != 1:
        return False
    transaction.changed(Topic.METHOD, user_id)
    return True


def _passkey(row: Row[*tuple[object, ...]]) -> Passkey:
    return Passkey(
        id=row.id,
        user_id=UserId(row.user_id),
        credential_id=row.credential_id,
        public_key=row.public_key,
        sign_count=row.sign_count,
        name=row.name,
        aaguid=row.aaguid,
        backup_eligible=row.backup_eligible,
        backed_up=row.backed_up,
        transports=row.transports,
        created_at=row.created_at,
        last_used_at=row.last_used_at,
    )

"""The table of signing keys."""

from datetime import datetime

from sqlalchemy import Column, insert, select, update

from assay.sealing.seal import KeyId, Keyring, sealed_with
from assay.sealing.signing import Algorithm, KeyPurpose, PublicJwk, SigningKeys, StoredKey, generate, open_key
from assay.store import Id, Instant, Json, Octets, Reader, Text, Topic, Transaction, table

signing_key_table = table(
    "signing_key",
    Column("kid", Id, primary_key=True),
    Column("purpose", Text, nullable=False),
    Column("algorithm", Text, nullable=False),
    Column("public_jwk", Json(PublicJwk), nullable=False),
    Column("sealed_private", Octets, nullable=False),
    Column("sealed_with", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("retired_at", Instant, nullable=True),
)


def load_signing_keys(reader: Reader, keyring: Keyring, *, retired: bool = False) -> SigningKeys:
    """Every key that is not retired, open; raises UnknownMasterKeyError or SealBrokenError.

    `retired` adds those that are: what they signed in the log's checkpoints is verified for ever.
    """
    query = select(signing_key_table).order_by(signing_key_table.c.created_at, signing_key_table.c.kid)
    if not retired:
        query = query.where(signing_key_table.c.retired_at.is_(None))
    rows = reader.connection.execute(query)
    stored = (
        StoredKey(
            kid=row.kid,
            purpose=KeyPurpose(row.purpose),
            algorithm=Algorithm(row.algorithm),
            public=row.public_jwk,
            sealed_private=row.sealed_private,
            created_at=row.created_at,
        )
        for row in rows
    )
    return SigningKeys(keys=tuple(open_key(key, keyring) for key in stored))


def rotate_signing_key(transaction: Transaction, purpose: KeyPurpose, keyring: Keyring, *, at: datetime) -> PublicJwk:
    """Make a new key that signs from now on (the first one too); those before it verify until they are retired."""
    key = generate(purpose, keyring, at=at)
    transaction.connection.execute(
        insert(signing_key_table).values(
            kid=key.kid,
            purpose=key.purpose.value,
            algorithm=key.algorithm.value,
            public_jwk=key.public,
            sealed_private=key.sealed_private,
            sealed_with=sealed_with(key.sealed_private),
            created_at=key.created_at,
        )
    )
    transaction.changed(Topic.KEY, key.kid)
    return key.public


def retire_signing_keys(transaction: Transaction, purpose: KeyPurpose, *, before: datetime, at: datetime) -> int:
    """Retire keys made before an instant, but never the newest; returns how many.

    Do so only once everything they signed has expired.
    """
    of_purpose = (signing_key_table.c.purpose == purpose.value, signing_key_table.c.retired_at.is_(None))
    newest = (
        select(signing_key_table.c.kid)
        .where(*of_purpose)
        .order_by(signing_key_table.c.created_at.desc(), signing_key_table.c.kid.desc())
        .limit(1)
        .scalar_subquery()
    )
    kids = transaction.connection.execute(
        update(signing_key_table)
        .where(*of_purpose, signing_key_table.c.created_at < before, signing_key_table.c.kid != newest)
        .values(retired_at=at)
        .returning(signing_key_table.c.kid)
    ).scalars()
    retired = list(kids)
    for kid in retired:
        transaction.changed(Topic.KEY, kid)
    return len(retired)


def master_keys_in_use(reader: Reader) -> frozenset[KeyId]:
    """The ids of the master keys that signing keys are sealed with."""
    return frozenset(KeyId(key) for key in reader.connection.execute(select(signing_key_table.c.sealed_with)).scalars())

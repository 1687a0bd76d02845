"""The table of signing keys."""

from datetime import datetime
from itertools import pairwise
from typing import Final

from sqlalchemy import Column, insert, select, update

from assay.sealing.seal import KeyId, Keyring, sealed_with
from assay.sealing.sealed_column import SealedColumn
from assay.sealing.signing import (
    Algorithm,
    KeyPurpose,
    PublicJwk,
    SigningKeys,
    StoredKey,
    generate,
    open_key,
    signing_context,
)
from assay.store import Id, Instant, Json, Octets, Reader, Text, Topic, Transaction, table
from assay.values import InvalidInputError

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
    Column("signs_from", Instant, nullable=True),
)

SEALED_SIGNING_KEYS: Final = SealedColumn(
    column=signing_key_table.c.sealed_private,
    context=lambda row: signing_context(str(row.kid), KeyPurpose(row.purpose)),
    sealed_with=signing_key_table.c.sealed_with,
)


def load_signing_keys(reader: Reader, keyring: Keyring, *, retired: bool = False) -> SigningKeys:
    """Every key that is not retired, open; raises UnknownMasterKeyError or SealBrokenError.

    `retired` adds those that are: what they signed in the log's checkpoints is verified for ever.
    """
    columns = signing_key_table.c
    query = select(signing_key_table).order_by(columns.signs_from, columns.created_at, columns.kid)
    if not retired:
        query = query.where(columns.retired_at.is_(None))
    stored = (
        StoredKey(
            kid=row.kid,
            purpose=KeyPurpose(row.purpose),
            algorithm=Algorithm(row.algorithm),
            public=row.public_jwk,
            sealed_private=row.sealed_private,
            created_at=row.created_at,
            signs_from=row.signs_from or row.created_at,
            retired_at=row.retired_at,
        )
        for row in reader.connection.execute(query)
    )
    return SigningKeys(keys=tuple(open_key(key, keyring) for key in stored))


def rotate_signing_key(
    transaction: Transaction, purpose: KeyPurpose, keyring: Keyring, *, at: datetime, signs_from: datetime | None = None
) -> PublicJwk:
    """Make a new key (the first one too) that signs from an instant on; None: now.

    Those before it verify until they are retired. Raises InvalidInputError for one that would wait while another
    waits already; one that signs at once (the last was stolen) need not ask.
    """
    columns = signing_key_table.c
    waiting = select(columns.kid).where(
        columns.purpose == purpose.value, columns.retired_at.is_(None), columns.signs_from > at
    )
    later = signs_from is not None and signs_from > at
    if later and transaction.connection.execute(waiting).first() is not None:
        raise InvalidInputError(
            f"the next key for {purpose.value} is published and has not signed yet",
            remedy="wait until it does; see: assay keys list",
        )
    key = generate(purpose, keyring, at=at, signs_from=signs_from or at)
    transaction.connection.execute(
        insert(signing_key_table).values(
            kid=key.kid,
            purpose=key.purpose.value,
            algorithm=key.algorithm.value,
            public_jwk=key.public,
            sealed_private=key.sealed_private,
            sealed_with=sealed_with(key.sealed_private),
            created_at=key.created_at,
            signs_from=key.signs_from,
        )
    )
    transaction.changed(Topic.KEY, key.kid)
    return key.public


def retire_signing_keys(
    transaction: Transaction, purpose: KeyPurpose, *, before: datetime, at: datetime
) -> tuple[str, ...]:
    """Retire the keys that a newer one replaced before an instant; which. What signs at `at` is never among them.

    Do so only once everything they signed has expired.
    """
    columns = signing_key_table.c
    active = (
        select(columns.kid, columns.signs_from)
        .where(columns.purpose == purpose.value, columns.retired_at.is_(None), columns.signs_from <= at)
        .order_by(columns.signs_from, columns.created_at, columns.kid)
    )
    rows = transaction.connection.execute(active).all()
    replaced = [row.kid for row, successor in pairwise(rows) if successor.signs_from < before]
    retire = update(signing_key_table).where(columns.kid.in_(replaced)).values(retired_at=at)
    transaction.connection.execute(retire)
    for kid in replaced:
        transaction.changed(Topic.KEY, kid)
    return tuple(replaced)


def master_keys_in_use(reader: Reader) -> frozenset[KeyId]:
    """The ids of the master keys that signing keys are sealed with."""
    return frozenset(KeyId(key) for key in reader.connection.execute(select(signing_key_table.c.sealed_with)).scalars())

"""The table of the secrets that keys are derived from."""

from datetime import datetime
from typing import Final

from sqlalchemy import Column, delete, insert, select

from assay.sealing.derivation import ROOT_BYTES, Derivation
from assay.sealing.seal import Keyring
from assay.sealing.sealed_column import SealedColumn
from assay.store import Id, Instant, Octets, Reader, Topic, Transaction, table
from assay.values import new_id

derivation_root_table = table(
    "derivation_root",
    Column("id", Id, primary_key=True),
    Column("sealed_secret", Octets, nullable=False),
    Column("created_at", Instant, nullable=False),
)

SEALED_ROOTS: Final = SealedColumn(
    column=derivation_root_table.c.sealed_secret, context=lambda row: root_context(str(row.id))
)


def load_derivation(reader: Reader, keyring: Keyring) -> Derivation | None:
    """The secrets, open; None before the first start. Raises UnknownMasterKeyError or SealBrokenError."""
    columns = derivation_root_table.c
    rows = reader.connection.execute(select(derivation_root_table).order_by(columns.created_at, columns.id))
    roots = tuple(keyring.open(row.sealed_secret, context=root_context(row.id)) for row in rows)
    return Derivation(roots=roots) if roots else None


def add_root(transaction: Transaction, keyring: Keyring, *, at: datetime) -> str:
    """Make a new secret, from which everything is derived from now on; its id."""
    root_id = new_id(keyring.random(16))
    secret = keyring.seal(keyring.random(ROOT_BYTES), context=root_context(root_id))
    transaction.connection.execute(
        insert(derivation_root_table).values(id=root_id, sealed_secret=secret, created_at=at)
    )
    transaction.changed(Topic.KEY, root_id)
    return root_id


def remove_roots(transaction: Transaction) -> tuple[str, ...]:
    """Forget all secrets but the newest; which. What was derived from them is refused from now on."""
    columns = derivation_root_table.c
    query = select(columns.id).order_by(columns.created_at, columns.id)
    ids = tuple(transaction.connection.execute(query).scalars())[:-1]
    transaction.connection.execute(delete(derivation_root_table).where(columns.id.in_(ids)))
    for root_id in ids:
        transaction.changed(Topic.KEY, root_id)
    return ids


def root_context(root_id: str) -> str:
    """Where a secret is sealed for."""
    return f"derivation_root.sealed_secret:{root_id}"

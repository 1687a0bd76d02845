"""The table of the local certificate authority, for nodes that share a database: one authority, sealed."""

from datetime import datetime

from sqlalchemy import Column, select
from sqlalchemy.dialects import postgresql, sqlite

from assay.store import Dialect, Instant, Octets, Reader, Text, Transaction, table
from assay.values import Value

shared_authority_table = table(
    "shared_authority",
    Column("base_domain", Text, primary_key=True),
    Column("certificate", Octets, nullable=False),
    Column("sealed_key", Octets, nullable=False),
    Column("made_at", Instant, nullable=False),
)


class SharedAuthority(Value, frozen=True, kw_only=True):
    """The authority as every node has it in its files: PEM, and the private key as it was sealed."""

    certificate: bytes
    sealed_key: bytes


def shared_authority(reader: Reader, base_domain: str) -> SharedAuthority | None:
    """The authority of this base domain, if a node has shared one."""
    columns = shared_authority_table.c
    query = select(columns.certificate, columns.sealed_key).where(columns.base_domain == base_domain)
    row = reader.connection.execute(query).one_or_none()
    return None if row is None else SharedAuthority(certificate=row.certificate, sealed_key=row.sealed_key)


def share_authority(transaction: Transaction, base_domain: str, authority: SharedAuthority, *, at: datetime) -> None:
    """Make this the authority of every node."""
    dialect = sqlite if transaction.connection.dialect.name == Dialect.SQLITE else postgresql
    values = {"certificate": authority.certificate, "sealed_key": authority.sealed_key, "made_at": at}
    statement = dialect.insert(shared_authority_table).values(base_domain=base_domain, **values)
    transaction.connection.execute(statement.on_conflict_do_update(index_elements=["base_domain"], set_=values))

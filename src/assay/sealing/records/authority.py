"""The table of the local certificate authority, for nodes that share a database: its files, private keys sealed."""

from collections.abc import Mapping

import msgspec
from sqlalchemy import Column, insert, select, update

from assay.store import Count, Octets, Reader, Text, Transaction, table
from assay.values import Value

shared_authority_table = table(
    "shared_authority",
    Column("base_domain", Text, primary_key=True),
    Column("version", Count, nullable=False),
    Column("files", Octets, nullable=False),
)
_DECODER = msgspec.json.Decoder(dict[str, bytes])


class SharedAuthority(Value, frozen=True, kw_only=True):
    """The authority's files by name, as every node has them; `version` grows with every change."""

    version: int
    files: Mapping[str, bytes]


def shared_authority(reader: Reader, base_domain: str) -> SharedAuthority | None:
    """The authority of this base domain, if a node has shared one."""
    columns = shared_authority_table.c
    query = select(columns.version, columns.files).where(columns.base_domain == base_domain)
    row = reader.connection.execute(query).one_or_none()
    return None if row is None else SharedAuthority(version=row.version, files=_DECODER.decode(row.files))


def share_authority(transaction: Transaction, base_domain: str, shared: SharedAuthority) -> bool:
    """Make this the authority of every node; False where another node has shared one of this version before."""
    columns, files = shared_authority_table.c, msgspec.json.encode(dict(shared.files))
    if shared.version == 1:
        known = select(columns.version).where(columns.base_domain == base_domain)
        if transaction.connection.execute(known).one_or_none() is not None:
            return False
        transaction.connection.execute(
            insert(shared_authority_table).values(base_domain=base_domain, version=1, files=files)
        )
        return True
    result = transaction.connection.execute(
        update(shared_authority_table)
        .where(columns.base_domain == base_domain, columns.version == shared.version - 1)
        .values(version=shared.version, files=files)
    )
    return result.rowcount == 1

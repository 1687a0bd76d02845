"""The table of proxies: hashes of their secrets, never secrets."""

from datetime import datetime

from sqlalchemy import Column, Row, delete, insert, select, update

from assay.apps.proxies import Proxy, ProxyKind
from assay.store import Id, Instant, Octets, Reader, Text, Topic, Transaction, readable, readable_one, table
from assay.values import ProxyId

proxy_table = table(
    "proxy",
    Column("id", Id, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("secret_hash", Octets, nullable=False, unique=True),
    Column("created_at", Instant, nullable=False),
    Column("rotated_at", Instant, nullable=True),
)


def insert_proxy(transaction: Transaction, proxy: Proxy, secret_hash: bytes) -> None:
    """Keep a new proxy; the caller has made sure that the name is free."""
    transaction.connection.execute(
        insert(proxy_table).values(
            id=proxy.id,
            name=proxy.name,
            kind=proxy.kind.value,
            secret_hash=secret_hash,
            created_at=proxy.created_at,
        )
    )
    transaction.changed(Topic.APP_ACCESS, proxy.id)


def rotate(transaction: Transaction, proxy_id: ProxyId, secret_hash: bytes, at: datetime) -> None:
    """Another secret in the place of the one there was."""
    transaction.connection.execute(
        update(proxy_table).where(proxy_table.c.id == proxy_id).values(secret_hash=secret_hash, rotated_at=at)
    )
    transaction.changed(Topic.APP_ACCESS, proxy_id)


def remove(transaction: Transaction, proxy_id: ProxyId) -> None:
    transaction.connection.execute(delete(proxy_table).where(proxy_table.c.id == proxy_id))
    transaction.changed(Topic.APP_ACCESS, proxy_id)


def named(reader: Reader, name: str) -> Proxy | None:
    """The proxy with this id or name; one that cannot be read is none, here and below."""
    columns = proxy_table.c
    return readable_one(reader, select(proxy_table).where((columns.id == name) | (columns.name == name)), _proxy)


def every(reader: Reader) -> tuple[Proxy, ...]:
    """Every proxy, by name."""
    return readable(reader, proxy_table, select(proxy_table).order_by(proxy_table.c.name), _proxy)


def by_secret(reader: Reader) -> dict[bytes, Proxy]:
    """Every proxy by the hash of its secret."""
    found = readable(reader, proxy_table, select(proxy_table), lambda row: (bytes(row.secret_hash), _proxy(row)))
    return dict(found)


def _proxy(row: Row[tuple[object, ...]]) -> Proxy:
    return Proxy(
        id=row.id,
        name=row.name,
        kind=ProxyKind(row.kind),
        created_at=row.created_at,
        rotated_at=row.rotated_at,
    )

"""The table of apps' credentials: hashes, never secrets."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Column, Row, bindparam, delete, insert, select, update

from assay.apps.credentials import Credential, Restrictions
from assay.store import Id, Instant, Json, Octets, Reader, Text, Topic, Transaction, readable, readable_one, table
from assay.values import AppId, CredentialId

credential_table = table(
    "app_credential",
    Column("id", Id, primary_key=True),
    Column("app_id", Id, nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("secret_hash", Octets, nullable=False, unique=True),
    Column("restrictions", Json(Restrictions), nullable=False),
    Column("role_id", Id, nullable=True),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("last_used_at", Instant, nullable=True),
    Column("revoked_at", Instant, nullable=True),
)


def insert_credential(transaction: Transaction, credential: Credential, secret_hash: bytes) -> None:
    """Keep a new credential."""
    transaction.connection.execute(
        insert(credential_table).values(
            id=credential.id,
            app_id=credential.app_id,
            name=credential.name,
            secret_hash=secret_hash,
            restrictions=credential.restrictions,
            role_id=credential.role_id,
            created_at=credential.created_at,
            expires_at=credential.expires_at,
        )
    )
    transaction.changed(Topic.APP_ACCESS, credential.app_id)


def revoke(transaction: Transaction, credential: Credential, at: datetime) -> None:
    """Revoke a credential; its row stays, so that later use of its secret is seen for what it is."""
    transaction.connection.execute(
        update(credential_table).where(credential_table.c.id == credential.id).values(revoked_at=at)
    )
    transaction.changed(Topic.APP_ACCESS, credential.app_id)


def remove_app(transaction: Transaction, app_id: AppId) -> None:
    """Forget every credential of a removed app."""
    transaction.connection.execute(delete(credential_table).where(credential_table.c.app_id == app_id))
    transaction.changed(Topic.APP_ACCESS, app_id)


def of_app(reader: Reader, app_id: AppId) -> tuple[Credential, ...]:
    """An app's credentials, dead ones too, newest first."""
    columns = credential_table.c
    query = select(credential_table).where(columns.app_id == app_id).order_by(columns.created_at.desc(), columns.id)
    return readable(reader, credential_table, query, _credential)


def get(reader: Reader, credential_id: CredentialId) -> Credential | None:
    return readable_one(reader, select(credential_table).where(credential_table.c.id == credential_id), _credential)


def every(reader: Reader) -> dict[bytes, Credential]:
    """Every credential that can be read by the hash of its secret, dead ones too; the others open nothing."""
    found = readable(
        reader, credential_table, select(credential_table), lambda row: (bytes(row.secret_hash), _credential(row))
    )
    return dict(found)


def used(transaction: Transaction, last: Mapping[CredentialId, datetime]) -> None:
    """Keep when these were last used; no decision depends on it, so nobody is told."""
    if last:
        transaction.connection.execute(
            update(credential_table)
            .where(credential_table.c.id == bindparam("which"))
            .values(last_used_at=bindparam("at")),
            [{"which": credential_id, "at": at} for credential_id, at in last.items()],
        )


def forget_dead(transaction: Transaction, *, before: datetime) -> int:
    """Forget those that were revoked or expired before this instant; how many."""
    columns = credential_table.c
    dead = (columns.expires_at < before) | (columns.revoked_at < before)
    for app_id in transaction.connection.execute(select(columns.app_id).where(dead).distinct()).scalars().all():
        transaction.changed(Topic.APP_ACCESS, app_id)
    return transaction.connection.execute(delete(credential_table).where(dead)).rowcount


def _credential(row: Row[tuple[object, ...]]) -> Credential:
    return Credential(
        id=row.id,
        app_id=row.app_id,
        name=row.name,
        restrictions=row.restrictions,
        role_id=row.role_id,
        created_at=row.created_at,
        expires_at=row.expires_at,
        last_used_at=row.last_used_at,
        revoked_at=row.revoked_at,
    )

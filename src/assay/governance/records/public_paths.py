"""The tables of public paths, each with every version it ever had."""

from datetime import datetime

from sqlalchemy import Column, UniqueConstraint, delete, func, insert, select

from assay.governance.public_paths import PublicPath
from assay.store import Count, Id, Instant, Json, Reader, Text, Topic, Transaction, readable, table
from assay.values import AppId, PublicPathId

public_path_table = table(
    "public_path",
    Column("id", Id, primary_key=True),
    Column("app_id", Id, nullable=False),
    Column("name", Text, nullable=False),
    Column("version", Count, nullable=False),
    Column("definition", Json(PublicPath), nullable=False),
    UniqueConstraint("app_id", "name"),
)

# What was public last year can still be shown, with who opened it and why.
public_path_version_table = table(
    "public_path_version",
    Column("id", Id, primary_key=True),
    Column("version", Count, primary_key=True),
    Column("definition", Json(PublicPath), nullable=True),  # null: removed
    Column("at", Instant, nullable=False),
)


def put(transaction: Transaction, path: PublicPath) -> None:
    """Add a public path, or put a new version in the place of the one with its id."""
    transaction.connection.execute(delete(public_path_table).where(public_path_table.c.id == path.id))
    transaction.connection.execute(
        insert(public_path_table).values(
            id=path.id, app_id=path.app_id, name=path.name, version=path.version, definition=path
        )
    )
    _keep_version(transaction, path.id, path.version, path, path.modified_at)
    transaction.changed(Topic.APP_ACCESS, path.app_id)


def remove(transaction: Transaction, path: PublicPath, at: datetime) -> None:
    """Remove a public path, keeping its versions."""
    transaction.connection.execute(delete(public_path_table).where(public_path_table.c.id == path.id))
    newest = select(func.max(public_path_version_table.c.version)).where(public_path_version_table.c.id == path.id)
    version = transaction.connection.execute(newest).scalar_one() + 1
    _keep_version(transaction, path.id, version, None, at)
    transaction.changed(Topic.APP_ACCESS, path.app_id)


def remove_app(transaction: Transaction, app_id: AppId, at: datetime) -> None:
    """Remove every public path of a removed app, keeping their versions."""
    for path in of_app(transaction, app_id):
        remove(transaction, path, at)


def of_app(reader: Reader, app_id: AppId) -> tuple[PublicPath, ...]:
    """The public paths of an app, by name."""
    return tuple(path for path in every(reader) if path.app_id == app_id)


def every(reader: Reader) -> tuple[PublicPath, ...]:
    """Every public path that can be read, by app and name; without the others less is public."""
    query = select(public_path_table.c.definition).order_by(public_path_table.c.app_id, public_path_table.c.name)
    return readable(reader, public_path_table, query, lambda row: row.definition)


def versions(reader: Reader, path_id: PublicPathId) -> tuple[PublicPath | None, ...]:
    """Every version, oldest first; None: it was removed."""
    columns = public_path_version_table.c
    query = select(columns.definition).where(columns.id == path_id).order_by(columns.version)
    return tuple(reader.connection.execute(query).scalars())


def _keep_version(
    transaction: Transaction, path_id: PublicPathId, version: int, path: PublicPath | None, at: datetime
) -> None:
    transaction.connection.execute(
        insert(public_path_version_table).values(id=path_id, version=version, definition=path, at=at)
    )

"""The table of apps."""

from sqlalchemy import Column, Row, delete, insert, select

from assay.apps.app import App
from assay.apps.upstream import parse_upstream
from assay.store import Id, Instant, Json, Reader, Text, Topic, Transaction, readable, readable_one, table
from assay.values import AppId

app_table = table(
    "app",
    Column("id", Id, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("display_name", Text, nullable=False),
    Column("upstream", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("allowed_origins", Json(tuple[str, ...]), nullable=False, server_default="[]"),
    Column("proxy_id", Id, nullable=True),
)


def add(transaction: Transaction, app: App) -> None:
    """Add an app; the caller has made sure that the name is free."""
    transaction.connection.execute(
        insert(app_table).values(
            id=app.id,
            name=app.name,
            display_name=app.display_name,
            upstream="" if app.upstream is None else app.upstream.url,
            proxy_id=app.proxy_id,
            created_at=app.created_at,
            allowed_origins=app.allowed_origins,
        )
    )
    transaction.changed(Topic.APP, app.id)


def remove(transaction: Transaction, app_id: AppId) -> bool:
    """Remove an app; False when there was none."""
    result = transaction.connection.execute(delete(app_table).where(app_table.c.id == app_id))
    transaction.changed(Topic.APP, app_id)
    return result.rowcount == 1


def get(reader: Reader, app_id: AppId) -> App | None:
    return readable_one(reader, select(app_table).where(app_table.c.id == app_id), _app)


def by_name(reader: Reader, name: str) -> App | None:
    return readable_one(reader, select(app_table).where(app_table.c.name == name), _app)


def every(reader: Reader) -> tuple[App, ...]:
    """Every app that can be read, by name; the others are not served."""
    return readable(reader, app_table, select(app_table).order_by(app_table.c.name), _app)


def _app(row: Row[tuple[object, ...]]) -> App:
    return App(
        id=row.id,
        name=row.name,
        display_name=row.display_name,
        upstream=parse_upstream(row.upstream) if row.upstream else None,
        proxy_id=row.proxy_id,
        created_at=row.created_at,
        allowed_origins=row.allowed_origins,
    )

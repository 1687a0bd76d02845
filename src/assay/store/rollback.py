"""What the schema of an earlier release has no place for, and the way back to it."""

import warnings
from collections.abc import Callable
from typing import Final

from sqlalchemy import Column, Connection, DefaultClause, MetaData, Table, create_engine, func, select, text
from sqlalchemy.exc import SAWarning

from assay.store.database import Database
from assay.store.errors import translated
from assay.store.migrate import current, downgrade_to, revisions, upgrade_empty
from assay.values import AssayError, InvalidInputError, Value

# Made anew by the next start of the release that needs them, or of a moment that is over.
REMADE: Final = frozenset(
    {
        "alembic_version",
        "change",
        "node",
        "shared_authority",
        "derivation_root",
        "signing_key.signs_from",
        "sign_in",
        "decision.reason",
        "decision.times",
        "decision_count",
        "schema_floor",
    }
)


class Loss(Value, frozen=True, kw_only=True):
    """So many rows of a table, or of a column (`table.column`), have no place in the earlier schema."""

    what: str
    rows: int


class WouldLoseError(AssayError):
    """The way back loses something, and nobody said that it may."""


def losses(database: Database, revision: str) -> tuple[Loss, ...]:
    """What would be lost on the way back to this revision; raises InvalidInputError for one that is not before."""
    engine = database.migrating()
    try:
        with engine.connect() as connection:
            _refuse(current(connection), revision)
            return _losses(connection, revision)
    finally:
        engine.dispose()


def go_back(database: Database, revision: str, *, lose: bool, before: Callable[[Connection], None]) -> tuple[Loss, ...]:
    """Bring the schema back in one transaction, after `before` has written its last word; what was lost.

    Raises WouldLoseError unless `lose` says that it may be, InvalidInputError and StoreUnavailableError.
    """
    engine = database.migrating()
    try:
        with engine.begin() as connection:
            _refuse(current(connection), revision)
            lost = _losses(connection, revision)
            if lost and not lose:
                raise WouldLoseError(
                    "the earlier release has no place for: " + ", ".join(f"{each.what} ({each.rows})" for each in lost),
                    remedy="take a backup, then say --lose; nothing was changed",
                )
            before(connection)
            downgrade_to(connection, revision)
            return lost
    except Exception as error:
        failure = translated(error)
        if failure is error:
            raise
        raise failure from error
    finally:
        engine.dispose()


def _refuse(now: str | None, revision: str) -> None:
    known = revisions()
    if now is None or now not in known or revision not in known or revision >= now:
        raise InvalidInputError(
            f"there is no way back from schema {now} to {revision}", remedy="see: assay upgrade --check"
        )


def _losses(connection: Connection, revision: str) -> tuple[Loss, ...]:
    earlier, here = _schema_of(revision), _tables_of(connection)
    found: list[Loss] = []
    for table in here.sorted_tables:
        known = earlier.tables.get(table.name)
        if table.name in REMADE:
            continue
        if known is None:
            found.append(Loss(what=str(table.name), rows=_count(connection, table)))
            continue
        found.extend(
            Loss(what=f"{table.name}.{column.name}", rows=_count(connection, table, column))
            for column in table.columns
            if column.name not in known.columns and f"{table.name}.{column.name}" not in REMADE
        )
    return tuple(loss for loss in found if loss.rows)


def _schema_of(revision: str) -> MetaData:
    """The tables of a revision, as its own migrations make them in a database that is thrown away."""
    engine = create_engine("sqlite://")
    try:
        with engine.begin() as connection:
            upgrade_empty(connection, revision)
            return _tables_of(connection)
    finally:
        engine.dispose()


def _tables_of(connection: Connection) -> MetaData:
    found = MetaData()
    with warnings.catch_warnings():
        # Of an index on an expression SQLite tells nothing; what lies in tables is looked for, and not how it is found.
        warnings.filterwarnings("ignore", "Skipped unsupported reflection of expression-based index", SAWarning)
        found.reflect(bind=connection)
    return found


def _count(connection: Connection, table: Table, column: Column[object] | None = None) -> int:
    query = select(func.count()).select_from(table)
    if column is not None:
        query = query.where(column.is_not(None))
        if isinstance(column.server_default, DefaultClause):
            # A value that everybody has because the column came with it is nothing that anybody wrote.
            query = query.where(column != text(str(column.server_default.arg)))
    return int(connection.execute(query).scalar_one())

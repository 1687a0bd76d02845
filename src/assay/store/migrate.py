"""Bring a database to this release's schema, and say what would be done."""

from pathlib import Path
from typing import Literal

from sqlalchemy import Connection, inspect, text

from assay.store.database import WRITERS_KEY, Database
from assay.store.dialect import Dialect
from assay.store.errors import damage, translated
from assay.values import AssayError

# Half a second of reading.
CHECKED_BYTES = 256 * 1024 * 1024
MIGRATIONS = Path(__file__).parent / "migrations"


class SchemaFromTheFutureError(AssayError):
    """The database was written by a newer release than this one."""


def upgrade(database: Database) -> None:
    """Apply the revisions that this database lacks, in one transaction each database allows.

    Raises SchemaFromTheFutureError rather than touch a schema it does not know, and StoreUnavailableError.
    """
    known = revisions()
    engine = database.migrating()
    try:
        with engine.begin() as connection:
            if database.dialect is Dialect.POSTGRESQL:
                # Of two nodes that start at once one upgrades; the other waits, and finds it done.
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITERS_KEY})")
            if database.dialect is Dialect.SQLITE:
                _refuse_damaged(connection)
            current = _current(connection)
            if current is not None and current not in known:
                raise SchemaFromTheFutureError(
                    f"the database has schema {current}, which this release does not know",
                    remedy="start the release that wrote it, or restore a backup",
                )
            if current != known[-1]:
                _alembic("upgrade", connection, known[-1])
    except Exception as error:
        failure = translated(error)
        if failure is error:
            raise
        raise failure from error
    finally:
        engine.dispose()


def upgrade_empty(connection: Connection, revision: str) -> None:
    """Make the tables of this revision in an empty database, in the caller's transaction."""
    _alembic("upgrade", connection, revision)


def current_revision(database: Database) -> str | None:
    """The schema that a database has; None for one that is empty. Raises StoreUnavailableError."""
    engine = database.migrating()
    try:
        with engine.connect() as connection:
            return _current(connection)
    finally:
        engine.dispose()


def revisions() -> tuple[str, ...]:
    """The revisions of this release, oldest first: their files' numbers."""
    return tuple(sorted(path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*_*.py")))


def _refuse_damaged(connection: Connection) -> None:
    """Look through the file before anything is believed of it; raises StoreDamagedError.

    A large one is not looked through, because that would take longer than a start may: `assay backup` does it.
    """
    pages, size = (connection.execute(text(f"PRAGMA {name}")).scalar_one() for name in ("page_count", "page_size"))
    if pages * size > CHECKED_BYTES:
        return
    found = connection.execute(text("PRAGMA quick_check(1)")).scalar_one()
    if found != "ok":
        raise damage(str(found).splitlines()[-1])


def _current(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    return found


def _alembic(way: Literal["upgrade", "downgrade"], connection: Connection, revision: str) -> None:
    # A start with a current schema, which is nearly every one, does without these 7 MB.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    if way == "upgrade":
        command.upgrade(config, revision)
    else:
        command.downgrade(config, revision)

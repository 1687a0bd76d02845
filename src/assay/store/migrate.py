"""Bring a database to this release's schema, and say what would be done."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from sqlalchemy import Connection, inspect, text

from assay.store.database import WRITERS_KEY, Database
from assay.store.dialect import Dialect
from assay.store.dump import table_rows
from assay.store.empty import begin
from assay.store.errors import damage, translated
from assay.store.reader import Reader
from assay.store.records import schema_floor
from assay.store.releases import RunningNode, floor, may_work, refuse_running, running_nodes
from assay.store.safety_copy import copy_before, space_needed
from assay.store.transaction import Transaction
from assay.values import AssayError, Value

# Half a second of reading.
CHECKED_BYTES = 256 * 1024 * 1024
MIGRATIONS = Path(__file__).parent / "migrations"


class Plan(Value, frozen=True, kw_only=True):
    """What an upgrade would do: `steps` by name, `rows` there are, octets of `space` it needs (0: none is copied)."""

    now: str | None
    target: str
    steps: tuple[str, ...]
    rows: int
    space: int


class SchemaFromTheFutureError(AssayError):
    """The database was written by a newer release than this one."""


def upgrade(database: Database) -> None:
    """Apply the revisions that this database lacks, in one transaction each database allows.

    A SQLite database that holds something is copied first. Raises SchemaFromTheFutureError rather than touch a schema
    it does not know, NoSpaceError and StoreUnavailableError.
    """
    known = revisions()
    engine = database.migrating()
    try:
        _copy_first(database, known)
        with engine.begin() as connection:
            if database.dialect is Dialect.POSTGRESQL:
                # Of two nodes that start at once one upgrades; the other waits, and finds it done.
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITERS_KEY})")
            if database.dialect is Dialect.SQLITE:
                _refuse_damaged(connection)
            now = current(connection)
            if now is None and database.dialect is Dialect.SQLITE:
                begin(connection)
                now = current(connection)
            if now is not None and now not in known:
                _refuse_future(connection, now, known[-1])
            elif now != known[-1]:
                shared = database.dialect is Dialect.POSTGRESQL
                _upgrade(connection, now, known, beside=running_nodes(connection) if shared else ())
    except Exception as error:
        failure = translated(error)
        if failure is error:
            raise
        raise failure from error
    finally:
        engine.dispose()


def _upgrade(connection: Connection, now: str | None, known: tuple[str, ...], *, beside: Sequence[RunningNode]) -> None:
    """Apply what is lacking, unless nodes of a release run that could not go on afterwards."""
    steps = tuple(step for step in known if now is None or step > now)
    oldest = floor(steps, _works_from(steps), _oldest(connection)) or known[-1]
    refuse_running(beside, oldest)
    _alembic("upgrade", connection, known[-1])
    schema_floor.set_oldest(Transaction(connection), oldest)


def _oldest(connection: Connection) -> str | None:
    return schema_floor.oldest(Reader(connection)) if inspect(connection).has_table("schema_floor") else None


def _works_from(steps: tuple[str, ...]) -> dict[str, str]:
    """What the steps' own files say of the releases that go on working beside them."""
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory(str(MIGRATIONS))
    modules = {step: scripts.get_revision(step).module for step in steps}
    return {step: str(module.works_from) for step, module in modules.items() if hasattr(module, "works_from")}


def _refuse_future(connection: Connection, now: str, ours: str) -> None:
    """Raises SchemaFromTheFutureError unless whoever wrote the newer schema said that this release may go on."""
    if not may_work(ours, schema=now, oldest=_oldest(connection)):
        raise _from_the_future(now)


def _copy_first(database: Database, known: tuple[str, ...]) -> None:
    if database.file is None or not database.file.exists():
        return
    before = current_revision(database)
    if before in known[:-1]:
        copy_before(database.file, str(before))


def plan(database: Database) -> Plan:
    """What `upgrade` would do, without doing it; raises SchemaFromTheFutureError and StoreUnavailableError."""
    known, now = revisions(), current_revision(database)
    if now is not None and now not in known:
        raise _from_the_future(now)
    files = sorted(path.stem for path in (MIGRATIONS / "versions").glob("[0-9]*_*.py"))
    steps = tuple(name for name in files if now is None or name.partition("_")[0] > now)
    engine = database.migrating()
    try:
        with engine.connect() as connection:
            rows = 0 if now is None else sum(table_rows(connection).values())
    finally:
        engine.dispose()
    file = database.file
    copied = file is not None and file.exists() and now is not None and bool(steps)
    return Plan(now=now, target=known[-1], steps=steps, rows=rows, space=space_needed(file) if copied and file else 0)


def upgrade_empty(connection: Connection, revision: str) -> None:
    """Make the tables of this revision in an empty database, in the caller's transaction."""
    _alembic("upgrade", connection, revision)


def upgrade_loaded(connection: Connection) -> None:
    """Bring tables of an older release to this one's schema, in the caller's transaction."""
    known, now = revisions(), current(connection)
    if now != known[-1]:
        # The nodes in it are those of when it was written.
        _upgrade(connection, now, known, beside=())


def current_revision(database: Database) -> str | None:
    """The schema that a database has; None for one that is empty. Raises StoreUnavailableError."""
    engine = database.migrating()
    try:
        with engine.connect() as connection:
            return current(connection)
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


def current(connection: Connection) -> str | None:
    """The schema's revision; None for an empty database."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    return found


def downgrade_to(connection: Connection, revision: str) -> None:
    """Take the schema back to this revision, in the caller's transaction; what has no place there is gone."""
    _alembic("downgrade", connection, revision)


def _from_the_future(revision: str) -> SchemaFromTheFutureError:
    return SchemaFromTheFutureError(
        f"the database has schema {revision}, which this release does not know",
        remedy="start the release that wrote it, or restore a backup",
    )


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

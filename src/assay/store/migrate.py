"""Bring a database to this release's schema, and say what would be done."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from assay.store.database import Database
from assay.values import AssayError


class SchemaFromTheFutureError(AssayError):
    """The database was written by a newer release than this one."""


def upgrade(database: Database) -> None:
    """Apply the revisions that this database lacks, in one transaction each database allows.

    Raises SchemaFromTheFutureError rather than touch a schema it does not know.
    """
    config = _config()
    scripts = ScriptDirectory.from_config(config)
    known = {script.revision for script in scripts.walk_revisions()}
    with database.writing.begin() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
        if current is not None and current not in known:
            raise SchemaFromTheFutureError(
                f"the database has schema {current}, which this release does not know",
                remedy="start the release that wrote it, or restore a backup",
            )
        if current == scripts.get_current_head():
            return
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config

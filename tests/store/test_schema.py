"""The literal migrations and the tables that records declare say the same."""

import importlib
import pkgutil

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

import assay
from assay.store import Database, metadata
from assay.store.migrate import MIGRATIONS, SchemaFromTheFutureError, revisions, upgrade

# SQLite says nothing of an index on an expression, PostgreSQL says it in its own words; that it is used,
# `tests/api/graph/test_list_plans.py` shows.
ON_AN_EXPRESSION = "ix_session_open_expires_at"


@pytest.mark.filterwarnings("ignore:.*expression-based index")
def test_migrations_make_exactly_the_declared_tables(database_url: str) -> None:
    for module in pkgutil.walk_packages(assay.__path__, "assay."):
        if ".records." in module.name:
            importlib.import_module(module.name)
    assert len(metadata.tables) > 15, "every room's records were found"
    database = Database(database_url)
    upgrade(database)
    with database.writing.connect() as connection:
        opts = {"compare_type": True, "include_object": lambda _, name, *rest: name != ON_AN_EXPRESSION}
        context = MigrationContext.configure(connection, opts=opts)
        assert compare_metadata(context, metadata) == []
    database.close()


def test_upgrading_twice_changes_nothing(database_url: str) -> None:
    database = Database(database_url)
    upgrade(database)
    upgrade(database)
    database.close()


def test_the_newest_file_is_the_newest_revision() -> None:
    scripts = ScriptDirectory(str(MIGRATIONS))
    assert revisions() == tuple(sorted(script.revision for script in scripts.walk_revisions()))
    assert revisions()[-1] == scripts.get_current_head()


def test_a_schema_from_the_future_is_not_touched(database_url: str) -> None:
    database = Database(database_url)
    upgrade(database)
    with database.writing.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        connection.execute(text("UPDATE schema_floor SET oldest = '9998'"))
    with pytest.raises(SchemaFromTheFutureError):
        upgrade(database)
    database.close()

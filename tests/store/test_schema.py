"""The literal migrations and the tables that records declare say the same."""

import importlib
import pkgutil

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

import assay
from assay.store import Database, metadata
from assay.store.migrate import upgrade


def test_migrations_make_exactly_the_declared_tables(database_url: str) -> None:
    for module in pkgutil.walk_packages(assay.__path__, "assay."):
        if ".records." in module.name:
            importlib.import_module(module.name)
    assert len(metadata.tables) > 15, "every room's records were found"
    database = Database(database_url)
    upgrade(database)
    with database.writing.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    database.close()


def test_upgrading_twice_changes_nothing(database_url: str) -> None:
    database = Database(database_url)
    upgrade(database)
    upgrade(database)
    database.close()

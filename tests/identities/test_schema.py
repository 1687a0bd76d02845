"""The literal revision makes exactly the tables that the records declare."""

from sqlalchemy import UniqueConstraint, inspect

import assay.identities.records.challenges
import assay.identities.records.enrolments
import assay.identities.records.groups
import assay.identities.records.passkeys
import assay.identities.records.passwords
import assay.identities.records.recovery_codes
import assay.identities.records.totp
import assay.identities.records.users
from assay.store import Store, metadata

MINE = (
    assay.identities.records.challenges.challenges,
    assay.identities.records.enrolments.passes,
    assay.identities.records.groups.groups,
    assay.identities.records.groups.members,
    assay.identities.records.groups.nestings,
    assay.identities.records.passkeys.passkeys,
    assay.identities.records.passwords.passwords,
    assay.identities.records.recovery_codes.recovery_codes,
    assay.identities.records.totp.totps,
    assay.identities.records.users.deleted_users,
    assay.identities.records.users.users,
)


async def test_declared_and_migrated_tables_are_the_same(store: Store) -> None:
    with store.database.reading.connect() as connection:
        inspector = inspect(connection)
        for table in MINE:
            assert metadata.tables[table.name] is table
            columns = {column["name"]: column["nullable"] for column in inspector.get_columns(table.name)}
            assert columns == {column.name: column.nullable for column in table.columns}
            key = inspector.get_pk_constraint(table.name)["constrained_columns"]
            assert key == [column.name for column in table.primary_key]
            unique = {tuple(one["column_names"]) for one in inspector.get_unique_constraints(table.name)}
            declared = (item for item in table.constraints if isinstance(item, UniqueConstraint))
            assert unique == {tuple(column.name for column in one.columns) for one in declared}
            indexes = {tuple(one["column_names"]) for one in inspector.get_indexes(table.name) if not one.get("unique")}
            assert indexes == {tuple(column.name for column in one.columns) for one in table.indexes}
            foreign = {
                (one["constrained_columns"][0], one["referred_table"], one["options"].get("ondelete"))
                for one in inspector.get_foreign_keys(table.name)
            }
            assert foreign == {
                (one.parent.name, one.target_fullname.partition(".")[0], one.ondelete) for one in table.foreign_keys
            }

"""The table of one row: the oldest release, by its schema, whose code may work on this database as it is now."""

from sqlalchemy import Column, delete, insert, select

from assay.store.columns import Text
from assay.store.reader import Reader
from assay.store.schema import table
from assay.store.transaction import Transaction

schema_floor_table = table("schema_floor", Column("oldest", Text, primary_key=True))


def oldest(reader: Reader) -> str | None:
    """The schema of the oldest release that may; None where nothing is said: only the one that made the schema."""
    found: str | None = reader.connection.execute(select(schema_floor_table.c.oldest)).scalar_one_or_none()
    return found


def set_oldest(transaction: Transaction, schema: str) -> None:
    """From now on only releases of this schema and later ones may."""
    transaction.connection.execute(delete(schema_floor_table))
    transaction.connection.execute(insert(schema_floor_table).values(oldest=schema))

"""The table of projections: up to which event the rows of a list are there, whichever release wrote the event."""

from sqlalchemy import Column, select

from assay.store import Count, Reader, Text, Transaction, table, upsert

projection_table = table(
    "projection",
    Column("name", Text, primary_key=True),
    Column("leaf_index", Count, nullable=False),
)


def made_until(reader: Reader, name: str) -> int:
    """The number of the event; -1 before the first."""
    query = select(projection_table.c.leaf_index).where(projection_table.c.name == name)
    found = reader.connection.execute(query).scalar_one_or_none()
    return -1 if found is None else int(found)


def keep_made_until(transaction: Transaction, name: str, leaf_index: int) -> None:
    """From now on nobody looks at what is before."""
    made = upsert(projection_table, transaction.connection.dialect.name).values(name=name, leaf_index=leaf_index)
    transaction.connection.execute(
        made.on_conflict_do_update(index_elements=["name"], set_={"leaf_index": made.excluded.leaf_index})
    )

"""The table of named locations."""

from sqlalchemy import Column, delete, insert, select, update

from assay.policy.definition import NamedLocation
from assay.policy.importers.anew import location_anew
from assay.store import Id, Json, Reader, Text, Topic, Transaction, readable, table
from assay.values import LocationId

location_table = table(
    "named_location",
    Column("id", Id, primary_key=True),
    Column("display_name", Text, nullable=False),
    Column("definition", Json(NamedLocation), nullable=False),
)


def put(transaction: Transaction, location: NamedLocation) -> None:
    """Add a named location, or replace the one with this id."""
    values = {"display_name": location.display_name, "definition": location}
    replaced = transaction.connection.execute(
        update(location_table).where(location_table.c.id == location.id).values(values)
    )
    if replaced.rowcount == 0:
        transaction.connection.execute(insert(location_table).values(id=location.id, **values))
    transaction.changed(Topic.LOCATION, location.id)


def note_damage(reader: Reader) -> None:
    """Find which locations cannot be read, for whoever has to mend them; they are in `reader.damaged`."""
    readable(reader, location_table, select(location_table.c.definition), lambda row: row.definition)


def remove(transaction: Transaction, location_id: LocationId) -> bool:
    """Remove a named location; False when there was none."""
    result = transaction.connection.execute(delete(location_table).where(location_table.c.id == location_id))
    transaction.changed(Topic.LOCATION, location_id)
    return result.rowcount == 1


def every(reader: Reader) -> tuple[NamedLocation, ...]:
    """Every named location, by name."""
    query = select(location_table.c.definition).order_by(location_table.c.display_name, location_table.c.id)
    return tuple(map(location_anew, reader.connection.execute(query).scalars()))

"""The hand-overs of checkpoint keys, as they stand in the log."""

from collections.abc import Iterator

import msgspec
from sqlalchemy import select

from assay.events.envelope import decoder
from assay.events.records.log import event_table
from assay.events.types import KEY_ROTATED
from assay.store import Reader
from assay.values import Stored


class HandedOver(Stored, frozen=True, kw_only=True):
    """The part of the event `key.rotated` that says who comes after; `note` "" for keys that sign no checkpoints."""

    note: str = ""


def hand_over_notes(reader: Reader) -> Iterator[str]:
    """Every note, oldest first; a record that cannot be read holds none."""
    rows = reader.connection.execute(
        select(event_table.c.payload)
        .where(event_table.c.code == KEY_ROTATED.code, event_table.c.payload.is_not(None))
        .order_by(event_table.c.leaf_index)
    )
    for payload in rows.scalars():
        try:
            after = decoder.decode(payload).unmapped.after
            yield msgspec.json.decode(after, type=HandedOver).note
        except msgspec.MsgspecError:
            continue

"""The decision log in the order of time, page by page: what is held is one page, however long the log is."""

from datetime import datetime
from typing import Final

import msgspec
from sqlalchemy import and_, or_, select

from assay.events.decision import DecisionRecord
from assay.events.records.decisions import decision_table
from assay.store import Reader
from assay.values import Value

_decoder: Final = msgspec.json.Decoder(DecisionRecord)


class DecisionPage(Value, frozen=True, kw_only=True):
    """Decisions, how many rows could not be read, and after which row the next page begins; None: this is the last."""

    records: tuple[DecisionRecord, ...]
    unreadable: int
    last: tuple[datetime, str] | None


def decisions_since(
    reader: Reader, since: datetime | None, after: tuple[datetime, str] | None, limit: int
) -> DecisionPage:
    """The next `limit` decisions from an instant on (None: the first that is kept)."""
    columns = decision_table.c
    query = select(columns.at, columns.id, columns.record).order_by(columns.at, columns.id).limit(limit)
    if after is not None:
        at, last = after
        query = query.where(or_(columns.at > at, and_(columns.at == at, columns.id > last)))
    elif since is not None:
        query = query.where(columns.at >= since)
    rows = reader.connection.execute(query).all()
    records, unreadable = list[DecisionRecord](), 0
    for _, _, record in rows:
        try:
            records.append(_decoder.decode(record))
        except msgspec.MsgspecError:
            unreadable += 1
    return DecisionPage(
        records=tuple(records),
        unreadable=unreadable,
        last=(rows[-1][0], str(rows[-1][1])) if len(rows) == limit else None,
    )

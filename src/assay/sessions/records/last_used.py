"""When a person last proved something, read from the sessions that are kept."""

from datetime import datetime

from sqlalchemy import select

from assay.policy import Method
from assay.sessions.records.sessions import session_table
from assay.store import Reader
from assay.values import UserId

# A person has a handful a day; whoever has more is told of the newest.
LOOKED_AT = 200


def last_proof(reader: Reader, user_id: UserId, method: Method) -> datetime | None:
    """When the person last proved this method at a sign-in; None where no kept session says so."""
    query = (
        select(session_table.c.proofs)
        .where(session_table.c.user_id == user_id)
        .order_by(session_table.c.started_at.desc())
        .limit(LOOKED_AT)
    )
    found = (proof.at for (proofs,) in reader.connection.execute(query) for proof in proofs if proof.method is method)
    return max(found, default=None)

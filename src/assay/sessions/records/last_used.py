"""When a person last proved something, and which apps their sessions opened: read from the sessions that are kept."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select

from assay.policy import Method
from assay.sessions.records.sessions import app_session_table, session_table
from assay.store import Reader
from assay.values import AppId, SessionId, UserId

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


def opened_apps(reader: Reader, session_ids: Collection[SessionId]) -> dict[SessionId, frozenset[AppId]]:
    """The apps that each of these sessions opened."""
    opened: dict[SessionId, set[AppId]] = {session_id: set() for session_id in session_ids}
    query = select(app_session_table.c.session_id, app_session_table.c.app_id).where(
        app_session_table.c.session_id.in_(tuple(opened))
    )
    for session_id, app_id in reader.connection.execute(query):
        opened[SessionId(session_id)].add(AppId(app_id))
    return {session_id: frozenset(apps) for session_id, apps in opened.items()}

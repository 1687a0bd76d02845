"""/v1/sessions."""

from typing import Final

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery, JSONBody

from assay.access.attempt import By
from assay.access.revoke_sessions import OpenSession, Sessions
from assay.api.errors import done
from assay.api.shapes.sessions import RevocationShape, Revoke, SessionList, SessionShape
from assay.sessions.assurance import amr, phishing_resistant


@get("/sessions")
async def list_sessions(sessions: NamedDependency[Sessions], user: FromQuery[str | None] = None) -> SessionList:
    """Sessions that are alive."""
    return SessionList(value=tuple(map(_session, await sessions.open(user=user))))


@post("/sessions/revoke", status_code=200)
async def revoke_sessions(
    data: JSONBody[Revoke], sessions: NamedDependency[Sessions], by: NamedDependency[By]
) -> RevocationShape:
    """End sessions; answers when what they had open is cut."""
    revoked = done(await sessions.revoke(by, session=data.session, user=data.user, everybody=data.all))
    return RevocationShape(
        sessions=len(revoked.sessions),
        connections_cut=revoked.cut.connections,
        connections_open=revoked.cut.still_open,
        milliseconds=revoked.cut.milliseconds,
    )


ROUTES: Final = (list_sessions, revoke_sessions)


def _session(found: OpenSession) -> SessionShape:
    session = found.session
    return SessionShape(
        id=session.id,
        user_id=session.user_id,
        user=found.user_name,
        started_date_time=session.started_at,
        last_seen_date_time=session.last_seen_at,
        ends_date_time=session.expires_at(),
        address=session.address,
        user_agent=session.user_agent,
        methods=tuple(proof.method.value for proof in session.proofs),
        acr=found.acr,
        amr=amr(session.proofs),
        phishing_resistant=phishing_resistant(session.proofs),
        kind=session.kind.value,
    )

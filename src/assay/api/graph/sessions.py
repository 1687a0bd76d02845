"""/v1.0/assay/sessions: who is signed in where, and ending it at once."""

from datetime import datetime
from typing import Final

from litestar import post
from litestar.di import NamedDependency
from litestar.params import FromPath

from assay.access.attempt import By
from assay.access.authorize import Permission
from assay.access.open_sessions import OpenSessions, ShownSession
from assay.access.revoke_sessions import Sessions
from assay.api.errors import done
from assay.api.graph.resource import Resource
from assay.api.odata.properties import EVERY_OPERATOR, Collection, Kind, Property, members_of
from assay.sessions.assurance import amr, phishing_resistant
from assay.sessions.session import SessionKind
from assay.values import NotFoundError, Wire
from assay.values.asking import Ask, Compare, Operator, Order


class OpenedApp(Wire, frozen=True, kw_only=True):
    """An app that the session was carried to."""

    id: str
    display_name: str


class SessionRow(Wire, frozen=True, kw_only=True):
    """A session that is alive; `acr` and `amr` are what an app is told now, `connections` what is open now.

    `kind`: what holds it, `browser` or `commandLine` (`assay login`).
    """

    id: str
    kind: str
    user_id: str
    user_principal_name: str | None
    user_display_name: str | None
    started_date_time: datetime
    last_seen_date_time: datetime
    ends_date_time: datetime
    ip_address: str
    user_agent: str
    methods: tuple[str, ...]
    acr: str
    amr: tuple[str, ...]
    phishing_resistant: bool
    apps: tuple[OpenedApp, ...]
    connections: int


class RevokedSession(Wire, frozen=True, kw_only=True):
    """What ending a session cut, and how long that took after the commit."""

    connections_cut: int
    connections_open: int
    milliseconds: float


def _row(shown: ShownSession) -> SessionRow:
    session = shown.session
    return SessionRow(
        id=session.id,
        kind=session.kind.value,
        user_id=session.user_id,
        user_principal_name=shown.user.user_name if shown.user is not None else None,
        user_display_name=shown.user.display_name if shown.user is not None else None,
        started_date_time=session.started_at,
        last_seen_date_time=session.last_seen_at,
        ends_date_time=session.expires_at(),
        ip_address=session.address,
        user_agent=session.user_agent,
        methods=tuple(proof.method.value for proof in session.proofs),
        acr=shown.acr,
        amr=amr(session.proofs),
        phishing_resistant=phishing_resistant(session.proofs),
        apps=tuple(OpenedApp(id=app_id, display_name=name) for app_id, name in shown.apps),
        connections=shown.connections,
    )


_ORDERED: Final = ("startedDateTime", "lastSeenDateTime", "endsDateTime")
SESSIONS: Final = Resource(
    path="/assay/sessions",
    permission=Permission.SESSION_READ_ALL,
    asked=Collection(
        name="assay/sessions",
        properties=(
            Property(path="id", field="id"),
            Property(path="userId", field="user_id"),
            Property(path="kind", field="kind", spelled={each: each for each in SessionKind}),
            Property(path="ipAddress", field="address", text_search=True),
            *(
                Property(path=path, field=field, kind=Kind.INSTANT, operators=EVERY_OPERATOR, ordered=True)
                for path, field in zip(_ORDERED, ("started_at", "last_seen_at", "expires_at"), strict=True)
            ),
        ),
        selectable=members_of(SessionRow),
        order=Order(field="started_at", descending=True),
        key=(("id", Kind.TEXT),),
    ),
    shape=SessionRow,
    words="Sessions that are alive, newest first.",
    find=lambda graph, ask: graph.reading.open_sessions.page(ask),
    show=_row,
)


@post("/assay/sessions/{session_id:str}/revoke", status_code=200, opt={"permission": Permission.SESSION_REVOKE_ALL})
async def revoke_session(
    session_id: FromPath[str],
    open_sessions: NamedDependency[OpenSessions],
    sessions: NamedDependency[Sessions],
    by: NamedDependency[By],
) -> RevokedSession:
    """End one session; answers when what it had open is cut."""
    wanted = Compare(field="id", operator=Operator.EQ, value=session_id.lower())
    found = await open_sessions.page(Ask(order=SESSIONS.asked.order, where=wanted, limit=1))
    if not found.rows:
        raise NotFoundError(f"there is no session {session_id!r}", remedy="list them: /v1.0/assay/sessions")
    revoked = done(await sessions.revoke(by, session=session_id))
    return RevokedSession(
        connections_cut=revoked.cut.connections,
        connections_open=revoked.cut.still_open,
        milliseconds=revoked.cut.milliseconds,
    )


ROUTES: Final = (revoke_session,)

"""/v1.0/assay/sessions: who is signed in where, and ending it at once."""

from datetime import datetime
from typing import Final

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from assay.access.attempt import By
from assay.access.authorize import Caller, Permission
from assay.access.directory import Directory
from assay.access.open_sessions import OpenSessions, ShownSession
from assay.access.revoke_sessions import Sessions
from assay.api.graph.asking import (
    Asking,
    Count,
    Filter,
    OrderBy,
    Rows,
    Select,
    SkipToken,
    Top,
    answers,
    options_of,
    page_answer,
)
from assay.api.graph.users import refuse_change_of
from assay.api.odata.properties import EVERY_OPERATOR, Collection, Kind, Property, members_of
from assay.sessions.assurance import amr, phishing_resistant
from assay.values import NotFoundError, Wire
from assay.values.asking import Ask, Compare, Operator, Order


class OpenedApp(Wire, frozen=True, kw_only=True):
    """An app that the session was carried to."""

    id: str
    display_name: str


class SessionRow(Wire, frozen=True, kw_only=True):
    """A session that is alive; `acr` and `amr` are what an app is told now, `connections` what is open now."""

    id: str
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


_ORDERED: Final = ("startedDateTime", "lastSeenDateTime", "endsDateTime")
SESSIONS: Final = Collection(
    name="assay/sessions",
    properties=(
        Property(path="id", field="id"),
        Property(path="userId", field="user_id"),
        Property(path="ipAddress", field="address", text_search=True),
        *(
            Property(path=path, field=field, kind=Kind.INSTANT, operators=EVERY_OPERATOR, ordered=True)
            for path, field in zip(_ORDERED, ("started_at", "last_seen_at", "ends_at"), strict=True)
        ),
    ),
    selectable=members_of(SessionRow),
    order=Order(field="started_at", descending=True),
    key=(("id", Kind.TEXT),),
)


@get("/assay/sessions", opt={"permission": Permission.SESSION_READ_ALL}, responses=answers(Rows[SessionRow]))
async def list_sessions(
    request: Asking,
    open_sessions: NamedDependency[OpenSessions],
    filter_: Filter = None,
    orderby: OrderBy = None,
    select: Select = None,
    top: Top = None,
    skiptoken: SkipToken = None,
    count: Count = None,
) -> Response[bytes]:
    """Sessions that are alive, newest first."""
    options = options_of(request, SESSIONS)
    found = await open_sessions.page(options.ask)
    return page_answer(request, options, SESSIONS, found, map(_row, found.rows))


@post("/assay/sessions/{session_id:str}/revoke", status_code=200, opt={"permission": Permission.SESSION_REVOKE_ALL})
async def revoke_session(
    session_id: FromPath[str],
    open_sessions: NamedDependency[OpenSessions],
    directory: NamedDependency[Directory],
    sessions: NamedDependency[Sessions],
    caller: NamedDependency[Caller],
    by: NamedDependency[By],
) -> RevokedSession:
    """End one session; answers when what it had open is cut."""
    wanted = Compare(field="id", operator=Operator.EQ, value=session_id.lower())
    found = await open_sessions.page(Ask(order=SESSIONS.order, where=wanted, limit=1))
    if not found.rows:
        raise NotFoundError(f"there is no session {session_id!r}", remedy="list them: /v1.0/assay/sessions")
    refuse_change_of(caller, await directory.person(found.rows[0].session.user_id))
    revoked = await sessions.revoke(by, session=session_id)
    return RevokedSession(
        connections_cut=revoked.cut.connections,
        connections_open=revoked.cut.still_open,
        milliseconds=revoked.cut.milliseconds,
    )


ROUTES: Final = (list_sessions, revoke_session)


def _row(shown: ShownSession) -> SessionRow:
    session = shown.session
    return SessionRow(
        id=session.id,
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

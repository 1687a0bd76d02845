"""A person's own sessions: seen, reported as somebody else's, ended everywhere else."""

from datetime import datetime

from assay.access.admission import actor_of, source_of
from assay.access.attempt import By, NotDone, UndoneError, attempt
from assay.access.end_sessions import end_sessions
from assay.access.notices import tell
from assay.access.own_pages import OwnVisit, Visit
from assay.access.own_steps import OwnSession, SessionsPage
from assay.access.premises import Premises
from assay.access.revoke_sessions import Settled, nothing_open
from assay.access.signals import Signals
from assay.access.steps import Outcome
from assay.access.visitor import Visitor
from assay.events import About, occurrence
from assay.events.types import SESSION_REPORTED
from assay.messages.notice import Notice
from assay.sessions.assurance import acr
from assay.sessions.records import sessions
from assay.sessions.records.unended import unended
from assay.sessions.session import EndReason, Session
from assay.store import Transaction
from assay.values import AppId, Reason, SessionId

SESSIONS = "/sessions"
NOT_ME = Reason.of("notByPerson")
ELSEWHERE = Reason.of("signedOutElsewhere")


class OwnSessions:
    """The flow behind `/sessions`.

    Ending a session asks for no fresher proof than seeing it: to stop a stranger must never be harder than to be one.
    """

    def __init__(self, premises: Premises, *, signals: Signals, visit: Visit, settled: Settled = nothing_open) -> None:
        """`settled` returns when nothing of ended sessions is open any more."""
        self._premises = premises
        self._signals = signals
        self._visit = visit
        self._settled = settled

    async def page(self, visitor: Visitor) -> Outcome:
        """Every living session of the person."""
        visit = await self._visit(visitor, SESSIONS)
        return visit if isinstance(visit, Outcome) else await self._page(visit)

    async def report(self, visitor: Visitor, session_id: str) -> Outcome:
        """End a session that is not the person's doing, at once, with what it has open; and say so to everybody."""
        visit = await self._visit(visitor, SESSIONS)
        if isinstance(visit, Outcome):
            return visit
        done = await attempt(
            self._premises.store,
            lambda transaction: self._end_reported(transaction, visit, visitor, session_id),
            urgent=True,
        )
        if isinstance(done, NotDone):
            return await self._page(visit, error=done.reason)
        await self._settled((done.id,))
        return await self._page(visit, reported=True)

    async def end_others(self, visitor: Visitor) -> Outcome:
        """End every session but this one."""
        visit = await self._visit(visitor, SESSIONS)
        if isinstance(visit, Outcome):
            return visit
        user, own = visit.subject.user, visit.session
        by = By(actor=actor_of(user, own.id), reason=ELSEWHERE)

        def end(transaction: Transaction) -> tuple[SessionId, ...]:
            _still(transaction, own, self._premises.now())
            found = unended(transaction, self._premises.now(), user_id=user.id)
            others = tuple(each for each in found if each[0] != own.id)
            return end_sessions(self._premises, transaction, others, EndReason.SIGNED_OUT, by)

        ended = await attempt(self._premises.store, end, urgent=True)
        if isinstance(ended, NotDone):
            return await self._page(visit, error=ended.reason)
        await self._settled(ended)
        return await self._page(visit, done=Reason.of("sessionsEnded", count=str(len(ended))))

    def _end_reported(self, transaction: Transaction, visit: OwnVisit, visitor: Visitor, session_id: str) -> Session:
        at, user = self._premises.now(), visit.subject.user
        _still(transaction, visit.session, at)
        found = sessions.get(transaction, SessionId(session_id))
        if found is None or found.user_id != user.id or found.ended_at is not None:
            # Somebody else's session is to this person as one that never was.
            raise UndoneError(Reason.of("sessionOver"))
        if found.id == visit.session.id:
            raise UndoneError(Reason.of("sessionThisOne"))
        by = By(actor=actor_of(user, visit.session.id), reason=NOT_ME)
        end_sessions(self._premises, transaction, ((found.id, user.id),), EndReason.REVOKED, by)
        self._premises.record(
            transaction,
            occurrence(
                SESSION_REPORTED,
                at=at,
                actor=by.actor,
                about=About(user_id=user.id, user_name=user.user_name, session_id=found.id),
                source=source_of(visitor),
                reason=Reason.of(NOT_ME.code, address=found.address, userAgent=found.user_agent),
            ),
        )
        tell(
            self._premises,
            transaction,
            user,
            Notice.SESSION_REPORTED,
            at=at,
            address=found.address,
            browser=found.user_agent,
        )
        return found

    async def _page(
        self,
        visit: OwnVisit,
        *,
        reported: bool = False,
        done: Reason | None = None,
        error: Reason | None = None,
    ) -> Outcome:
        at = self._premises.now()
        found, opened = await self._premises.store.read(
            lambda reader: (
                mine := sessions.open_sessions(reader, at, user_id=visit.session.user_id),
                sessions.apps_of(reader, tuple(each.id for each in mine)),
            )
        )
        shown = tuple(self._shown(each, opened.get(each.id, ()), visit.session, at) for each in found)
        page = SessionsPage(
            user_name=visit.user_name,
            help_desk=visit.help_desk,
            # This one first, then the newest.
            sessions=tuple(sorted(shown, key=lambda each: not each.here)),
            reported=reported,
            done=done,
            error=error,
        )
        return Outcome(step=page)

    def _shown(self, session: Session, opened: tuple[AppId, ...], own: Session, at: datetime) -> OwnSession:
        apps = (self._signals.apps[app_id].display_name for app_id in opened if app_id in self._signals.apps)
        return OwnSession(
            id=session.id,
            here=session.id == own.id,
            kind=session.kind,
            user_agent=session.user_agent,
            address=session.address,
            apps=tuple(sorted(apps, key=str.casefold)),
            started_at=session.started_at,
            last_seen_at=session.last_seen_at,
            level=acr(session.proofs, at),
        )


def _still(transaction: Transaction, own: Session, at: datetime) -> None:
    """The session that asks may have been cut while it asked: then it ends nobody's."""
    current = sessions.get(transaction, own.id)
    if current is None or not current.alive(at):
        raise UndoneError(Reason.of("sessionEnded"))

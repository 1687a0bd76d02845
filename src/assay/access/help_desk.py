"""The help-desk's page: resets asked for, approved and handed out by people who hold a help-desk role."""

from collections.abc import Awaitable, Callable
from typing import Final

from assay.access.admission import actor_of
from assay.access.attempt import By, NotDone
from assay.access.fresh_visit import FreshVisits
from assay.access.premises import Premises
from assay.access.resets import Resets, ResetView
from assay.access.signals import Signals
from assay.access.steps import (
    AskFirstFactor,
    HelpDeskPage,
    NotFound,
    Outcome,
    ResetRow,
    ShowResetLink,
)
from assay.access.visitor import Visitor
from assay.governance.help_desk import is_help_desk
from assay.policy.targets import OWN_PAGES
from assay.sessions.session import Session
from assay.values import Reason

FRESH_PROOF: Final = Reason.of("resetFreshProof")

FindSession = Callable[[Visitor], Awaitable[Session | None]]


class HelpDesk:
    """The flow behind `/help-desk`; who holds no role for it meets a page that does not exist."""

    def __init__(self, premises: Premises, *, signals: Signals, resets: Resets, session: FindSession) -> None:
        self._premises = premises
        self._signals = signals
        self._resets = resets
        self._session = session
        self._visits = FreshVisits(premises, signals, app_id=OWN_PAGES, app_name="", why=FRESH_PROOF)

    async def page(self, visitor: Visitor) -> Outcome:
        """The open resets, and the form to ask for one."""
        by = await self._admitted(visitor)
        return by if isinstance(by, Outcome) else await self._page(by)

    async def request(self, visitor: Visitor, user_name: str, why: str) -> Outcome:
        """Ask for the reset of the person with exactly this user name."""
        by = await self._admitted(visitor)
        if isinstance(by, Outcome):
            return by
        done = await self._resets.request(by, user_name, why)
        if isinstance(done, NotDone):
            return await self._page(by, given=user_name, why=why, error=done.reason)
        return await self._page(by, done=Reason.of("resetAsked", name=done.user.user_name))

    async def approve(self, visitor: Visitor, reset_id: str) -> Outcome:
        """Approve what somebody else asked for."""
        by = await self._admitted(visitor)
        if isinstance(by, Outcome):
            return by
        done = await self._resets.approve(by, reset_id)
        if isinstance(done, NotDone):
            return await self._page(by, error=done.reason)
        return await self._page(by, done=Reason.of("resetApproved", name=done.user.user_name))

    async def hand_out(self, visitor: Visitor, reset_id: str) -> Outcome:
        """The one-time link."""
        by = await self._admitted(visitor)
        if isinstance(by, Outcome):
            return by
        done = await self._resets.hand_out(by, reset_id)
        if isinstance(done, NotDone):
            return await self._page(by, error=done.reason)
        return Outcome(
            step=ShowResetLink(
                user_name=done.user.user_name,
                display_name=done.user.display_name,
                url=done.link.url,
                expires_at=done.link.expires_at,
            )
        )

    async def cancel(self, visitor: Visitor, reset_id: str) -> Outcome:
        """Call a reset off."""
        by = await self._admitted(visitor)
        if isinstance(by, Outcome):
            return by
        done = await self._resets.cancel(by, reset_id)
        if isinstance(done, NotDone):
            return await self._page(by, error=done.reason)
        return await self._page(by, done=Reason.of("resetCancelled"))

    async def _page(
        self, by: By, *, given: str = "", why: str = "", error: Reason | None = None, done: Reason | None = None
    ) -> Outcome:
        rows = tuple(map(_row, await self._resets.open(by)))
        name = by.actor.user.name or ""
        return Outcome(step=HelpDeskPage(user_name=name, resets=rows, given=given, why=why, error=error, done=done))

    async def _admitted(self, visitor: Visitor) -> By | Outcome:
        """Who may work here now: a role, what the policies of the own pages ask, and two factors just proved."""
        session = await self._session(visitor)
        subject = self._signals.subject(session.user_id) if session is not None else None
        if session is None or subject is None:
            return Outcome(step=AskFirstFactor())
        if not is_help_desk(subject.principal.roles):
            return Outcome(step=NotFound(reason=Reason.of("pageNotFound")))
        unmet = await self._visits.unmet(session, subject, visitor)
        return unmet or By(actor=actor_of(subject.user, session.id), reason=Reason.of("byHelpDesk"))


def _row(view: ResetView) -> ResetRow:
    reset = view.reset
    return ResetRow(
        id=reset.id,
        user_name=view.user.user_name,
        display_name=view.user.display_name,
        reason=reset.reason,
        requested_by=reset.requested_by.name,
        requested_at=reset.requested_at,
        approved_by=tuple(given.name for given in reset.approvals),
        begun=reset.session_id is not None,
        approve=view.approve,
        link=view.link,
    )

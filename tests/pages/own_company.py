"""The own pages of the company in memory."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from assay.access.own_steps import (
    AppTile,
    DevicesPage,
    Home,
    OwnSession,
    SessionsPage,
    SignInsPage,
)
from assay.access.steps import (
    AskFirstFactor,
    Outcome,
)
from assay.access.visitor import Visitor
from assay.sessions.session import SessionKind
from assay.values import Reason

if TYPE_CHECKING:
    from tests.pages.company import Company

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


class MemoryOwnHome:
    """The first of the own pages."""

    def __init__(self, company: "Company") -> None:
        self._company = company

    async def home(self, visitor: Visitor) -> Home | Outcome:
        session = self._company.session(visitor)
        if session is None:
            return Outcome(step=AskFirstFactor())
        person = session.person
        apps = ("Wiki", "Notes", "Fresh", "Vault", "Data explorer", "Quarterly planning notebooks")
        return Home(
            user_name=person.user_name,
            display_name=person.display_name,
            apps=tuple(self._tile(app) for app in apps),
            passkeys=len(person.passkeys),
            has_password=bool(person.password),
            has_totp=person.totp,
            recovery_codes=len(person.recovery),
            help_desk=person.user_name == "ada",
            reset=self._company.reset,
            offer_passkey=self._company.offers_passkeys,
        )

    def _tile(self, app: str) -> AppTile:
        return AppTile(
            name=app,
            url=self._company.app_url(app.split()[0].lower()) + "/",
            asks=Reason.of("mfaRequired", policies="Two factors for the wiki") if app == "Wiki" else None,
            blocked=Reason.of("blockedByPolicy", name="Only from the office") if app == "Vault" else None,
        )

    async def put_off_passkey(self, visitor: Visitor) -> Outcome | None:
        self._company.offers_passkeys = False
        return None


class MemoryOwnSessions:
    """This session, and those elsewhere."""

    def __init__(self, company: "Company") -> None:
        self._company = company

    async def page(self, visitor: Visitor) -> Outcome:
        return self._page(visitor)

    def _page(self, visitor: Visitor, *, reported: bool = False, done: Reason | None = None) -> Outcome:
        session = self._company.session(visitor)
        if session is None:
            return Outcome(step=AskFirstFactor())
        here = OwnSession(
            id="here",
            here=True,
            kind=SessionKind.BROWSER,
            user_agent=visitor.user_agent,
            address=visitor.address,
            apps=("Wiki",),
            started_at=NOON,
            last_seen_at=NOON,
            level="aal2",
        )
        page = SessionsPage(
            user_name=session.person.user_name,
            help_desk=session.person.user_name == "ada",
            sessions=(here, *self._company.elsewhere),
            reported=reported,
            done=done,
        )
        return Outcome(step=page)

    async def report(self, visitor: Visitor, session_id: str) -> Outcome:
        self._company.elsewhere = tuple(each for each in self._company.elsewhere if each.id != session_id)
        return self._page(visitor, reported=True)

    async def end_others(self, visitor: Visitor) -> Outcome:
        count, self._company.elsewhere = len(self._company.elsewhere), ()
        return self._page(visitor, done=Reason.of("sessionsEnded", count=str(count)))


class MemoryOwnDevices:
    """The devices that the company has at the moment."""

    def __init__(self, company: "Company") -> None:
        self._company = company

    async def page(self, visitor: Visitor) -> Outcome:
        return self._page(visitor, None)

    def _page(self, visitor: Visitor, done: Reason | None) -> Outcome:
        session = self._company.session(visitor)
        if session is None:
            return Outcome(step=AskFirstFactor())
        return Outcome(step=DevicesPage(user_name=session.person.user_name, devices=self._company.devices, done=done))

    async def forget(self, visitor: Visitor, device_id: str) -> Outcome:
        self._company.devices = tuple(each for each in self._company.devices if each.id != device_id)
        return self._page(visitor, Reason.of("deviceForgotten"))


class MemoryOwnSignIns:
    """The log that the company has at the moment."""

    def __init__(self, company: "Company") -> None:
        self._company = company

    async def page(self, visitor: Visitor, before: str = "") -> Outcome:
        session = self._company.session(visitor)
        if session is None:
            return Outcome(step=AskFirstFactor())
        page = SignInsPage(
            user_name=session.person.user_name,
            sign_ins=self._company.log,
            older="" if before else "e1",
            first=not before,
        )
        return Outcome(step=page)

"""The first of the own pages: my apps with what each would ask for, and what I should know of my account."""

from datetime import datetime

from assay.access.decide import judge
from assay.access.own_pages import OwnVisit, Visit
from assay.access.own_resets import own_reset
from assay.access.own_steps import AppTile, Home
from assay.access.passkey_offer import mentioned, put_off
from assay.access.premises import Premises
from assay.access.signals import Signals
from assay.access.steps import Outcome
from assay.access.visitor import Destination, Visitor
from assay.apps import App
from assay.identities.records import methods, offers
from assay.policy import AppTarget
from assay.policy import Outcome as Verdict
from assay.policy.targets import API
from assay.values import Reason

HOME = Destination().path


class OwnHome:
    """The flow behind `/`."""

    def __init__(self, premises: Premises, *, signals: Signals, visit: Visit) -> None:
        self._premises = premises
        self._signals = signals
        self._visit = visit

    async def home(self, visitor: Visitor) -> Home | Outcome:
        """The page, if the engine lets the person see it."""
        visit = await self._visit(visitor, HOME)
        if isinstance(visit, Outcome):
            return visit
        at, user_id = self._premises.now(), visit.session.user_id
        held, reset, offer = await self._premises.store.read(
            lambda reader: (
                methods.summary(reader, user_id),
                own_reset(reader, user_id, at),
                offers.get(reader, user_id, offers.PASSKEY),
            )
        )
        return Home(
            user_name=visit.user_name,
            display_name=visit.subject.user.display_name,
            apps=self._tiles(visit, visitor, at),
            passkeys=held.passkeys,
            has_password=held.password,
            has_totp=held.totp,
            recovery_codes=held.recovery_codes,
            help_desk=visit.help_desk,
            reset=reset,
            offer_passkey=mentioned(held, offer, at),
        )

    async def put_off_passkey(self, visitor: Visitor) -> Outcome | None:
        """Do not mention passkeys to this person for a while; None when that is done."""
        visit = await self._visit(visitor, HOME)
        if isinstance(visit, Outcome):
            return visit
        at, user_id = self._premises.now(), visit.session.user_id
        await self._premises.store.write(lambda transaction: put_off(transaction, user_id, at))
        return None

    def _tiles(self, visit: OwnVisit, visitor: Visitor, at: datetime) -> tuple[AppTile, ...]:
        apps = self._signals.apps
        # The API is no place for a browser.
        mine = (apps[app_id] for app_id in visit.subject.apps - {API} if app_id in apps)
        return tuple(self._tile(app, visit, visitor, at) for app in sorted(mine, key=_name))

    def _tile(self, app: App, visit: OwnVisit, visitor: Visitor, at: datetime) -> AppTile:
        """The app, and what the engine would say now; nothing is kept of it, because nobody asked to get in."""
        addresses = self._premises.addresses
        decision = judge(
            self._signals,
            visit.subject,
            AppTarget(app_id=app.id),
            proofs=visit.session.proofs,
            address=visitor.ip,
            user_agent=visitor.user_agent,
            at=at,
        ).decision
        why = decision.reasons[0] if decision.reasons else Reason.of("askHelpDesk")
        return AppTile(
            name=app.display_name,
            url=f"{addresses.origin(app.host(addresses.base))}/",
            asks=why if decision.outcome is Verdict.STEP_UP else None,
            blocked=why if decision.outcome is Verdict.BLOCK else None,
        )


def _name(app: App) -> str:
    return app.display_name.casefold()

"""What happens on an app's own host under `/.assay/`: a ticket becomes a session there, and keys are published."""

import hmac
from collections.abc import Callable

from assay.access.admission import Admission, TicketRefusedError, may_hold_session
from assay.access.cookies import APP_COOKIE, clear_cookie, set_cookie
from assay.access.exchange import Redirect
from assay.access.premises import Premises
from assay.access.repeated_events import RepeatedEvents
from assay.access.signals import Signals
from assay.access.steps import NotFound
from assay.access.visitor import Visitor
from assay.apps import App
from assay.events.types import TICKET_REFUSED
from assay.identities.records import users
from assay.sessions.issued import Redeemed
from assay.sessions.records import sessions, tickets
from assay.sessions.secret import SECRET_LENGTH, secret_hash
from assay.sessions.session import EndReason
from assay.store import Transaction
from assay.values import Reason

INVALID = Reason.of("ticketInvalid")


class Tickets:
    """The flow at app hosts."""

    def __init__(
        self,
        premises: Premises,
        *,
        signals: Signals,
        admission: Admission,
        repeated: RepeatedEvents,
        jwks: Callable[[], bytes],
    ) -> None:
        self._premises = premises
        self._signals = signals
        self._admission = admission
        self._repeated = repeated
        self._jwks = jwks

    async def redeem(self, host: str, ticket: str, state_cookie: str, visitor: Visitor) -> Redirect | NotFound:
        """Trade the ticket for the app's own cookie, in the browser that set out with this state."""
        app = self._app(host)
        if app is None or len(state_cookie) != SECRET_LENGTH or not await self._is_ours(ticket):
            return NotFound(reason=INVALID, again=self._start(host, app))
        try:
            redeemed = await self._premises.store.write(
                lambda transaction: self._admission.redeem(transaction, ticket, app, state=state_cookie)
            )
        except TicketRefusedError:
            redeemed = INVALID
        if not isinstance(redeemed, Redeemed):
            await self._premises.store.write(lambda t: self._refused(t, ticket, app, state_cookie, visitor))
            return NotFound(reason=redeemed, again=self._start(host, app))
        return Redirect(
            location=self._premises.addresses.origin(host) + redeemed.path,
            # The state stays: another tab of this browser may be on its way with it, and its ticket is single-use too.
            set_cookies=(set_cookie(APP_COOKIE, redeemed.secret),),
        )

    async def sign_out(self, host: str, app_cookie: str, visitor: Visitor) -> Redirect:
        """End the whole session: who signs out of one app expects to be signed out."""
        if self._app(host) is not None and len(app_cookie) == SECRET_LENGTH:
            key, at = secret_hash(app_cookie), self._premises.now()
            found = await self._premises.store.read(lambda reader: sessions.app_session_by_secret(reader, key))
            if found is not None:
                _, session = found
                await self._premises.store.write(
                    lambda transaction: self._admission.end(transaction, session, EndReason.SIGNED_OUT, visitor, at=at),
                    urgent=True,
                )
        return Redirect(location=f"{self._premises.addresses.id_origin}/", set_cookies=(clear_cookie(APP_COOKIE),))

    async def keys(self, host: str) -> bytes | None:
        """The JWK set (RFC 7517) that verifies this app's assertions; None where there is no such app."""
        return self._jwks() if self._app(host) is not None else None

    async def _is_ours(self, ticket: str) -> bool:
        """Whether there was ever such a ticket: garbage never takes the writer's turn, on which everybody waits."""
        if len(ticket) != SECRET_LENGTH:
            return False
        key = secret_hash(ticket)
        return await self._premises.store.read(lambda reader: tickets.kept(reader, key) is not None)

    def _refused(self, transaction: Transaction, secret: str, app: App, state: str, visitor: Visitor) -> None:
        """Keep that a ticket of ours was tried in vain, and why; what nobody ever issued is not worth a line."""
        known = tickets.kept(transaction, secret_hash(secret))
        session = sessions.get(transaction, known[0].session_id) if known is not None else None
        if known is None or session is None:
            return
        ticket, at = known[0], self._premises.now()
        user = may_hold_session(transaction, session.user_id)
        if isinstance(user, Reason):
            reason = user
        elif ticket.app_id != app.id:
            reason = Reason.of("ticketOtherApp")
        elif not hmac.compare_digest(ticket.state_hash, secret_hash(state)):
            reason = Reason.of("ticketOtherBrowser")
        elif not session.alive(at):
            reason = Reason.of("sessionEnded")
        else:
            reason = Reason.of("ticketExpired" if at >= ticket.expires_at else "ticketUsed")
        about = users.get(transaction, session.user_id)
        self._repeated.occurred(transaction, TICKET_REFUSED, visitor, reason, about)

    def _start(self, host: str, app: App | None) -> str:
        return f"{self._premises.addresses.origin(host)}/" if app is not None else ""

    def _app(self, host: str) -> App | None:
        name, _, base = host.partition(".")
        return self._signals.apps_by_name.get(name) if base == self._premises.addresses.base else None

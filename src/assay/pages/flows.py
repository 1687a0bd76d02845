"""What the pages ask of the flows: each method answers with the step that the person meets next."""

from typing import Protocol

from assay.access.admission import TokenSession
from assay.access.command_lines import Begun, NotYet
from assay.access.exchange import Redirect
from assay.access.own_steps import Home
from assay.access.steps import NotFound, Outcome, PasskeyChallenge, Refused
from assay.access.visitor import Destination, Visitor


class SignIn(Protocol):
    """Sign-in, step-up and sign-out at `id.`."""

    async def start(self, visitor: Visitor, destination: Destination) -> Outcome: ...

    async def with_password(
        self, visitor: Visitor, destination: Destination, user_name: str, password: str
    ) -> Outcome: ...

    async def with_totp(self, visitor: Visitor, destination: Destination, code: str) -> Outcome: ...

    async def with_recovery_code(self, visitor: Visitor, destination: Destination, code: str) -> Outcome: ...

    async def passkey_options(self, visitor: Visitor) -> PasskeyChallenge | Outcome: ...

    async def with_passkey(
        self, visitor: Visitor, destination: Destination, handle: str, credential_json: bytes
    ) -> Outcome: ...

    async def sign_out(self, visitor: Visitor) -> Outcome: ...


class Enrol(Protocol):
    """The one-time link, and the methods a person registers."""

    async def look(self, visitor: Visitor, code: str) -> Outcome: ...

    async def use(self, visitor: Visitor, code: str) -> Outcome: ...

    async def methods(self, visitor: Visitor) -> Outcome: ...

    async def passkey_options(self, visitor: Visitor) -> PasskeyChallenge | Outcome: ...

    async def add_passkey(self, visitor: Visitor, handle: str, credential_json: bytes, name: str) -> Outcome: ...

    async def set_password(self, visitor: Visitor, password: str) -> Outcome: ...

    async def begin_totp(self, visitor: Visitor) -> Outcome: ...

    async def confirm_totp(self, visitor: Visitor, code: str) -> Outcome: ...

    async def recovery_codes(self, visitor: Visitor) -> Outcome: ...

    async def remove(self, visitor: Visitor, method: str) -> Outcome: ...


class OwnHome(Protocol):
    """The first of the own pages, and the passkey that it offers."""

    async def home(self, visitor: Visitor) -> Home | Outcome: ...

    async def put_off_passkey(self, visitor: Visitor) -> Outcome | None:
        """Do not mention it for a while; None when that is done, else what the person meets instead."""
        ...


class OwnSessions(Protocol):
    """The person's own living sessions."""

    async def page(self, visitor: Visitor) -> Outcome: ...

    async def report(self, visitor: Visitor, session_id: str) -> Outcome: ...

    async def end_others(self, visitor: Visitor) -> Outcome: ...


class OwnDevices(Protocol):
    """The person's known devices."""

    async def page(self, visitor: Visitor) -> Outcome: ...

    async def forget(self, visitor: Visitor, device_id: str) -> Outcome: ...


class OwnSignIns(Protocol):
    """The person's own sign-ins; `before` is what the page before handed out, "" begins with the newest."""

    async def page(self, visitor: Visitor, before: str = "") -> Outcome: ...


class HelpDesk(Protocol):
    """Resets of other people's methods, for who holds a help-desk role."""

    async def page(self, visitor: Visitor) -> Outcome: ...

    async def request(self, visitor: Visitor, user_name: str, why: str) -> Outcome: ...

    async def approve(self, visitor: Visitor, reset_id: str) -> Outcome: ...

    async def hand_out(self, visitor: Visitor, reset_id: str) -> Outcome: ...

    async def cancel(self, visitor: Visitor, reset_id: str) -> Outcome: ...


class OwnResets(Protocol):
    """What a person answers to a reset of their own methods."""

    async def cancel(self, visitor: Visitor) -> Outcome: ...

    async def seen(self, visitor: Visitor) -> Outcome: ...


class CommandLines(Protocol):
    """`assay login`: codes that command lines show and people confirm (RFC 8628)."""

    async def begin(self, visitor: Visitor, client: str) -> Begun | None: ...

    async def poll(self, visitor: Visitor, secret: str) -> TokenSession | NotYet: ...

    async def revoke(self, visitor: Visitor, token: str) -> None: ...

    async def page(self, visitor: Visitor) -> Outcome: ...

    async def look(self, visitor: Visitor, typed: str) -> Outcome: ...

    async def answer(self, visitor: Visitor, typed: str, *, allow: bool) -> Outcome: ...


class Tickets(Protocol):
    """The part of sign-in that happens at an app's own host; `host` is lower case and without port.

    `visitor.cookie` is "" there: the cookie of `id.` is never sent to an app's host.
    """

    async def redeem(
        self, host: str, ticket: str, state_cookie: str, visitor: Visitor
    ) -> Redirect | Refused | NotFound: ...

    async def sign_out(self, host: str, app_cookie: str, visitor: Visitor) -> Redirect: ...

    async def keys(self, host: str) -> bytes | None:
        """The JWK set (RFC 7517) that verifies this app's assertions; None where there is no such app."""
        ...

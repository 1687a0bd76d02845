"""What the person's own pages show: apps, sessions, devices, sign-ins, and the offer of a passkey."""

from datetime import datetime

from assay.events.sign_ins import SignInOutcome
from assay.sessions.session import SessionKind
from assay.values import Reason, Value


class AppTile(Value, frozen=True, kw_only=True):
    """One app that this person is assigned to.

    `asks`: what a policy would ask for first, from here and with what is proved now; `blocked`: why it would refuse.
    """

    name: str
    url: str
    asks: Reason | None = None
    blocked: Reason | None = None


class ResetShown(Value, frozen=True, kw_only=True):
    """A reset of this person's methods, as the person is told of it; `completed_at` None: it can be called off."""

    reason: str
    requested_by: str
    requested_at: datetime
    approved_by: tuple[str, ...]
    waits_until: datetime
    completed_at: datetime | None = None


class OwnPage(Value, frozen=True, kw_only=True):
    """What every page of a person's own says at its head; `help_desk`: they work there."""

    user_name: str
    help_desk: bool = False


class Home(OwnPage, frozen=True, kw_only=True):
    """The first of them: their apps, and whether their sign-in methods are complete."""

    display_name: str
    apps: tuple[AppTile, ...] = ()
    passkeys: int = 0
    has_password: bool = False
    has_totp: bool = False
    recovery_codes: int = 0
    reset: ResetShown | None = None
    offer_passkey: bool = False


class OwnSession(Value, frozen=True, kw_only=True):
    """One living session of the person; `here`: the one that asks. `level` as in `sessions/assurance.py`."""

    id: str
    here: bool
    kind: SessionKind
    user_agent: str
    address: str
    apps: tuple[str, ...]
    started_at: datetime
    last_seen_at: datetime
    level: str


class SessionsPage(OwnPage, frozen=True, kw_only=True):
    """The person's living sessions; `reported`: one was just ended because it was not them."""

    sessions: tuple[OwnSession, ...]
    reported: bool = False
    done: Reason | None = None
    error: Reason | None = None


class OwnDevice(Value, frozen=True, kw_only=True):
    """A browser on which the person finished a sign-in; the instants are true to a day."""

    id: str
    here: bool
    user_agent: str
    first_used_at: datetime
    last_used_at: datetime


class DevicesPage(OwnPage, frozen=True, kw_only=True):
    """The person's known devices, the one used last first."""

    devices: tuple[OwnDevice, ...]
    done: Reason | None = None
    error: Reason | None = None


class OwnSignIn(Value, frozen=True, kw_only=True):
    """One line of the log about the person's sign-ins; `more`: so many like it, counted and not kept one by one."""

    at: datetime
    result: SignInOutcome
    reason: Reason | None
    app: str
    address: str
    user_agent: str
    more: int = 0
    short_code: str = ""


class SignInsPage(OwnPage, frozen=True, kw_only=True):
    """The person's sign-ins, newest first; `older` goes on where this page ends, "" at the end."""

    sign_ins: tuple[OwnSignIn, ...]
    older: str = ""
    first: bool = True


class OfferPasskey(Value, frozen=True, kw_only=True):
    """On the way to an app, once in a while: the next sign-in could be without a password."""

    app_name: str

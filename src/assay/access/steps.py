"""What a person meets next in a flow: each step is a value that a page renders and a route answers."""

from datetime import datetime
from typing import TypeAlias

from assay.access.methods import PASSKEY, PASSWORD, RECOVERY_CODES, TOTP, HeldMethod
from assay.access.own_steps import DevicesPage, OfferPasskey, SessionsPage, SignInsPage
from assay.identities.methods.password import MIN_CHARACTERS
from assay.values import Reason, Value


class AskFirstFactor(Value, frozen=True, kw_only=True):
    """The sign-in page: a passkey (conditional mediation), else user name and password."""

    app_name: str = ""
    user_name: str = ""
    error: Reason | None = None


class AskSecondFactor(Value, frozen=True, kw_only=True):
    """A control is unmet: prove one more thing; only what this person holds and what would help is offered."""

    app_name: str
    totp: bool
    passkey: bool
    recovery_code: bool
    # Why it is asked: a policy's control, or a proof that grew too old.
    reasons: tuple[Reason, ...] = ()
    error: Reason | None = None


class AskAgain(Value, frozen=True, kw_only=True):
    """Sign-in frequency: the first factor is too old and is asked again, for the same person."""

    app_name: str
    user_name: str
    password: bool
    passkey: bool
    reasons: tuple[Reason, ...] = ()
    error: Reason | None = None


class Refused(Value, frozen=True, kw_only=True):
    """Access is refused; `short_code` finds the decision for the help-desk, `remedies` are what the person can do."""

    app_name: str
    reasons: tuple[Reason, ...]
    remedies: tuple[Reason, ...]
    short_code: str
    at: datetime
    user_name: str = ""


class ConfirmEnrolment(Value, frozen=True, kw_only=True):
    """The one-time link was opened; nothing is used up before the person confirms (links get previewed)."""

    user_name: str
    display_name: str
    expires_at: datetime


class ChooseMethods(Value, frozen=True, kw_only=True):
    """Enrolment: what the person has and what is missing before the enrolment is complete."""

    user_name: str
    held: tuple[HeldMethod, ...] = ()
    # An emergency access account: nothing that can be guessed is registered for it.
    passkey_only: bool = False
    complete: bool = False
    # The session may see the other own pages; one that a reset's link began may not.
    navigation: bool = False
    help_desk: bool = False
    # The fewest characters of a password.
    password_minimum: int = MIN_CHARACTERS
    error: Reason | None = None

    @property
    def passkeys(self) -> tuple[HeldMethod, ...]:
        return tuple(method for method in self.held if method.kind == PASSKEY)

    @property
    def password(self) -> HeldMethod | None:
        return self._only(PASSWORD)

    @property
    def totp(self) -> HeldMethod | None:
        return self._only(TOTP)

    @property
    def recovery_codes(self) -> HeldMethod | None:
        return self._only(RECOVERY_CODES)

    def _only(self, kind: str) -> HeldMethod | None:
        return next((method for method in self.held if method.kind == kind), None)


class ConfirmTotp(Value, frozen=True, kw_only=True):
    """A new authenticator app: the key as text and QR code (SVG), proved by one code before it counts."""

    secret: str
    uri: str
    error: Reason | None = None


class ShowRecoveryCodes(Value, frozen=True, kw_only=True):
    """The new recovery codes, shown this once."""

    codes: tuple[str, ...]


class Enter(Value, frozen=True, kw_only=True):
    """The flow is done: the browser goes to `location` (ours, or a ticket address of an app)."""

    location: str


class NotFound(Value, frozen=True, kw_only=True):
    """A link that is used up, expired or never existed: one answer for all three; `again` is where to begin anew."""

    reason: Reason
    again: str = ""


class ResetRow(Value, frozen=True, kw_only=True):
    """An open reset at the help-desk; a reason None: this visitor may do it now."""

    id: str
    user_name: str
    display_name: str
    reason: str
    requested_by: str
    requested_at: datetime
    approved_by: tuple[str, ...]
    begun: bool
    approve: Reason | None
    link: Reason | None


class HelpDeskPage(Value, frozen=True, kw_only=True):
    """The help-desk: ask for a reset by exact user name, and the open resets that concern this visitor."""

    user_name: str
    resets: tuple[ResetRow, ...]
    # What was typed, to be corrected.
    given: str = ""
    why: str = ""
    error: Reason | None = None
    done: Reason | None = None


class ShowResetLink(Value, frozen=True, kw_only=True):
    """The link of a reset, shown this once to the one who hands it over."""

    user_name: str
    display_name: str
    url: str
    expires_at: datetime


class AskDeviceCode(Value, frozen=True, kw_only=True):
    """Somebody signed in may type the code that a command line shows."""

    user_name: str
    given: str = ""
    error: Reason | None = None


class ConfirmDevice(Value, frozen=True, kw_only=True):
    """A command line that asks to be let in, before the person answers; `client` is what it calls itself."""

    user_name: str
    code: str
    client: str
    user_agent: str
    address: str
    own_address: str
    asked_at: datetime
    roles: tuple[str, ...]
    hours: int


class DeviceAnswered(Value, frozen=True, kw_only=True):
    """The person answered; the command line hears of it by itself."""

    user_name: str
    allowed: bool


class PasskeyChallenge(Value, frozen=True, kw_only=True):
    """What the browser needs for a ceremony: WebAuthn's options as JSON, and the handle that names the challenge."""

    options_json: str
    handle: str


Step: TypeAlias = (
    AskFirstFactor
    | AskSecondFactor
    | AskAgain
    | Refused
    | ConfirmEnrolment
    | ChooseMethods
    | ConfirmTotp
    | ShowRecoveryCodes
    | Enter
    | NotFound
    | HelpDeskPage
    | ShowResetLink
    | AskDeviceCode
    | ConfirmDevice
    | DeviceAnswered
    | SessionsPage
    | DevicesPage
    | SignInsPage
    | OfferPasskey
)


class Outcome(Value, frozen=True, kw_only=True):
    """A step and the cookie that goes with it.

    `cookie`: the new secret of the browser's session at `id.` (every rise of privilege makes a new one),
    "" to remove the cookie, None to leave it. `device`: the new secret of the browser as a known device.
    `retry_after`: nothing was looked at; in how many seconds it would be, 0 where waiting does not help, else None.
    """

    step: Step
    cookie: str | None = None
    device: str | None = None
    retry_after: int | None = None

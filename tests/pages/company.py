"""A small company in memory that keeps the flows' protocols, so that the pages can be driven without a database."""

from dataclasses import dataclass, field
from secrets import token_urlsafe

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import parse_authentication_credential_json
from webauthn.helpers.structs import AuthenticatorSelectionCriteria, ResidentKeyRequirement, UserVerificationRequirement

from assay.access.command_lines import Begun, NotYet
from assay.access.cookies import APP_COOKIE, STATE_COOKIE, clear_cookie, set_cookie
from assay.access.exchange import Redirect
from assay.access.methods import HeldMethod
from assay.access.own_steps import (
    OfferPasskey,
    OwnDevice,
    OwnSession,
    OwnSignIn,
    ResetShown,
)
from assay.access.steps import (
    AskAgain,
    AskDeviceCode,
    AskFirstFactor,
    AskSecondFactor,
    ChooseMethods,
    ConfirmDevice,
    ConfirmEnrolment,
    ConfirmTotp,
    DeviceAnswered,
    Enter,
    HelpDeskPage,
    NotFound,
    Outcome,
    PasskeyChallenge,
    Refused,
    ResetRow,
    ShowRecoveryCodes,
    ShowResetLink,
    Step,
)
from assay.access.visitor import Destination, Visitor
from assay.pages import PagesSettings
from assay.values import Reason
from tests.pages.own_company import NOON, MemoryOwnDevices, MemoryOwnHome, MemoryOwnSessions, MemoryOwnSignIns

PASSWORD = "correct horse battery"
TOTP = "123456"
TOTP_KEY = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
TOTP_URI = f"otpauth://totp/Assay:ada?secret={TOTP_KEY}&issuer=Assay&algorithm=SHA1&digits=6&period=30"
RECOVERY = tuple(f"7ZQK-0M3F-XR2A-{number:02d}BC" for number in range(10))
PASS = "a" * 27


@dataclass
class Person:
    """One person and what they registered."""

    user_name: str
    display_name: str
    password: str = ""
    totp: bool = False
    recovery: set[str] = field(default_factory=set)
    passkeys: dict[bytes, tuple[str, bytes]] = field(default_factory=dict)


@dataclass
class Session:
    """One browser at `id.`: who, and what they proved."""

    person: Person
    proved: set[str]


def _enter(location: str) -> Outcome:
    return Outcome(step=Enter(location=location))


class Company:
    """People, sessions and three apps: `notes` takes a password, `wiki` two factors, `vault` nobody."""

    def __init__(self, settings: PagesSettings) -> None:
        self.settings = settings
        self.people = {
            "ada": Person("ada", "Ada Lovelace", PASSWORD, totp=True, recovery=set(RECOVERY)),
            "new": Person("new", "Grace Hopper"),
        }
        self.sessions: dict[str, Session] = {}
        self.challenges: dict[str, bytes] = {}
        self.tickets: dict[str, str] = {}
        self.passes = {PASS: "new"}
        self.sign_in = MemorySignIn(self)
        self.enrol = MemoryEnrol(self)
        self.app_hosts = MemoryTickets(self)
        self.help_desk = MemoryHelpDesk(self)
        self.own_resets = MemoryOwnResets(self)
        self.command_lines = MemoryCommandLines(self)
        self.own_home = MemoryOwnHome(self)
        self.own_sessions = MemoryOwnSessions(self)
        self.own_devices = MemoryOwnDevices(self)
        self.own_sign_ins = MemoryOwnSignIns(self)
        self.elsewhere: tuple[OwnSession, ...] = ()
        self.devices: tuple[OwnDevice, ...] = ()
        self.log: tuple[OwnSignIn, ...] = ()
        self.offers_passkeys = False
        # In how many seconds a password would be looked at; None: at once.
        self.throttled: int | None = None
        self.resets: tuple[ResetRow, ...] = ()
        self.reset: ResetShown | None = None

    def session(self, visitor: Visitor) -> Session | None:
        return self.sessions.get(visitor.cookie)

    def begin(self, visitor: Visitor, person: Person, proof: str) -> str:
        """A new cookie at every rise of privilege."""
        before = self.sessions.pop(visitor.cookie, None)
        proved = before.proved if before and before.person is person else set()
        cookie = token_urlsafe(32)
        self.sessions[cookie] = Session(person, proved | {proof})
        return cookie

    def challenge(self, options: object) -> PasskeyChallenge:
        handle = token_urlsafe(16)
        self.challenges[handle] = options.challenge  # type: ignore[attr-defined]  # both kinds of options have one
        return PasskeyChallenge(options_json=options_to_json(options), handle=handle)  # type: ignore[arg-type]

    @property
    def rp_id(self) -> str:
        return f"id.{self.settings.base_domain}"

    def app_url(self, app: str) -> str:
        return self.settings.origin.replace("//id.", f"//{app}.")


class MemorySignIn:
    """Sign-in and step-up."""

    def __init__(self, company: Company) -> None:
        self._company = company

    async def start(self, visitor: Visitor, destination: Destination) -> Outcome:
        return self._next(visitor.cookie, destination, None)

    def _next(
        self, cookie: str, destination: Destination, new_cookie: str | None, error: Reason | None = None
    ) -> Outcome:
        return Outcome(step=self._step(cookie, destination, error), cookie=new_cookie)

    def _step(self, cookie: str, destination: Destination, error: Reason | None) -> Step:
        session = self._company.sessions.get(cookie)
        if session is None:
            return AskFirstFactor(app_name=destination.app.title(), error=error)
        person = session.person
        if destination.app == "vault":
            return self._refused(person)
        if destination.app == "fresh" and "again" not in session.proved:
            return AskAgain(
                app_name="Fresh",
                user_name=person.user_name,
                password=True,
                passkey=True,
                reasons=(Reason.of("reauthenticationRequired", policies="Fresh sign-in for Fresh"),),
                error=error,
            )
        if destination.app == "wiki" and not session.proved & {"totp", "passkey", "recovery"}:
            return AskSecondFactor(
                app_name="Wiki",
                totp=person.totp,
                passkey=True,
                recovery_code=bool(person.recovery),
                reasons=(Reason.of("mfaRequired", policies="Two factors for the wiki"),),
                error=error,
            )
        if not destination.app:
            return Enter(location="/")
        if destination.app == "offer":
            return OfferPasskey(app_name="Notes")
        ticket = token_urlsafe(24)
        self._company.tickets[ticket] = destination.path
        return Enter(location=f"{self._company.app_url(destination.app)}/.assay/ticket?ticket={ticket}")

    @staticmethod
    def _refused(person: Person) -> Refused:
        return Refused(
            app_name="Vault",
            user_name=person.user_name,
            short_code="K7QM-2XRD",
            at=NOON,
            reasons=(Reason.of("blockedByPolicy", name="Only from the office", policy="p1"), Reason.of("notAssigned")),
            remedies=(Reason.of("registerPasskey"), Reason.of("askForAssignment")),
        )

    async def with_password(self, visitor: Visitor, destination: Destination, user_name: str, password: str) -> Outcome:
        if self._company.throttled is not None:
            error = Reason.of("waitMinutes", minutes=str(self._company.throttled // 60))
            step = AskFirstFactor(user_name=user_name, error=error)
            return Outcome(step=step, retry_after=self._company.throttled)
        person = self._company.people.get(user_name)
        if person is None or not person.password or person.password != password:
            step = self._step(visitor.cookie, destination, Reason.of("signInFailed"))
            if isinstance(step, AskFirstFactor):
                step = AskFirstFactor(app_name=step.app_name, user_name=user_name, error=step.error)
            return Outcome(step=step)
        proof = "again" if self._company.session(visitor) else "password"
        cookie = self._company.begin(visitor, person, proof)
        return self._next(cookie, destination, cookie)

    async def with_totp(self, visitor: Visitor, destination: Destination, code: str) -> Outcome:
        return self._with_code(visitor, destination, "totp", code == TOTP, "totpWrong")

    async def with_recovery_code(self, visitor: Visitor, destination: Destination, code: str) -> Outcome:
        session = self._company.session(visitor)
        right = session is not None and code in session.person.recovery
        if session is not None and right:
            session.person.recovery.discard(code)
        return self._with_code(visitor, destination, "recovery", right, "recoveryCodeWrong")

    def _with_code(self, visitor: Visitor, destination: Destination, proof: str, right: bool, wrong: str) -> Outcome:
        session = self._company.session(visitor)
        if session is None or not right:
            return self._next(visitor.cookie, destination, None, Reason.of(wrong))
        cookie = self._company.begin(visitor, session.person, proof)
        return self._next(cookie, destination, cookie)

    async def passkey_options(self, visitor: Visitor) -> PasskeyChallenge:
        return self._company.challenge(
            generate_authentication_options(
                rp_id=self._company.rp_id, user_verification=UserVerificationRequirement.REQUIRED
            )
        )

    async def with_passkey(
        self, visitor: Visitor, destination: Destination, handle: str, credential_json: bytes
    ) -> Outcome:
        challenge = self._company.challenges.pop(handle, b"")
        credential = parse_authentication_credential_json(credential_json.decode())
        for person in self._company.people.values():
            if credential.raw_id in person.passkeys:
                verify_authentication_response(
                    credential=credential,
                    expected_challenge=challenge,
                    expected_rp_id=self._company.rp_id,
                    expected_origin=self._company.settings.origin,
                    credential_public_key=person.passkeys[credential.raw_id][1],
                    credential_current_sign_count=0,
                    require_user_verification=True,
                )
                cookie = self._company.begin(visitor, person, "passkey")
                return self._next(cookie, destination, cookie)
        return self._next(visitor.cookie, destination, None, Reason.of("passkeyUnknown"))

    async def sign_out(self, visitor: Visitor) -> Outcome:
        self._company.sessions.pop(visitor.cookie, None)
        return Outcome(step=AskFirstFactor(), cookie="")


class MemoryEnrol:
    """The one-time link and the methods."""

    def __init__(self, company: Company) -> None:
        self._company = company

    async def look(self, visitor: Visitor, code: str) -> Outcome:
        name = self._company.passes.get(code)
        if name is None:
            return Outcome(step=NotFound(reason=Reason.of("passInvalid")))
        person = self._company.people[name]
        step = ConfirmEnrolment(user_name=person.user_name, display_name=person.display_name, expires_at=NOON)
        return Outcome(step=step)

    async def use(self, visitor: Visitor, code: str) -> Outcome:
        name = self._company.passes.pop(code, None)
        if name is None:
            return Outcome(step=NotFound(reason=Reason.of("passInvalid")))
        cookie = self._company.begin(visitor, self._company.people[name], "pass")
        return Outcome(step=self._methods(self._company.people[name]), cookie=cookie)

    async def methods(self, visitor: Visitor) -> Outcome:
        session = self._company.session(visitor)
        return Outcome(step=self._methods(session.person) if session else AskFirstFactor())

    def _methods(self, person: Person, error: Reason | None = None) -> ChooseMethods:
        strong = bool(person.passkeys) or (bool(person.password) and person.totp)
        return ChooseMethods(
            user_name=person.user_name,
            held=held_by(person),
            navigation=strong and bool(person.recovery),
            help_desk=person.user_name == "ada",
            complete=strong and bool(person.recovery),
            error=error,
        )

    async def passkey_options(self, visitor: Visitor) -> PasskeyChallenge | Outcome:
        session = self._company.session(visitor)
        if session is None:
            return Outcome(step=AskFirstFactor())
        return self._company.challenge(
            generate_registration_options(
                rp_id=self._company.rp_id,
                rp_name="Assay",
                user_name=session.person.user_name,
                authenticator_selection=AuthenticatorSelectionCriteria(
                    resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
                ),
            )
        )

    async def add_passkey(self, visitor: Visitor, handle: str, credential_json: bytes, name: str) -> Outcome:
        session = self._company.session(visitor)
        if session is None:
            return Outcome(step=AskFirstFactor())
        if name == "refuse me":
            return Outcome(step=self._methods(session.person, Reason.of("passkeyName", maximum="64")))
        found = verify_registration_response(
            credential=credential_json.decode(),
            expected_challenge=self._company.challenges.pop(handle, b""),
            expected_rp_id=self._company.rp_id,
            expected_origin=self._company.settings.origin,
            require_user_verification=True,
        )
        session.person.passkeys[found.credential_id] = (name or "Passkey", found.credential_public_key)
        return Outcome(step=self._methods(session.person))

    async def remove(self, visitor: Visitor, method: str) -> Outcome:
        session = self._company.session(visitor)
        if session is None:
            return Outcome(step=AskFirstFactor())
        gone = [key for key in session.person.passkeys if key.hex() == method]
        for key in gone:
            del session.person.passkeys[key]
        return Outcome(step=self._methods(session.person, None if gone else Reason.of("methodGone")))

    async def set_password(self, visitor: Visitor, password: str) -> Outcome:
        session = self._company.session(visitor)
        if session is None:
            return Outcome(step=AskFirstFactor())
        if len(password) < 12:
            return Outcome(step=self._methods(session.person, Reason.of("passwordTooShort", minimum="12")))
        session.person.password = password
        return Outcome(step=self._methods(session.person))

    async def begin_totp(self, visitor: Visitor) -> Outcome:
        return Outcome(step=ConfirmTotp(secret=TOTP_KEY, uri=TOTP_URI))

    async def confirm_totp(self, visitor: Visitor, code: str) -> Outcome:
        session = self._company.session(visitor)
        if session is None:
            return Outcome(step=AskFirstFactor())
        if code != TOTP:
            return Outcome(step=ConfirmTotp(secret=TOTP_KEY, uri=TOTP_URI, error=Reason.of("totpWrong")))
        session.person.totp = True
        return Outcome(step=self._methods(session.person))

    async def recovery_codes(self, visitor: Visitor) -> Outcome:
        session = self._company.session(visitor)
        if session is None:
            return Outcome(step=AskFirstFactor())
        session.person.recovery = set(RECOVERY)
        return Outcome(step=ShowRecoveryCodes(codes=RECOVERY))


def held_by(person: Person) -> tuple[HeldMethod, ...]:
    """What this person has, in the order of the flow."""
    found = [HeldMethod(id="password", kind="password", since=NOON, last_used_at=NOON)] if person.password else []
    if person.totp:
        found.append(HeldMethod(id="totp", kind="totp", since=NOON))
    found += [
        HeldMethod(id=key.hex(), kind="passkey", name=name, since=NOON) for key, (name, _) in person.passkeys.items()
    ]
    if person.recovery:
        found.append(HeldMethod(id="recoveryCodes", kind="recoveryCodes", since=NOON, remaining=len(person.recovery)))
    return tuple(found)


class MemoryTickets:
    """The part at an app's own host."""

    def __init__(self, company: Company) -> None:
        self._company = company

    async def redeem(
        self, host: str, ticket: str, state_cookie: str, visitor: Visitor
    ) -> Redirect | Refused | NotFound:
        path = self._company.tickets.pop(ticket, None)
        if path is None or not state_cookie:
            return NotFound(reason=Reason.of("ticketInvalid"))
        return Redirect(location=path, set_cookies=(set_cookie(APP_COOKIE, host), clear_cookie(STATE_COOKIE)))

    async def sign_out(self, host: str, app_cookie: str, visitor: Visitor) -> Redirect:
        return Redirect(location=f"{self._company.settings.origin}/signed-out", set_cookies=(clear_cookie(APP_COOKIE),))

    async def keys(self, host: str) -> bytes | None:
        return b'{"keys":[]}' if host.startswith("wiki.") else None


class MemoryHelpDesk:
    """Resets of others; Ada alone works there."""

    def __init__(self, company: Company) -> None:
        self._company = company

    async def page(self, visitor: Visitor) -> Outcome:
        session = self._company.session(visitor)
        if session is None:
            return Outcome(step=AskFirstFactor())
        if session.person.user_name != "ada":
            return Outcome(step=NotFound(reason=Reason.of("pageNotFound")))
        return Outcome(step=HelpDeskPage(user_name="ada", resets=self._company.resets))

    async def request(self, visitor: Visitor, user_name: str, why: str) -> Outcome:
        found = await self.page(visitor)
        if not isinstance(found.step, HelpDeskPage):
            return found
        if user_name not in self._company.people:
            error = Reason.of("resetNobody")
            return Outcome(step=HelpDeskPage(user_name="ada", resets=(), given=user_name, why=why, error=error))
        row = ResetRow(
            id="r1",
            user_name=user_name,
            display_name=self._company.people[user_name].display_name,
            reason=why,
            requested_by="ada",
            requested_at=NOON,
            approved_by=(),
            begun=False,
            approve=Reason.of("resetSecondPerson"),
            link=Reason.of("resetNotApproved"),
        )
        self._company.resets = (*self._company.resets, row)
        done = Reason.of("resetAsked", name=user_name)
        return Outcome(step=HelpDeskPage(user_name="ada", resets=self._company.resets, done=done))

    async def approve(self, visitor: Visitor, reset_id: str) -> Outcome:
        return await self.page(visitor)

    async def hand_out(self, visitor: Visitor, reset_id: str) -> Outcome:
        url = f"{self._company.settings.origin}/enrol/{PASS}"
        return Outcome(step=ShowResetLink(user_name="new", display_name="Grace Hopper", url=url, expires_at=NOON))

    async def cancel(self, visitor: Visitor, reset_id: str) -> Outcome:
        self._company.resets = ()
        return await self.page(visitor)


class MemoryOwnResets:
    """What Ada answers to a reset of her own methods."""

    def __init__(self, company: Company) -> None:
        self._company = company

    async def cancel(self, visitor: Visitor) -> Outcome:
        self._company.reset = None
        return Outcome(step=Enter(location="/"))

    async def seen(self, visitor: Visitor) -> Outcome:
        self._company.reset = None
        return Outcome(step=Enter(location="/"))


class MemoryCommandLines:
    """One command line waits, from another address than Ada's."""

    def __init__(self, company: Company) -> None:
        self._company = company

    async def begin(self, visitor: Visitor, client: str) -> Begun | None:
        return Begun(device_code="d" * 43, user_code="BCDF-GHJK")

    async def poll(self, visitor: Visitor, secret: str) -> NotYet:
        return NotYet(error="authorization_pending")

    async def revoke(self, visitor: Visitor, token: str) -> None:
        return None

    async def page(self, visitor: Visitor) -> Outcome:
        if self._company.session(visitor) is None:
            return Outcome(step=AskFirstFactor())
        return Outcome(step=AskDeviceCode(user_name="ada"))

    async def look(self, visitor: Visitor, typed: str) -> Outcome:
        if typed != "BCDF-GHJK":
            return Outcome(step=AskDeviceCode(user_name="ada", given=typed, error=Reason.of("deviceCodeUnknown")))
        return Outcome(
            step=ConfirmDevice(
                user_name="ada",
                code=typed,
                client="assay on engine-room",
                user_agent="assay/0.1 (Linux)",
                address="198.51.100.7",
                own_address=visitor.address,
                asked_at=NOON,
                roles=("Global Administrator",),
                hours=12,
            )
        )

    async def answer(self, visitor: Visitor, typed: str, *, allow: bool) -> Outcome:
        return Outcome(step=DeviceAnswered(user_name="ada", allowed=allow))

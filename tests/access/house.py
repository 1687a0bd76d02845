"""Assay's flows composed as the server composes them, on a store, with a clock that a test moves."""

import re
import secrets
from base64 import b32decode
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import msgspec
from joserfc import jwt
from joserfc.jwk import KeySet

from assay.access.admission import Admission
from assay.access.attempt import By
from assay.access.built_in_apps import built_in_apps
from assay.access.check import Check
from assay.access.command_lines import CommandLines
from assay.access.enrol import Enrol
from assay.access.exchange import Allow, CheckAnswer, CheckRequest, Connection, Redirect
from assay.access.guessing import Guessing
from assay.access.help_desk import HelpDesk
from assay.access.live_sessions import LiveSessions
from assay.access.own_devices import OwnDevices
from assay.access.own_home import OwnHome
from assay.access.own_resets import OwnResets
from assay.access.own_sessions import OwnSessions
from assay.access.own_sign_ins import OwnSignIns
from assay.access.people import People, Welcome
from assay.access.premises import Addresses, Premises
from assay.access.protect_app import Apps
from assay.access.publish_policy import Policies
from assay.access.register_method import MethodRegistrar
from assay.access.resets import Resets
from assay.access.roles import Roles
from assay.access.sign_in import SignIn
from assay.access.signals import Signals
from assay.access.steps import ChooseMethods, ConfirmTotp, Enter, Outcome, ShowRecoveryCodes, Step
from assay.access.tickets import Tickets
from assay.access.verify_method import MethodVerifier
from assay.access.visitor import Destination, Visitor
from assay.apps import App
from assay.apps.reachability import Reach
from assay.events import Actor, DecisionLog
from assay.identities.guessing import GuessingLimits
from assay.identities.hashing import PasswordHashing
from assay.identities.methods.password import PasswordRules
from assay.identities.methods.reset import ResetSettings
from assay.identities.methods.totp import code_at, counter_at
from assay.sealing import Derivation, KeyPurpose
from assay.sealing.records.keys import load_signing_keys, rotate_signing_key
from assay.sealing.seal import KEY_BYTES, KEY_ID_BYTES, Keyring, new_master_key
from assay.sessions.session import SessionLimits
from assay.store import Store
from assay.values import SessionId, UserId
from tests.access.asked_once import AskedOnce

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
BY = By(actor=Actor.host(0, "root"))
PASSWORD = "a correct horse, a battery, a staple"
CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0 Safari/537.36"


class HandClock:
    """A clock that stands until the test moves it."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()

    def advance(self, **interval: float) -> None:
        self.at += timedelta(**interval)


class Person:
    """Somebody who has enrolled: a browser with a cookie, and what they know."""

    def __init__(self, house: "House", user_name: str) -> None:
        self.house = house
        self.user_name = user_name
        self.cookie = ""
        self.device = ""
        self.state = ""
        self.app_cookies: dict[str, str] = {}
        self.totp_secret = b""
        self.recovery_codes: tuple[str, ...] = ()
        self.address = "192.0.2.10"
        # From where apps see this person, where that is another address: IPv6 there, IPv4 at `id.`.
        self.address_at_apps = ""
        self.user_agent = CHROME

    @property
    def visitor(self) -> Visitor:
        return Visitor(
            cookie=self.cookie,
            address=self.address,
            port=50_000,
            user_agent=self.user_agent,
            device=self.device,
        )

    async def session_id(self) -> SessionId:
        """The id of this browser's session."""
        session = await self.house.sign_in.session(self.visitor)
        assert session is not None
        return session.id

    async def user_id(self) -> UserId:
        """The id of the person who is signed in."""
        session = await self.house.sign_in.session(self.visitor)
        assert session is not None
        return session.user_id

    def keep(self, outcome: Outcome) -> Outcome:
        """Take the cookie over, as a browser does."""
        if outcome.cookie is not None:
            self.cookie = outcome.cookie
        if outcome.device is not None:
            self.device = outcome.device
        return outcome

    def code(self) -> str:
        """What the authenticator app shows now."""
        return code_at(self.totp_secret, counter_at(self.house.clock.now()))

    async def password(self, password: str = PASSWORD, destination: Destination | None = None) -> Outcome:
        outcome = await self.house.sign_in.with_password(
            self.visitor, destination or Destination(), self.user_name, password
        )
        return self.keep(outcome)

    async def totp(self, code: str = "", destination: Destination | None = None) -> Outcome:
        outcome = await self.house.sign_in.with_totp(self.visitor, destination or Destination(), code or self.code())
        return self.keep(outcome)

    async def sign_in(self) -> None:
        """Password and code; a code is good once, so time moves on to the next."""
        self.house.clock.advance(seconds=60)
        await self.password()
        assert isinstance((await self.totp()).step, Enter)

    async def open(self, app: App, path: str = "/") -> CheckAnswer:
        """Open an app as a browser does: over the person's own pages and a ticket, if the app asks for it."""
        answer = await self.ask(app, path)
        if not isinstance(answer, Redirect) or "/continue?" not in answer.location:
            return answer
        step = await self.follow(answer)
        if not isinstance(step, Enter):
            return answer
        await self.enter(app, step)
        return await self.ask(app, path)

    async def follow(self, redirect: Redirect) -> Step:
        """Go where an app's host sends this browser: to the person's own pages."""
        query = dict(parse_qsl(urlsplit(redirect.location).query, strict_parsing=True))
        state = re.search(r"__Host-assay-state=([^;]+)", redirect.set_cookies[0])
        assert state is not None
        assert state[1] == query["state"]
        self.state = state[1]
        return self.keep(await self.house.sign_in.start(self.visitor, Destination(**query))).step

    async def enter(self, app: App, step: Enter) -> None:
        """Trade the ticket for the app's cookie."""
        ticket = step.location.partition("ticket=")[2]
        redeemed = await self.house.tickets.redeem(self.house.host(app), ticket, self.state, self.visitor)
        assert isinstance(redeemed, Redirect), redeemed
        cookie = re.search(r"__Host-assay-app=([^;]+)", redeemed.set_cookies[0])
        assert cookie is not None
        self.app_cookies[app.name] = cookie[1]

    async def ask(self, app: App, path: str = "/", *, method: str = "GET", navigation: bool = True) -> CheckAnswer:
        """One request to an app with the cookies of this browser."""
        mine = self.app_cookies.get(app.name, "")
        return await self.house.ask(
            CheckRequest(
                connection=Connection(peer_ip=self.address_at_apps or self.address, peer_port=50_000, number=1),
                method=method,
                host=self.house.host(app),
                path=path,
                cookie=f"theme=dark; __Host-assay-app={mine}" if mine else "theme=dark",
                accept="text/html" if navigation else "application/json",
                fetch_mode="navigate" if navigation else "cors",
                fetch_dest="document" if navigation else "empty",
                user_agent=self.user_agent,
            )
        )


class House:
    """One installation without its gateway."""

    def __init__(
        self,
        store: Store,
        clock: HandClock,
        *,
        limits: GuessingLimits = GuessingLimits(),  # noqa: B008  immutable
        hashing: PasswordHashing | None = None,
    ) -> None:
        """Each question to argon2 is asked once, unless `hashing` is the service's: where its time is the point."""
        self.store = store
        self.clock = clock
        self.keyring = Keyring(
            keys=(new_master_key(secrets.token_bytes(KEY_ID_BYTES + KEY_BYTES), at=clock.now()),),
            random=secrets.token_bytes,
        )
        self.derivation = Derivation(roots=(secrets.token_bytes(32),))
        self.addresses = Addresses(base="assay.localhost", port=8443)
        self.premises = Premises(
            store=store,
            clock=clock,
            random=secrets.token_bytes,
            addresses=self.addresses,
            keyring=lambda: self.keyring,
            derivation=lambda: self.derivation,
        )
        self.signals = Signals(built_in=built_in_apps(Path("/run/assay/console.sock")))
        self.sessions = LiveSessions(store)
        self.log = DecisionLog(store, clock=clock, random=secrets.token_bytes)
        self.hashing = hashing or AskedOnce(2)
        self.admission = Admission(self.premises, SessionLimits())
        self.guessing = Guessing(self.premises, limits)
        self.verifier = MethodVerifier(self.premises, self.hashing, self.guessing)
        self.sign_in = SignIn(
            self.premises,
            signals=self.signals,
            admission=self.admission,
            verifier=self.verifier,
            guessing=self.guessing,
        )
        self.enrol = Enrol(
            self.premises,
            signals=self.signals,
            admission=self.admission,
            registrar=MethodRegistrar(self.premises, self.verifier.relying_party, self.hashing, PasswordRules()),
            guessing=self.guessing,
            session=self.sign_in.session,
        )
        self.people = People(self.premises, self.guessing)
        self.roles = Roles(self.premises)
        self.resets = Resets(self.premises, ResetSettings())
        self.help_desk = HelpDesk(self.premises, signals=self.signals, resets=self.resets, session=self.sign_in.session)
        self.own_resets = OwnResets(self.premises, visit=self.sign_in.own_page)
        self.command_lines = CommandLines(
            self.premises,
            signals=self.signals,
            admission=self.admission,
            guessing=self.guessing,
            session=self.sign_in.session,
        )
        self.own_home = OwnHome(self.premises, signals=self.signals, visit=self.sign_in.own_page)
        self.own_sessions = OwnSessions(self.premises, signals=self.signals, visit=self.sign_in.own_page)
        self.own_devices = OwnDevices(self.premises, visit=self.sign_in.own_page)
        self.own_sign_ins = OwnSignIns(self.premises, visit=self.sign_in.own_page)
        self.apps = Apps(
            self.premises,
            look=lambda _upstream: Reach.DIRECTORY,
            is_ours=lambda upstream: upstream.port == self.addresses.port,
        )
        self.policies = Policies(self.premises)

    async def start(self) -> None:
        await self.signals.start(self.store)
        await self.store.write(
            lambda transaction: rotate_signing_key(transaction, KeyPurpose.ASSERTION, self.keyring, at=self.clock.now())
        )
        self.keys = await self.store.read(lambda reader: load_signing_keys(reader, self.keyring))
        self.tickets = Tickets(
            self.premises,
            signals=self.signals,
            admission=self.admission,
            repeated=self.guessing.repeated,
            jwks=lambda: self.jwks(KeyPurpose.ASSERTION),
        )
        self.check = Check(
            self.premises,
            signals=self.signals,
            sessions=self.sessions,
            assertion_key=lambda: self.keys.signer(KeyPurpose.ASSERTION, self.clock.now()),
            log=self.log,
        )

    def jwks(self, purpose: KeyPurpose) -> bytes:
        return msgspec.json.encode(self.keys.jwks(purpose))

    def host(self, app: App) -> str:
        return app.host(self.addresses.base)

    async def ask(self, request: CheckRequest) -> CheckAnswer:
        answer = self.check.decide(request)
        return answer if isinstance(answer, msgspec.Struct) else await answer

    async def person(self, user_name: str) -> Person:
        """Somebody new, enrolled by link with password, authenticator app and recovery codes; signed out."""
        welcome = await self.people.add(BY, user_name=user_name)
        assert isinstance(welcome, Welcome)
        return await self.enrolled(user_name, welcome.link.url)

    async def enrolled(self, user_name: str, url: str) -> Person:
        person = Person(self, user_name)
        code = url.rpartition("/")[2]
        assert isinstance(person.keep(await self.enrol.use(person.visitor, code)).step, ChooseMethods)
        kept = (await self.enrol.set_password(person.visitor, PASSWORD)).step
        assert isinstance(kept, ChooseMethods)
        assert [held.kind for held in kept.held] == ["password"]
        shown = (await self.enrol.begin_totp(person.visitor)).step
        assert isinstance(shown, ConfirmTotp)
        person.totp_secret = b32decode(shown.secret.replace(" ", ""))
        assert isinstance((await self.enrol.confirm_totp(person.visitor, person.code())).step, ChooseMethods)
        codes = (await self.enrol.recovery_codes(person.visitor)).step
        assert isinstance(codes, ShowRecoveryCodes)
        person.recovery_codes = codes.codes
        person.keep(await self.sign_in.sign_out(person.visitor))
        return person

    async def app(self, name: str, *, assigned: Sequence[str] = ()) -> App:
        """A protected app with these people assigned."""
        protected = await self.apps.protect(BY, f"unix:///run/{name}.sock", name=name)
        for user_name in assigned:
            await self.apps.assign(BY, name, user=user_name)
        return protected.app

    def claims(self, answer: CheckAnswer) -> dict[str, object]:
        """What the app learns from an allowed request, verified with the published keys."""
        assert isinstance(answer, Allow), answer
        token = dict(answer.headers)["Assay-Assertion"]
        keys = KeySet.import_key_set(msgspec.json.decode(self.jwks(KeyPurpose.ASSERTION)))
        return dict(jwt.decode(token, keys).claims)

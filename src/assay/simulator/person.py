"""A simulated person: enrols by the link, signs in as is asked, and uses apps, as browsers' forms would."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final, TypeVar

from assay.access.exchange import Allow, Redirect
from assay.access.steps import (
    AskAgain,
    AskFirstFactor,
    AskSecondFactor,
    ChooseMethods,
    ConfirmTotp,
    Enter,
    Outcome,
    PasskeyChallenge,
    ShowRecoveryCodes,
    Step,
)
from assay.access.visitor import Destination
from assay.apps import App
from assay.simulator.authenticator_app import current_code
from assay.simulator.browser import Browser, Jar
from assay.simulator.clock import CompanyClock
from assay.simulator.company import PlannedPerson
from assay.simulator.days import Act, Mishap
from assay.simulator.flows import Flows
from assay.simulator.names import WORDS_IN_PASSWORD, passphrase
from assay.simulator.software_authenticator import Passkey, new_passkey, register, sign
from assay.values import AssayError, Value

S = TypeVar("S", bound=Step)

# One of those that the spray tries; long enough for every rule, and in no list of leaked ones.
WEAK_PASSWORD: Final = "meridian-summer-2026"  # noqa: S105  that of a simulated person
WRONG_PASSWORD: Final = "spring-2026-again"  # noqa: S105  a mistake, no secret
THINKING: Final = timedelta(seconds=3)
# Proofs that one sign-in may ask for; whoever is asked for more gives up.
MOST_PROOFS: Final = 4
PASSKEY_NAME: Final = "Synced passkey"


class CompanyError(AssayError):
    """A flow refused what the company needs: the company is wrong, or the flow."""


class Knowledge(Value, frozen=True, kw_only=True):
    """What a person knows and holds, and the cookies of each device."""

    password: str = ""
    totp_secret: str = ""
    recovery_codes: tuple[str, ...] = ()
    passkey: Passkey | None = None
    jars: tuple[Jar, ...] = ()


class Person:
    """One person; the secrets are made when the methods are, unless they are known from before."""

    def __init__(
        self,
        planned: PlannedPerson,
        flows: Flows,
        clock: CompanyClock,
        random: Callable[[int], bytes],
        knows: Knowledge = Knowledge(),  # noqa: B008  immutable
    ) -> None:
        self.planned = planned
        self.password = knows.password
        self.totp_secret = knows.totp_secret
        self.recovery_codes = list(knows.recovery_codes)
        self.passkey = knows.passkey
        jars = knows.jars or (Jar(),) * len(planned.devices)
        self.browsers = tuple(
            Browser(flows, random, user_agent=device.user_agent, jar=jar)
            for device, jar in zip(planned.devices, jars, strict=True)
        )
        self._flows = flows
        self._clock = clock
        self._random = random

    @property
    def knows(self) -> Knowledge:
        return Knowledge(
            password=self.password,
            totp_secret=self.totp_secret,
            recovery_codes=tuple(self.recovery_codes),
            passkey=self.passkey,
            jars=tuple(browser.jar for browser in self.browsers),
        )

    async def enrol(self, link: str, *, address: str) -> None:
        """Open the one-time link, register everything that this person signs in with, and sign out."""
        browser, enrol = self.browsers[0], self._flows.enrol
        browser.be_at(address)
        opened = browser.keep(await enrol.use(browser.visitor, link.rpartition("/")[2]))
        _expect(opened, ChooseMethods, "opening the link")
        self.password = WEAK_PASSWORD if self.planned.weak else passphrase(self._random(WORDS_IN_PASSWORD))
        chosen = _expect(
            browser.keep(await enrol.set_password(browser.visitor, self.password)), ChooseMethods, "a password"
        )
        if chosen.error is not None:
            raise CompanyError(f"{self.planned.user_name}: {chosen.error.code}")
        self._think()
        shown = _expect(browser.keep(await enrol.begin_totp(browser.visitor)), ConfirmTotp, "the authenticator app")
        self.totp_secret = "".join(shown.secret.split())
        confirmed = browser.keep(await enrol.confirm_totp(browser.visitor, self._code()))
        _expect(confirmed, ChooseMethods, "the first code")
        if self.planned.passkey:
            await self._add_passkey(browser)
        self._think()
        codes = _expect(browser.keep(await enrol.recovery_codes(browser.visitor)), ShowRecoveryCodes, "recovery codes")
        self.recovery_codes = list(codes.codes)
        await self._sign_out(browser)

    async def act(self, act: Act, app: App) -> bool:
        """Open the app, sign in on the way where that is asked, look around; False where it did not open."""
        browser = self.browsers[act.device]
        browser.be_at(act.address)
        opened = await self.open(browser, app, act.mishap)
        if opened:
            for number in range(1, act.requests):
                await browser.ask(app, f"/page/{number}")
        if act.signs_out:
            await self._sign_out(browser)
        return opened

    async def open(self, browser: Browser, app: App, mishap: Mishap = Mishap.NONE) -> bool:
        """Ask for the app's first page, over `id.` where it sends us there."""
        answer = await browser.ask(app, "/")
        if isinstance(answer, Redirect):
            step = await self._prove(browser, *await browser.follow(answer), mishap)
            if not isinstance(step, Enter) or not await browser.enter(app, step):
                return False
            answer = await browser.ask(app, "/")
        return isinstance(answer, Allow)

    async def _prove(self, browser: Browser, step: Step, destination: Destination, mishap: Mishap) -> Step:
        """Give what is asked for until the flow is done, refuses, or asks for the same again."""
        for _ in range(MOST_PROOFS):
            match step:
                case AskFirstFactor(error=None):
                    outcome = await self._first(browser, destination, mishap)
                case AskAgain(error=None):
                    outcome = await self._first(browser, destination, Mishap.NONE)
                case AskSecondFactor(error=None):
                    outcome = await self._second(browser, step, destination, mishap)
                case _:
                    return step
            step = browser.keep(outcome)
            if outcome.retry_after is not None:
                return step
        return step

    async def _first(self, browser: Browser, destination: Destination, mishap: Mishap) -> Outcome:
        sign_in, name = self._flows.sign_in, self.planned.user_name
        self._think()
        if self.passkey is not None:
            return await self._by_passkey(browser, destination, self.passkey)
        if mishap is Mishap.WRONG_PASSWORD:
            browser.keep(await sign_in.with_password(browser.visitor, destination, name, WRONG_PASSWORD))
            self._think()
        return await sign_in.with_password(browser.visitor, destination, name, self.password)

    async def _second(
        self, browser: Browser, asked: AskSecondFactor, destination: Destination, mishap: Mishap
    ) -> Outcome:
        sign_in = self._flows.sign_in
        self._think()
        if asked.passkey and self.passkey is not None:
            return await self._by_passkey(browser, destination, self.passkey)
        if mishap is Mishap.WRONG_CODE:
            wrong = f"{(int(self._code()) + 500_000) % 1_000_000:06d}"
            browser.keep(await sign_in.with_totp(browser.visitor, destination, wrong))
            self._think()
        if mishap is Mishap.LOST_PHONE and self.recovery_codes:
            return await sign_in.with_recovery_code(browser.visitor, destination, self.recovery_codes.pop(0))
        return await sign_in.with_totp(browser.visitor, destination, self._code())

    async def _by_passkey(self, browser: Browser, destination: Destination, passkey: Passkey) -> Outcome:
        challenge = await self._flows.sign_in.passkey_options(browser.visitor)
        if isinstance(challenge, Outcome):
            return challenge
        signed = sign(passkey, challenge.options_json, origin=self._flows.addresses.id_origin)
        return await self._flows.sign_in.with_passkey(browser.visitor, destination, challenge.handle, signed)

    async def _add_passkey(self, browser: Browser) -> None:
        enrol = self._flows.enrol
        challenge = await enrol.passkey_options(browser.visitor)
        if not isinstance(challenge, PasskeyChallenge):
            raise CompanyError(f"{self.planned.user_name}: no passkey can be registered")
        made = new_passkey(self._random)
        self.passkey, answer = register(made, challenge.options_json, origin=self._flows.addresses.id_origin)
        added = browser.keep(await enrol.add_passkey(browser.visitor, challenge.handle, answer, PASSKEY_NAME))
        if _expect(added, ChooseMethods, "the passkey").error is not None:
            raise CompanyError(f"{self.planned.user_name}: the passkey was not accepted")

    async def _sign_out(self, browser: Browser) -> None:
        browser.keep(await self._flows.sign_in.sign_out(browser.visitor))
        browser.forget_session()

    def _code(self) -> str:
        return current_code(self.totp_secret, self._clock.now())

    def _think(self) -> None:
        self._clock.go_to(self._clock.now() + THINKING)


def _expect(step: Step, wanted: type[S], what: str) -> S:
    """The step as the one that must come here; raises CompanyError."""
    if not isinstance(step, wanted):
        raise CompanyError(f"{what} led to {type(step).__name__}")
    return step

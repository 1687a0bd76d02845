"""A simulated person: enrols by the link and signs in, as a browser's forms would."""

from base64 import urlsafe_b64encode
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Final, TypeVar

from assay.access.cookies import APP_COOKIE
from assay.access.exchange import Allow, CheckRequest, Connection, Redirect
from assay.access.steps import (
    AskAgain,
    AskSecondFactor,
    ChooseMethods,
    ConfirmTotp,
    Enter,
    Outcome,
    ShowRecoveryCodes,
    Step,
)
from assay.access.visitor import Destination, Visitor
from assay.apps import App
from assay.simulator.authenticator_app import current_code
from assay.simulator.clock import CompanyClock
from assay.simulator.company import PlannedPerson
from assay.simulator.days import Mishap, Visit
from assay.simulator.flows import Flows
from assay.simulator.names import WORDS_IN_PASSWORD, passphrase
from assay.values import AssayError

S = TypeVar("S", bound=Step)
STATE_OCTETS: Final = 32
WRONG_PASSWORD: Final = "spring-2026-again"  # noqa: S105  a mistake, no secret
THINKING: Final = timedelta(seconds=7)
EPHEMERAL_PORTS: Final = range(49_152, 65_536)


class CompanyError(AssayError):
    """A flow refused what the company needs: the company is wrong, or the flow."""


class Person:
    """One person with what this person knows and holds; the secrets are made when the methods are."""

    def __init__(self, planned: PlannedPerson, flows: Flows, clock: CompanyClock, random: Callable[[int], bytes]):
        self.planned = planned
        self.password = ""
        self.totp_secret = ""
        self.recovery_codes: list[str] = []
        self._flows = flows
        self._clock = clock
        self._random = random

    async def enrol(self, link: str, *, address: str, user_agent: str) -> None:
        """Open the one-time link and register password, authenticator app and recovery codes."""
        enrol = self._flows.enrol
        visitor = self._visitor("", address, user_agent)
        opened = await enrol.use(visitor, link.rpartition("/")[2])
        _expect(opened.step, ChooseMethods, "opening the link")
        visitor = self._visitor(opened.cookie or "", address, user_agent)
        self.password = passphrase(self._random(WORDS_IN_PASSWORD))
        chosen = _expect((await enrol.set_password(visitor, self.password)).step, ChooseMethods, "the password")
        if chosen.error is not None:
            raise CompanyError(f"{self.planned.user_name}: {chosen.error.code}")
        self._think()
        shown = _expect((await enrol.begin_totp(visitor)).step, ConfirmTotp, "the authenticator app")
        self.totp_secret = "".join(shown.secret.split())
        confirmed = await enrol.confirm_totp(visitor, self._code())
        _expect(confirmed.step, ChooseMethods, "the first code")
        self._think()
        codes = _expect((await enrol.recovery_codes(visitor)).step, ShowRecoveryCodes, "recovery codes")
        self.recovery_codes = list(codes.codes)
        await self._flows.sign_in.sign_out(visitor)

    async def visit(self, visit: Visit, apps: dict[str, App]) -> None:
        """Sign in for the first app, open the others, look around, perhaps sign out."""
        destinations = [(apps[name], self._destination(apps[name])) for name in visit.apps]
        visitor = self._visitor("", visit.address, visit.user_agent)
        outcome = await self._sign_in(visitor, destinations[0][1], visit.mishap)
        if not outcome.cookie:
            return  # disabled, or the wrong password to the end
        visitor = self._visitor(outcome.cookie, visit.address, visit.user_agent)
        for number, (app, destination) in enumerate(destinations):
            self._think()
            if number:
                outcome = await self._flows.sign_in.start(visitor, destination)
            if isinstance(outcome.step, Enter):
                await self._look_around(app, outcome.step.location, destination, visitor, visit.requests)
        if visit.signs_out:
            await self._flows.sign_in.sign_out(visitor)

    async def _sign_in(self, visitor: Visitor, destination: Destination, mishap: Mishap) -> Outcome:
        sign_in, name = self._flows.sign_in, self.planned.user_name
        if mishap is Mishap.WRONG_PASSWORD:
            await sign_in.with_password(visitor, destination, name, WRONG_PASSWORD)
            self._think()
        outcome = await sign_in.with_password(visitor, destination, name, self.password)
        if not outcome.cookie or not isinstance(outcome.step, AskSecondFactor | AskAgain):
            return outcome
        visitor = self._visitor(outcome.cookie, visitor.address, visitor.user_agent)
        self._think()
        if mishap is Mishap.WRONG_CODE:
            wrong = f"{(int(self._code()) + 500_000) % 1_000_000:06d}"
            await sign_in.with_totp(visitor, destination, wrong)
            self._think()
        if mishap is Mishap.LOST_PHONE and self.recovery_codes:
            return await sign_in.with_recovery_code(visitor, destination, self.recovery_codes.pop(0))
        return await sign_in.with_totp(visitor, destination, self._code())

    async def _look_around(
        self, app: App, ticket_location: str, destination: Destination, visitor: Visitor, requests: int
    ) -> None:
        """Trade the ticket for the app's cookie, then ask the gateway for some pages."""
        host = app.host(self._flows.addresses.base)
        ticket = ticket_location.rpartition("ticket=")[2]
        redeemed = await self._flows.tickets.redeem(host, ticket, destination.state, visitor)
        if not isinstance(redeemed, Redirect):
            raise CompanyError(f"{self.planned.user_name}: a ticket of {app.name} was not accepted")
        cookie = next(value for value in redeemed.set_cookies if value.startswith(f"{APP_COOKIE}="))
        connection = Connection(peer_ip=visitor.address, peer_port=visitor.port, number=visitor.port, sni=host)
        for number in range(requests):
            self._think()
            answer = self._flows.check.decide(
                CheckRequest(
                    connection=connection,
                    method="GET",
                    host=host,
                    path=f"/page/{number}" if number else "/",
                    cookie=cookie.partition(";")[0],
                    user_agent=visitor.user_agent,
                    fetch_mode="navigate",
                    fetch_dest="document",
                )
            )
            if isinstance(answer, Coroutine):
                answer = await answer
            if not isinstance(answer, Allow):
                return

    def _destination(self, app: App) -> Destination:
        state = urlsafe_b64encode(self._random(STATE_OCTETS)).decode().rstrip("=")
        return Destination(app=app.id, path="/", state=state)

    def _visitor(self, cookie: str, address: str, user_agent: str) -> Visitor:
        port = EPHEMERAL_PORTS[int.from_bytes(self._random(2)) % len(EPHEMERAL_PORTS)]
        return Visitor(cookie=cookie, address=address, port=port, user_agent=user_agent)

    def _code(self) -> str:
        return current_code(self.totp_secret, self._clock.now())

    def _think(self) -> None:
        self._clock.go_to(self._clock.now() + THINKING)


def _expect(step: Step, wanted: type[S], what: str) -> S:
    """The step as the one that must come here; raises CompanyError."""
    if not isinstance(step, wanted):
        raise CompanyError(f"{what} led to {type(step).__name__}")
    return step

"""A simulated browser: keeps cookies, goes where it is sent, asks the check; every page is a flow's answer."""

from collections.abc import Callable, Coroutine
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from msgspec import field

from assay.access.cookies import APP_COOKIE, STATE_COOKIE, read_cookies
from assay.access.exchange import CheckAnswer, CheckRequest, Connection, Redirect
from assay.access.steps import Enter, Outcome, Step
from assay.access.visitor import Destination, Visitor
from assay.apps import App
from assay.simulator.flows import Flows
from assay.values import Value

EPHEMERAL_PORTS: Final = range(49_152, 65_536)


class Jar(Value, frozen=True, kw_only=True):
    """The cookies of a browser: of `id.`, of the known device, of each app and what it set out with, by app name."""

    session: str = ""
    device: str = ""
    apps: dict[str, str] = field(default_factory=dict)
    states: dict[str, str] = field(default_factory=dict)


class Browser:
    """One browser at one address at a time."""

    def __init__(
        self,
        flows: Flows,
        random: Callable[[int], bytes],
        *,
        user_agent: str,
        jar: Jar = Jar(),  # noqa: B008  copied, never changed
    ) -> None:
        self.address = ""
        self.user_agent = user_agent
        self._flows = flows
        self._random = random
        self._session, self._device = jar.session, jar.device
        self._apps, self._states = dict(jar.apps), dict(jar.states)
        self._port = EPHEMERAL_PORTS[0]

    @property
    def jar(self) -> Jar:
        return Jar(session=self._session, device=self._device, apps=dict(self._apps), states=dict(self._states))

    @property
    def visitor(self) -> Visitor:
        """How the pages of `id.` see it."""
        return Visitor(
            cookie=self._session,
            address=self.address,
            port=self._port,
            user_agent=self.user_agent,
            device=self._device,
        )

    def be_at(self, address: str) -> None:
        """Connect anew from this address."""
        self.address = address
        self._port = EPHEMERAL_PORTS[int.from_bytes(self._random(2)) % len(EPHEMERAL_PORTS)]

    def keep(self, outcome: Outcome) -> Step:
        """Take over what the answer sets; the step that it shows."""
        self._session = self._session if outcome.cookie is None else outcome.cookie
        self._device = self._device if outcome.device is None else outcome.device
        return outcome.step

    def take(self, jar: Jar) -> None:
        """Use these cookies in place of one's own."""
        self._session, self._device = jar.session, jar.device
        self._apps, self._states = dict(jar.apps), dict(jar.states)

    def forget_session(self) -> None:
        """Signed out: the browser's own copies are gone."""
        self._session = ""
        self._apps.clear()

    async def ask(self, app: App, path: str) -> CheckAnswer:
        """Navigate to a page of the app."""
        cookies = [f"{APP_COOKIE}={self._apps[app.name]}"] if app.name in self._apps else []
        cookies += [f"{STATE_COOKIE}={self._states[app.name]}"] if app.name in self._states else []
        host = app.host(self._flows.addresses.base)
        answer = self._flows.check.decide(
            CheckRequest(
                connection=Connection(peer_ip=self.address, peer_port=self._port, number=self._port, sni=host),
                method="GET",
                host=host,
                path=path,
                cookie="; ".join(cookies),
                user_agent=self.user_agent,
                fetch_mode="navigate",
                fetch_dest="document",
            )
        )
        answer = await answer if isinstance(answer, Coroutine) else answer
        if isinstance(answer, Redirect):
            self._set(app, answer)
        return answer

    async def follow(self, redirect: Redirect) -> tuple[Step, Destination]:
        """Go to `id.`, where the app's host sends us."""
        destination = Destination(**dict(parse_qsl(urlsplit(redirect.location).query, strict_parsing=True)))
        return self.keep(await self._flows.sign_in.start(self.visitor, destination)), destination

    async def enter(self, app: App, step: Enter) -> bool:
        """Trade the ticket for the app's own cookie; False where it was not accepted."""
        ticket = step.location.rpartition("ticket=")[2]
        host = app.host(self._flows.addresses.base)
        redeemed = await self._flows.tickets.redeem(host, ticket, self._states.get(app.name, ""), self.visitor)
        if not isinstance(redeemed, Redirect):
            return False
        self._set(app, redeemed)
        return True

    def _set(self, app: App, redirect: Redirect) -> None:
        for header in redirect.set_cookies:
            ours = read_cookies(header.partition(";")[0]).ours
            if APP_COOKIE in ours:
                self._apps[app.name] = ours[APP_COOKIE]
            if STATE_COOKIE in ours:
                self._states[app.name] = ours[STATE_COOKIE]

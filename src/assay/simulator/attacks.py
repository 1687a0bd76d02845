"""Three attacks among fourteen days: a password spray, a stolen session, an insider who takes what is not nailed down.

Each goes through the doors that attackers go through; what becomes of it is the engine's answer, and in the log.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import Final

from assay.access.exchange import Allow, Redirect
from assay.access.steps import Enter
from assay.access.visitor import Destination
from assay.events import EventQuery
from assay.events.decision import DecisionId, short_code
from assay.events.records.search import content
from assay.simulator import offices
from assay.simulator.browser import Browser
from assay.simulator.company import PlannedPerson
from assay.simulator.days import Act
from assay.simulator.demo_info import DemoAttack
from assay.simulator.departments import ENGINEERING
from assay.simulator.person import WEAK_PASSWORD
from assay.simulator.scene import Moment, Scene

RENTED_LINUX: Final = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/131.0.0.0 Safari/537.36"
)
SOMEBODYS_WINDOWS: Final = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36"
)


class Attack(ABC):
    """One attack on one person; `since` is when it begins."""

    kind: str

    def __init__(self, scene: Scene, since: datetime) -> None:
        self.scene = scene
        self.since = since
        self.until = since

    @property
    @abstractmethod
    def target(self) -> PlannedPerson:
        """Whose account it is about."""

    @abstractmethod
    def moments(self) -> Iterator[Moment]:
        """What happens, in order; none later than a day after `since`."""

    @abstractmethod
    async def told(self) -> DemoAttack:
        """What happened, once it is over."""

    async def code(self, event: str, address: str) -> str:
        """The short code of the decision of the first such event about the target from this address, or ""."""
        query = EventQuery(code=event, since=self.since, text=address, limit=1_000)
        page = await self.scene.flows.log.search(query, user=self.target.user_name)
        for leaf in reversed(page.events):
            envelope = content(leaf)
            if envelope is not None and envelope.unmapped.decision is not None:
                return short_code(DecisionId(envelope.unmapped.decision.uid))
        return ""

    def after(self, **after: float) -> datetime:
        """This long after it began."""
        at = self.since + timedelta(**after)
        self.until = max(self.until, at)
        return at


class Spray(Attack):
    """One password, tried at many accounts from one machine, a little slower than people type."""

    kind = "passwordSpray"
    address = str(offices.RENTED[8])
    BEFORE, AFTER = 24, 20
    PAUSE = 43.0  # seconds
    GUESSED_CODES = ("000000", "123456", "112233")

    @property
    def target(self) -> PlannedPerson:
        return next(person for person in self.scene.company.people if person.weak)

    def moments(self) -> Iterator[Moment]:
        browser = Browser(self.scene.flows, self.scene.random, user_agent=RENTED_LINUX)
        browser.be_at(self.address)
        for number, name in enumerate(self.names()):
            yield Moment(at=self.after(seconds=number * self.PAUSE), happens=partial(self._try, browser, name))

    def names(self) -> tuple[str, ...]:
        """The accounts in the order in which they are tried."""
        company = self.scene.company
        others = [each.user_name for each in company.people if not each.weak and not each.leaves]
        shuffled = Random(f"{company.seed}/spray").sample(others, len(others))  # noqa: S311  who is tried, no secret
        before, after = shuffled[: self.BEFORE], shuffled[self.BEFORE : self.BEFORE + self.AFTER]
        return (*before, self.target.user_name, *after)

    async def _try(self, browser: Browser, name: str) -> None:
        sign_in = self.scene.flows.sign_in
        browser.forget_session()
        outcome = await sign_in.with_password(browser.visitor, Destination(), name, WEAK_PASSWORD)
        if outcome.cookie is None:
            return
        browser.keep(outcome)
        for code in self.GUESSED_CODES:
            browser.keep(await sign_in.with_totp(browser.visitor, Destination(), code))

    async def told(self) -> DemoAttack:
        code = await self.code("sign-in.interrupted", self.address)
        user = self.target.user_name
        return DemoAttack(
            kind=self.kind,
            title=f"one password at {len(self.names())} accounts: that of {user}, who was asked for a second factor",
            user=user,
            address=self.address,
            since=self.since,
            until=self.until,
            decision=code,
            look=(f"events search {self.address}", f"explain {code}", f"events search --user {user} --code sign-in."),
        )


class StolenSession(Attack):
    """All cookies of a laptop, used on another machine while their owner goes on working."""

    kind = "stolenSession"
    address = str(offices.RENTED[29])

    @property
    def target(self) -> PlannedPerson:
        company = self.scene.company
        return next(each for each in company.people if ENGINEERING in each.groups and not each.roles)

    def moments(self) -> Iterator[Moment]:
        thief = Browser(self.scene.flows, self.scene.random, user_agent=self._user_agent())
        for minutes, app in ((0.0, "designs"), (9.0, "wiki"), (21.0, "designs")):
            yield Moment(at=self.after(minutes=minutes), happens=partial(self._work, app))
        yield Moment(at=self.after(minutes=4), happens=partial(self._steal, thief), order=1)
        for minutes, app, pages in ((4.5, "designs", 40), (7.0, "files", 60), (12.0, "wiki", 25), (19.0, "files", 80)):
            yield Moment(at=self.after(minutes=minutes), happens=partial(self._use, thief, app, pages), order=2)

    def _user_agent(self) -> str:
        """Another platform than the owner's."""
        mine = self.target.devices[0].user_agent
        return RENTED_LINUX if "Windows" in mine else SOMEBODYS_WINDOWS

    async def _work(self, app: str) -> None:
        scene, target = self.scene, self.target
        address = offices.at_office(target.office, target.number)
        act = Act(at=scene.clock.now(), user_name=target.user_name, device=0, address=address, app=app, requests=5)
        await scene.people[target.user_name].act(act, scene.apps[app])

    async def _steal(self, thief: Browser) -> None:
        thief.take(self.scene.people[self.target.user_name].browsers[0].jar)
        thief.be_at(self.address)

    async def _use(self, thief: Browser, app_name: str, pages: int) -> None:
        """With what was stolen and nothing else: whatever more is asked for, the thief does not have."""
        app = self.scene.apps[app_name]
        answer = await thief.ask(app, "/")
        if isinstance(answer, Redirect):
            step, _ = await thief.follow(answer)
            if not isinstance(step, Enter) or not await thief.enter(app, step):
                return
            answer = await thief.ask(app, "/")
        if isinstance(answer, Allow):
            for number in range(1, pages):
                await thief.ask(app, f"/page/{number}")

    async def told(self) -> DemoAttack:
        code = await self.code("sign-in.", self.address)
        user = self.target.user_name
        return DemoAttack(
            kind=self.kind,
            title=f"the cookies of {user}, used from elsewhere while {user} went on working",
            user=user,
            address=self.address,
            since=self.since,
            until=self.until,
            decision=code,
            look=(f"events search {self.address}", f"explain {code}", f"events search --user {user}"),
        )


class Hoard(Attack):
    """Somebody who leaves the next day takes files along, from home, with everything that policies ask for."""

    kind = "insider"
    ROUNDS, PAGES = 70, 24
    PAUSE = 95.0  # seconds

    @property
    def address(self) -> str:
        return offices.at_home(self.target.number)

    @property
    def target(self) -> PlannedPerson:
        return next(person for person in self.scene.company.people if person.leaves)

    def moments(self) -> Iterator[Moment]:
        for number in range(self.ROUNDS):
            yield Moment(at=self.after(seconds=number * self.PAUSE), happens=self._fetch)

    async def _fetch(self) -> None:
        scene, target = self.scene, self.target
        act = Act(
            at=scene.clock.now(),
            user_name=target.user_name,
            device=0,
            address=self.address,
            app="files",
            requests=self.PAGES,
        )
        await scene.people[target.user_name].act(act, scene.apps["files"])

    async def told(self) -> DemoAttack:
        code = await self.code("sign-in.", self.address)
        user = self.target.user_name
        return DemoAttack(
            kind=self.kind,
            title=f"{self.ROUNDS * self.PAGES} files in an evening: {user}, whose account was closed the day after",
            user=user,
            address=self.address,
            since=self.since,
            until=self.until,
            decision=code,
            look=(f"events search --user {user}", f"explain {code}"),
        )


def attacks_of(scene: Scene, start: datetime) -> tuple[Attack, ...]:
    """The three attacks of a company whose first instant is `start`, all over on the day before its last."""
    days = scene.company.size.days
    midnight = start.replace(hour=0, minute=0, second=0, microsecond=0)

    def instant(day: int, **hours: float) -> datetime:
        return midnight + timedelta(days=day) + timedelta(**hours)

    return (
        Spray(scene, instant(max(1, days // 2), hours=21, minutes=10)),
        StolenSession(scene, _on_a_workday(instant(max(1, days - 4), hours=13, minutes=20), first=instant(1))),
        Hoard(scene, instant(days - 2, hours=19, minutes=32)),
    )


def _on_a_workday(at: datetime, *, first: datetime) -> datetime:
    """The same hour of this day, or of the Friday before where there is one."""
    earlier = at - timedelta(days=max(0, at.weekday() - 4))
    return earlier if earlier >= first else at

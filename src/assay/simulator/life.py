"""The company lives: what people, administrators and attackers do, one after the other, under the company's clock.

One thing at a time, and nothing that waits for the machine's own clock: equal seeds and equal random bytes make equal
logs, to the root of their tree.
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from assay.access.attempt import By
from assay.access.import_policies import ImportPlan
from assay.events import Actor
from assay.simulator.attacks import Attack, attacks_of
from assay.simulator.baseline import BaselineError, switch_on
from assay.simulator.clock import CompanyClock
from assay.simulator.company import Company, Size, plan_company
from assay.simulator.days import Act, plan_acts
from assay.simulator.flows import Flows
from assay.simulator.founding import REASON, Founding, done
from assay.simulator.past import Past
from assay.simulator.person import CompanyError, Person
from assay.simulator.scene import Moment, Scene
from assay.values import UserId

FIRST_HOUR: Final = 6
# As often as that, what a service does every few seconds: sessions end, counters are forgotten, the log is signed.
BEAT: Final = timedelta(minutes=30)
POLICIES_ON: Final = timedelta(days=1, hours=1)  # after the first instant: a day in report-only
LEAVING: Final = timedelta(hours=6)  # on the day before the last
TRIES_ON: Final = timedelta(hours=2)  # who has left sees that it is over
BEFORE, AFTER = -1, 1  # of what happens at the same instant

Say = Callable[[str], None]
Beat = Callable[[], Awaitable[None]]


def first_instant(present: datetime, days: int) -> datetime:
    """When the company's time begins, so that it has so many days behind it at this present."""
    return (present - timedelta(days=days)).replace(hour=FIRST_HOUR, minute=0, second=0, microsecond=0)


class Life:
    """One company's; `found` it or `resume` it, then let it `live`."""

    def __init__(
        self,
        company: Company,
        flows: Flows,
        clock: CompanyClock,
        *,
        random: Callable[[int], bytes],
        beat: Beat,
        past: Past | None = None,
    ) -> None:
        knows = past.people if past is not None else {}
        people = {
            planned.user_name: Person(planned, flows, clock, random, *filter(None, [knows.get(planned.user_name)]))
            for planned in company.people
        }
        self._scene = Scene(company=company, flows=flows, clock=clock, random=random, people=people, apps={})
        self._beat = beat
        self._start = past.start if past is not None else clock.now()
        self._until = past.until if past is not None else clock.now()
        self._told = past.attacks if past is not None else ()
        self._report = past.report if past is not None else None
        self._founded: tuple[By, ImportPlan] | None = None

    async def found(self, owner_link: str, upstreams: Mapping[str, str]) -> None:
        """Make everything; the company's first hours go by."""
        self._founded = await Founding(self._scene, upstreams).run(owner_link)
        self._until = self._scene.clock.now()

    async def resume(self, upstreams: Mapping[str, str]) -> None:
        """Take up the company as it is stored; an app that listens elsewhere now is moved, as administrators do."""
        flows, by = self._scene.flows, await self._by()
        for protected in await flows.apps.every():
            wanted = upstreams.get(protected.app.name, "")
            here = protected.app.upstream
            moves = bool(wanted) and (here is None or wanted != here.url)
            now = await flows.apps.edit(by, protected.app.name, upstream=wanted) if moves else protected
            self._scene.apps[now.app.name] = now.app

    async def live(self, until: datetime, say: Say) -> None:
        """Everything that happens up to an instant; says once a simulated day how far it is."""
        attacks = tuple(each for each in attacks_of(self._scene, self._start) if self._until < each.since <= until)
        moments = sorted(self._moments(attacks, until), key=lambda moment: (moment.at, moment.order))
        clock, day = self._scene.clock, self._until.date()
        for number, moment in enumerate(moments):
            if moment.at.date() != day:
                day = moment.at.date()
                say(f"{100 * number // len(moments):3} %: {day:%A %d %B}")
            # What came before may have lasted longer than it is to this; then it begins a little late.
            clock.go_to(max(moment.at, clock.now()))
            await moment.happens()
        clock.go_to(max(until, clock.now()))
        await self._beat()
        self._told += tuple([await attack.told() for attack in attacks])
        self._until = clock.now()

    @property
    def past(self) -> Past:
        """What is to be kept of it now; raises CompanyError before its policies are on."""
        if self._report is None:
            raise CompanyError("the company has not lived for a day yet")
        company = self._scene.company
        return Past(
            seed=company.seed,
            people_count=company.size.people,
            days=company.size.days,
            start=self._start,
            until=self._until,
            people={name: person.knows for name, person in self._scene.people.items()},
            attacks=self._told,
            report=self._report,
        )

    def _moments(self, attacks: tuple[Attack, ...], until: datetime) -> Iterator[Moment]:
        after, company = self._until, self._scene.company
        leaving = self._start + timedelta(days=company.size.days - 1) + LEAVING
        gone = {person.user_name for person in company.people if person.leaves}
        for act in plan_acts(company, after, until):
            if act.user_name in gone and act.at > leaving + TRIES_ON:
                continue
            yield Moment(at=act.at, happens=partial(self._act, act))
        for attack in attacks:
            yield from attack.moments()
        beat = after + BEAT
        while beat < until:
            yield Moment(at=beat, happens=self._beat, order=AFTER)
            beat += BEAT
        chores = (
            (self._start + POLICIES_ON, self._switch_on),
            (leaving, self._let_go),
        )
        for at, chore in chores:
            if after < at <= until:
                yield Moment(at=at, happens=chore, order=BEFORE)

    async def _act(self, act: Act) -> None:
        await self._scene.people[act.user_name].act(act, self._scene.apps[act.app])
        await self._scene.flows.kept()

    async def _switch_on(self) -> None:
        if self._founded is None:
            raise BaselineError("the policies of a company that goes on were switched on before")
        self._report = await switch_on(self._scene.flows, *self._founded)

    async def _let_go(self) -> None:
        """Who leaves can do nothing any more from that day's noon on."""
        by = await self._by()
        for person in self._scene.company.people:
            if person.leaves:
                done(await self._scene.flows.people.disable(by, person.user_name))

    async def _by(self) -> By:
        """The owner, as who administers."""
        name = self._scene.company.owner.user_name
        user = (await self._scene.flows.people.show(name)).user
        return By(actor=Actor.person(UserId(user.id), name), reason=REASON)


def company_of(past: Past) -> Company:
    """The company on paper that this past is of."""
    return plan_company(past.seed, Size(people=past.people_count, days=past.days))

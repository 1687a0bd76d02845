"""The company comes to life: its owner, groups, people, apps and policies, then its days, under the company's clock."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Final, TypeVar

from assay.access.attempt import By, NotDone
from assay.access.import_policies import ImportPlan
from assay.apps import App
from assay.events import Actor
from assay.simulator.baseline import (
    SERVICE_NETWORK,
    SERVICE_RANGES,
    ImportReport,
    import_baseline,
    switch_on,
)
from assay.simulator.clock import CompanyClock
from assay.simulator.company import Company, PlannedPerson
from assay.simulator.days import DAYS, OFFICE, USER_AGENTS, Visit, plan_days
from assay.simulator.flows import Flows
from assay.simulator.person import CompanyError, Person
from assay.values import Reason, UserId

T = TypeVar("T")
FIRST_HOUR: Final = 6
QUIET: Final = timedelta(minutes=15)  # between the last simulated act and the present
STEP: Final = timedelta(seconds=40)
POLICIES_ON: Final = timedelta(days=1, hours=7)  # after the first hour: a day in report-only
LEAVING: Final = timedelta(days=DAYS - 1, hours=12)

Say = Callable[[str], None]


def first_instant(now: datetime) -> datetime:
    """When the company's time begins, for a present of `now`."""
    return (now - timedelta(days=DAYS)).replace(hour=FIRST_HOUR, minute=0, second=0, microsecond=0)


class Life:
    """Drives the flows of one company; `upstreams` says where each app will listen."""

    def __init__(
        self,
        company: Company,
        flows: Flows,
        clock: CompanyClock,
        *,
        random: Callable[[int], bytes],
        upstreams: Mapping[str, str],
        say: Say,
    ) -> None:
        self.people = {planned.user_name: Person(planned, flows, clock, random) for planned in company.people}
        self.apps: dict[str, App] = {}
        self._company = company
        self._flows = flows
        self._clock = clock
        self._upstreams = upstreams
        self._say = say

    async def run(self, owner_link: str, present: datetime) -> ImportReport:
        """From the owner's one-time link to the present; what became of the policies."""
        start = self._clock.now()
        self._say("the owner enrols; groups, people and apps are made")
        by = await self._owner(owner_link)
        await self._groups(by)
        await self._people(by)
        await self._apps(by)
        plan = await self._policies(by)
        return await self._days(by, plan, start, present)

    async def _owner(self, link: str) -> By:
        planned = self._company.owner
        await self._enrol(planned, link)
        user = (await self._flows.people.search()).users[0]
        by = By(actor=Actor.person(UserId(user.id), planned.user_name), reason=Reason.of("companyFounded"))
        await self._flows.people.edit(
            by,
            user.id,
            user_name=planned.user_name,
            display_name=planned.display_name,
            email=planned.email,
        )
        return by

    async def _groups(self, by: By) -> None:
        for group in self._company.groups:
            await self._later(self._flows.groups.add(by, name=group.name, description=group.description))
            if group.inside:
                _done(await self._flows.groups.add_member(by, group.inside, group=group.name))

    async def _people(self, by: By) -> None:
        for planned in self._company.people:
            link = ""
            if not planned.owner:
                welcome = await self._flows.people.add(
                    by,
                    user_name=planned.user_name,
                    display_name=planned.display_name,
                    kind=planned.kind,
                    email=planned.email,
                )
                link = _done(welcome).link.url
            for group in planned.groups:
                _done(await self._flows.groups.add_member(by, group, user=planned.user_name))
            for role in planned.roles:
                await self._flows.roles.assign(by, role, user=planned.user_name)
            self._pass()
            if link:
                await self._enrol(planned, link)

    async def _apps(self, by: By) -> None:
        for planned in self._company.apps:
            protected = await self._flows.apps.protect(
                by,
                self._upstreams[planned.name],
                name=planned.name,
                display_name=planned.display_name,
                owner=self._company.owner.user_name,
            )
            self.apps[planned.name] = protected.app
            for group in planned.groups:
                await self._later(self._flows.apps.assign(by, planned.name, group=group))

    async def _policies(self, by: By) -> ImportPlan:
        _done(await self._flows.locations.add(by, name=SERVICE_NETWORK, ranges=SERVICE_RANGES, trusted=True))
        self._pass()
        return await import_baseline(self._flows, by)

    async def _days(self, by: By, plan: ImportPlan, start: datetime, present: datetime) -> ImportReport:
        """The visits, with what administrators do between them."""
        visits = plan_days(self._company, self._clock.now(), present - QUIET)
        self._say(f"{DAYS} days of work: {len(visits)} visits")
        before, after = _split(visits, start + POLICIES_ON)
        for visit in before:
            await self._visit(visit)
        self._go_to(start + POLICIES_ON)
        report = await switch_on(self._flows, by, plan)
        before, after = _split(after, start + LEAVING)
        for visit in before:
            await self._visit(visit)
        self._go_to(start + LEAVING)
        for person in self._company.people:
            if person.leaves:
                _done(await self._flows.people.disable(by, person.user_name))
        for visit in after:
            await self._visit(visit)
        return report

    async def _visit(self, visit: Visit) -> None:
        self._go_to(visit.at)
        await self.people[visit.user_name].visit(visit, self.apps)

    async def _enrol(self, planned: PlannedPerson, link: str) -> None:
        number = self._company.people.index(planned)
        person = self.people[planned.user_name]
        await person.enrol(link, address=OFFICE.format(10 + number), user_agent=USER_AGENTS[number % len(USER_AGENTS)])
        self._pass()

    async def _later(self, act: Awaitable[T]) -> T:
        self._pass()
        return await act

    def _pass(self) -> None:
        self._clock.go_to(self._clock.now() + STEP)

    def _go_to(self, at: datetime) -> None:
        """A visit may last longer than it is to the next one; then that one begins a little late."""
        self._clock.go_to(max(at, self._clock.now()))


def _split(visits: tuple[Visit, ...], at: datetime) -> tuple[tuple[Visit, ...], tuple[Visit, ...]]:
    return tuple(visit for visit in visits if visit.at < at), tuple(visit for visit in visits if visit.at >= at)


def _done(result: T | NotDone) -> T:
    """What a flow did; a refusal means that the company is wrong, not the person."""
    if isinstance(result, NotDone):
        raise CompanyError(f"the company cannot be made: {result.reason.code}")
    return result

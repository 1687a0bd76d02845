"""The company is founded: owner, groups, people, apps, networks and policies, as an administrator makes them."""

from collections.abc import Awaitable, Mapping
from datetime import timedelta
from typing import Final, TypeVar

from assay.access.attempt import By, NotDone
from assay.access.import_policies import ImportPlan
from assay.events import Actor
from assay.simulator import offices
from assay.simulator.baseline import import_baseline
from assay.simulator.company import PlannedPerson
from assay.simulator.person import CompanyError
from assay.simulator.scene import Scene
from assay.values import Reason, UserId

T = TypeVar("T")
STEP: Final = timedelta(seconds=20)
REASON: Final = Reason.of("companyFounded")


class Founding:
    """Drives the flows once; `upstreams` says where each app will listen."""

    def __init__(self, scene: Scene, upstreams: Mapping[str, str]) -> None:
        self._scene = scene
        self._flows = scene.flows
        self._company = scene.company
        self._upstreams = upstreams

    async def run(self, owner_link: str) -> tuple[By, ImportPlan]:
        """From the owner's one-time link on; who administers, and what the policies want."""
        by = await self._owner(owner_link)
        await self._groups(by)
        await self._people(by)
        await self._apps(by)
        await self._networks(by)
        return by, await import_baseline(self._flows, by)

    async def _owner(self, link: str) -> By:
        planned = self._company.owner
        await self._enrol(planned, link)
        user = (await self._flows.people.search()).users[0]
        by = By(actor=Actor.person(UserId(user.id), planned.user_name), reason=REASON)
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
                done(await self._flows.groups.add_member(by, group.inside, group=group.name))

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
                link = done(welcome).link.url
            for group in planned.groups:
                done(await self._flows.groups.add_member(by, group, user=planned.user_name))
            for role in planned.roles:
                await self._flows.roles.assign(by, role, user=planned.user_name)
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
            self._scene.apps[planned.name] = protected.app
            for group in planned.groups:
                await self._later(self._flows.apps.assign(by, planned.name, group=group))

    async def _networks(self, by: By) -> None:
        add = self._flows.locations.add
        for office in offices.OFFICES:
            ranges = (office.network, office.network6)
            done(await self._later(add(by, name=office.name, ranges=ranges, trusted=True)))
        done(await self._later(add(by, name=offices.VPN, ranges=offices.VPN_RANGES, trusted=True)))
        done(await add(by, name=offices.SERVICE_NETWORK, ranges=offices.SERVICE_RANGES, trusted=True))

    async def _enrol(self, planned: PlannedPerson, link: str) -> None:
        address = offices.at_office(planned.office, planned.number)
        await self._scene.people[planned.user_name].enrol(link, address=address)
        self._pass()

    async def _later(self, act: Awaitable[T]) -> T:
        self._pass()
        return await act

    def _pass(self) -> None:
        self._scene.clock.go_to(self._scene.clock.now() + STEP)


def done(result: T | NotDone) -> T:
    """What a flow did; a refusal means that the company is wrong, not the person."""
    if isinstance(result, NotDone):
        raise CompanyError(f"the company cannot be made: {result.reason.code}")
    return result

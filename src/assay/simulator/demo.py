"""A whole demo: its apps beside a running service, its company with a past, and what people need to look around."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from assay.access.premises import Addresses
from assay.places import Places
from assay.simulator.afresh import begin_afresh
from assay.simulator.baseline import ImportReport
from assay.simulator.clock import CompanyClock
from assay.simulator.company import Company, plan_company
from assay.simulator.demo_apps import DemoApps
from assay.simulator.demo_info import DemoApp, DemoInfo, DemoPerson, read_demo_info, write_private
from assay.simulator.flows import Flows
from assay.simulator.life import Life, Say, first_instant
from assay.values import Value

SEED: Final = 20_251_123
ADDRESS: Final = "127.0.0.1"


class Surroundings(Value, frozen=True, kw_only=True):
    """Where the service that the demo lives in keeps its things and can be reached."""

    places: Places
    addresses: Addresses
    ca_file: str

    @property
    def address(self) -> str:
        """What to connect to, ip:port."""
        return f"{ADDRESS}:{self.addresses.port}"


class Demo:
    """One demo; `clock` is to be given to the service, which must start on it."""

    def __init__(self, places: Places, *, keep: bool, say: Say, seed: int = SEED) -> None:
        """Raises AssayError where the data directory is no demo's."""
        self.kept = keep and places.demo_info.exists()
        if not self.kept:
            begin_afresh(places)
        self.company = plan_company(seed)
        self.clock = CompanyClock(first_instant(datetime.now(UTC)))
        if self.kept:
            self.clock.catch_up()
        self._places = places
        self._say = say
        self._apps: DemoApps | None = None

    async def start(
        self, around: Surroundings, flows: Flows, *, owner_link: str | None, random: Callable[[int], bytes]
    ) -> DemoInfo:
        """Start the apps and, unless it is kept, let the company live up to now; raises AssayError."""
        apps = self._apps = DemoApps(
            self._places.data / "apps",
            around.addresses,
            seed=self.company.seed,
            address=around.address,
            ca_file=Path(around.ca_file),
        )
        self._say("starting four apps: verify, datasette, marimo, files")
        starting = asyncio.create_task(apps.start())
        try:
            if owner_link is not None and not self.kept:
                await self._live(around, flows, owner_link, random, apps)
            await starting
        except BaseException:
            starting.cancel()
            await asyncio.gather(starting, return_exceptions=True)
            raise
        return read_demo_info(self._places.demo_info)

    async def stop(self) -> None:
        """End the apps."""
        if self._apps is not None:
            await self._apps.stop()

    async def _live(
        self,
        around: Surroundings,
        flows: Flows,
        owner_link: str,
        random: Callable[[int], bytes],
        apps: DemoApps,
    ) -> None:
        life = Life(self.company, flows, self.clock, random=random, upstreams=apps.upstreams, say=self._say)
        report = await life.run(owner_link, datetime.now(UTC))
        self.clock.catch_up()
        write_private(self._places.import_report, report)
        # Last, for it says that the company is complete.
        write_private(self._places.demo_info, describe(self.company, life, around))


def describe(company: Company, life: Life, around: Surroundings) -> DemoInfo:
    """The demo as it is after its last simulated day."""
    addresses = around.addresses
    return DemoInfo(
        url=f"{addresses.id_origin}/",
        address=around.address,
        ca_file=around.ca_file,
        people=tuple(
            DemoPerson(
                user=planned.user_name,
                password=life.people[planned.user_name].password,
                totp_secret=life.people[planned.user_name].totp_secret,
                groups=company.all_groups(planned),
                roles=planned.roles,
                name=planned.display_name,
                kind=planned.kind.value,
                enabled=not planned.leaves,
                recovery_codes=tuple(life.people[planned.user_name].recovery_codes),
            )
            for planned in company.people
        ),
        apps=tuple(
            DemoApp(name=app.name, url=f"{addresses.origin(addresses.app_host(app.name))}/") for app in company.apps
        ),
    )


def import_summary(report: ImportReport) -> str:
    """The import in one line."""
    return (
        f"{len(report.policies)} policies of {report.pack}: {report.enabled} on, "
        f"{len(report.policies) - report.enabled} report-only; {report.not_decided} hold parts that are not decided yet"
    )

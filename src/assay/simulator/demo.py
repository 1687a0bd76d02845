"""A whole demo: a company with a past, its apps beside a running service, and what people need to look around."""

from pathlib import Path
from typing import Final

from assay.access.premises import Addresses
from assay.places import Places
from assay.simulator.afresh import begin_afresh
from assay.simulator.baseline import ImportReport
from assay.simulator.company import Company, PlannedPerson, Size, plan_company
from assay.simulator.demo_apps import DemoApps
from assay.simulator.demo_info import DemoApp, DemoDevice, DemoInfo, DemoPerson, read_demo_info, write_private
from assay.simulator.past import Past
from assay.simulator.person import Knowledge
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
    """One demo in a data directory."""

    def __init__(self, places: Places, *, keep: bool, size: Size, seed: int = SEED) -> None:
        """Raises AssayError where the data directory is no demo's."""
        self.kept = keep and places.demo_info.exists()
        if not self.kept:
            begin_afresh(places)
        self.company = plan_company(seed, size)
        self._places = places
        self._apps: DemoApps | None = None

    async def start(self, around: Surroundings, past: Past | None) -> DemoInfo:
        """Start the apps, and describe the demo, unless it is kept; raises AssayError."""
        apps = self._apps = DemoApps(
            self._places.data / "apps",
            around.addresses,
            seed=self.company.seed,
            address=around.address,
            ca_file=Path(around.ca_file),
        )
        await apps.start()
        if past is not None:
            write_private(self._places.import_report, past.report)
            # Last, for it says that the company is complete.
            write_private(self._places.demo_info, describe(self.company, past, around))
        return read_demo_info(self._places.demo_info)

    async def stop(self) -> None:
        """End the apps."""
        if self._apps is not None:
            await self._apps.stop()


def describe(company: Company, past: Past, around: Surroundings) -> DemoInfo:
    """The demo as it is after its last simulated act."""
    addresses = around.addresses
    return DemoInfo(
        url=f"{addresses.id_origin}/",
        address=around.address,
        ca_file=around.ca_file,
        people=tuple(_person(company, planned, past.people[planned.user_name]) for planned in company.people),
        apps=tuple(
            DemoApp(name=app.name, url=f"{addresses.origin(addresses.app_host(app.name))}/") for app in company.apps
        ),
        attacks=past.attacks,
    )


def _person(company: Company, planned: PlannedPerson, knows: Knowledge) -> DemoPerson:
    return DemoPerson(
        user=planned.user_name,
        password=knows.password,
        totp_secret=knows.totp_secret,
        groups=company.all_groups(planned),
        roles=planned.roles,
        name=planned.display_name,
        kind=planned.kind.value,
        enabled=not planned.leaves,
        recovery_codes=knows.recovery_codes,
        office=planned.office.name,
        passkey=planned.passkey,
        devices=tuple(
            DemoDevice(platform=device.platform.value, user_agent=device.user_agent) for device in planned.devices
        ),
    )


def import_summary(report: ImportReport) -> str:
    """The import in one line."""
    return (
        f"{len(report.policies)} policies of {report.pack}: {report.enabled} on, "
        f"{len(report.policies) - report.enabled} report-only; {report.not_here} demand or name what is not here yet"
    )

"""The published policy baseline that the company lives by: read, mapped onto its groups, switched on step by step."""

import json
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final

import msgspec

from assay.access.attempt import By, NotDone
from assay.access.import_policies import ImportOptions, ImportPlan, PlannedPolicy
from assay.access.publish_policy import Imported
from assay.policy import PolicyState, SourceFile
from assay.simulator.departments import BREAK_GLASS, EXCLUSIONS, INTERNALS, SERVICE_ACCOUNTS
from assay.simulator.flows import Flows
from assay.simulator.offices import SERVICE_NETWORK
from assay.values import AssayError, Reason, Wire

PACK: Final = "j0eyv_ConditionalAccessBaseline"

# Groups of the pack by name, groups of the company by name; every other group there is an exclusion.
GROUPS: Final = {
    "APP_Microsoft365_E5": INTERNALS,
    "CA-ServiceAccounts": SERVICE_ACCOUNTS,
    "CA-BreakGlassAccounts - Exclude": BREAK_GLASS,
}
# Microsoft's apps and places that have a counterpart here.
OTHERS: Final = (
    ("MicrosoftAdminPortals", "Console"),
    ("14d82eec-204b-4c2f-b7e8-296a70dab67e", "API"),  # Microsoft Graph Command Line Tools
    ("2793995e-0a7d-40d7-bd35-6968ba142197", "Own pages"),  # My Apps
    ("1cc7e30b-f894-43a2-9da6-30aa7c085dda", SERVICE_NETWORK),  # a country there, addresses here
)
# Decided and wanted, and yet left in report-only; why, for the report.
HELD_BACK: Final = {
    "CA204": "it blocks Linux, and this demo is looked at from Linux too",
}


class BaselineError(AssayError):
    """The baseline could not be imported."""


class Missing(Wire, frozen=True, kw_only=True):
    """An id that a policy names and that nothing here answers to."""

    kind: str
    id: str
    path: str


class ReportedPolicy(Wire, frozen=True, kw_only=True):
    """What became of one policy: `wanted` in the pack, `state` here, and what stands between the two."""

    id: str
    name: str
    source: str
    wanted: PolicyState
    state: PolicyState
    undecided: tuple[str, ...]
    missing: tuple[Missing, ...]
    unenforced: tuple[str, ...] = ()
    held_back: str = ""


class ImportReport(Wire, frozen=True, kw_only=True):
    """The whole import, as `import-report.json`."""

    pack: str
    policies: tuple[ReportedPolicy, ...]
    locations: tuple[str, ...]
    unreadable: tuple[str, ...]
    ignored: tuple[str, ...]

    @property
    def enabled(self) -> int:
        return sum(policy.state is PolicyState.ENABLED for policy in self.policies)

    @property
    def not_here(self) -> int:
        """How many policies demand, or name, what does not exist here."""
        return sum(bool(policy.undecided or policy.unenforced or policy.missing) for policy in self.policies)


async def import_baseline(flows: Flows, by: By) -> ImportPlan:
    """Everything in report-only first, as one does; the plan says what the pack itself wants."""
    sources, mapping = read_pack()
    wanted = await flows.policies.import_files(by, sources, ImportOptions(mapping=mapping, dry_run=True))
    options = ImportOptions(mapping=mapping, state=PolicyState.REPORT_ONLY)
    _done(await flows.policies.import_files(by, sources, options))
    return _done(wanted).plan


async def switch_on(flows: Flows, by: By, plan: ImportPlan) -> ImportReport:
    """Switch on what the pack has on and this release decides."""
    policies = []
    for planned in plan.policies:
        held_back = HELD_BACK.get(planned.policy.display_name.partition("-")[0], "")
        state = PolicyState.REPORT_ONLY
        if planned.policy.state is PolicyState.ENABLED and not held_back:
            switched = await flows.policies.set_state(by, planned.policy.id, PolicyState.ENABLED)
            if isinstance(switched, NotDone):
                held_back = switched.reason.code
            else:
                state = switched.policy.state
        policies.append(_reported(planned, state, held_back))
    return ImportReport(
        pack=PACK,
        policies=tuple(sorted(policies, key=lambda policy: policy.name)),
        locations=tuple(each.location.display_name for each in plan.locations),
        unreadable=tuple(f"{each.source}: {each.path} {each.reason.code}" for each in plan.malformed),
        ignored=plan.ignored,
    )


def read_report(path: Path) -> ImportReport:
    """The report as it was kept; raises BaselineError."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=ImportReport)
    except (OSError, msgspec.MsgspecError) as error:
        raise BaselineError(f"{path} cannot be read: {error}", remedy="start the demo anew") from error


def read_pack() -> tuple[tuple[SourceFile, ...], tuple[tuple[str, str], ...]]:
    """The pack's files, and its ids mapped to names of the company."""
    config = files("assay.simulator").joinpath("packs", PACK, "Config")
    sources = tuple(
        SourceFile(name=f"{folder}/{file.name}", content=file.read_bytes())
        for folder in ("NamedLocations", "ConditionalAccess")
        for file in sorted(config.joinpath(folder).iterdir(), key=lambda file: file.name)
    )
    return sources, (*_groups(config.joinpath("MigrationTable.json")), *OTHERS)


def _groups(table: Traversable) -> tuple[tuple[str, str], ...]:
    objects = json.loads(table.read_text(encoding="utf-8-sig"))["Objects"]
    return tuple(
        (str(each["Id"]), GROUPS.get(str(each["DisplayName"]), EXCLUSIONS))
        for each in objects
        if each["Type"] == "Group"
    )


def _reported(planned: PlannedPolicy, state: PolicyState, held_back: str) -> ReportedPolicy:
    return ReportedPolicy(
        id=planned.policy.id,
        name=planned.policy.display_name,
        source=planned.source,
        wanted=planned.wanted,
        state=state,
        undecided=planned.undecided,
        unenforced=planned.unenforced,
        missing=tuple(Missing(kind=each.kind.value, id=each.id, path=each.path) for each in planned.dangling),
        held_back=held_back,
    )


def _done(imported: Imported | NotDone) -> Imported:
    refusal: Reason | None = imported.reason if isinstance(imported, NotDone) else imported.refusal
    if isinstance(imported, NotDone) or refusal is not None:
        raise BaselineError(f"the policy baseline was refused: {refusal.code if refusal else 'unknown'}")
    return imported

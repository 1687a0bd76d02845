"""/v1/identity/conditionalAccess/policies: Graph's path; definitions are Graph's JSON."""

from collections.abc import Sequence
from typing import Final

import msgspec
from litestar import delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from msgspec.structs import replace

from assay.access.attempt import By
from assay.access.import_policies import ImportOptions, ImportPlan, PlannedPolicy
from assay.access.publish_policy import Imported, Policies, PolicyDetails
from assay.api.errors import done
from assay.api.overriding import overriding
from assay.api.published import SECONDS, told
from assay.api.sentences import sentence
from assay.api.shapes.policies import (
    DanglingShape,
    FileReport,
    ImportedObjectShape,
    ImportedPolicyShape,
    ImportReport,
    ImportRequest,
    MalformedShape,
    MapShape,
    PolicyDetailsShape,
    PolicyList,
    PolicyShape,
    RemovedPolicy,
    StateChange,
)
from assay.policy import (
    DanglingReference,
    PolicyState,
    SourceFile,
    export_location,
    export_policy,
    export_strength,
)
from assay.values import InvalidInputError

BASE: Final = "/identity/conditionalAccess/policies"
# Four tenants' worth of exports, in base64.
IMPORT_LIMIT: Final = 32 * 1024 * 1024


@get(BASE)
async def list_policies(policies: NamedDependency[Policies]) -> PolicyList:
    """Every policy, with what keeps it from being switched on."""
    return PolicyList(value=tuple(map(policy_shape, await policies.every())))


@get(f"{BASE}/export")
async def export_policies(policies: NamedDependency[Policies]) -> msgspec.Raw:
    """Everything in force, as Graph's JSON in one `value` list: what an import reads back."""
    in_force = await policies.policy_set()
    objects = [
        *map(export_policy, in_force.policies),
        *map(export_location, in_force.locations),
        *map(export_strength, in_force.strengths),
    ]
    return msgspec.Raw(msgspec.json.encode({"value": objects}))


@post(f"{BASE}/import", status_code=200, request_max_body_size=IMPORT_LIMIT)
async def import_policies(
    data: JSONBody[ImportRequest], policies: NamedDependency[Policies], by: NamedDependency[By]
) -> ImportReport:
    """Read files and store what they hold, or say what would be done."""
    return await import_files(data, policies, by)


async def import_files(data: ImportRequest, policies: Policies, by: By, *, seconds: float = SECONDS) -> ImportReport:
    """The same for every API; raises InvalidInputError, and ChangeRefusedError where it would lock everybody out.

    `seconds`: for how long what is proved of it is waited for.
    """
    files = tuple(SourceFile(name=file.name, content=file.content, unreadable=file.unreadable) for file in data.files)
    options = ImportOptions(
        mapping=_mapping(data.map),
        waived=data.waive,
        state=None if data.state is None else state_of(data.state),
        dry_run=data.dry_run,
        roles_by_name=True,
    )
    imported = done(await policies.import_files(overriding(by, data.override), files, options))
    return replace(_report(imported, [file.name for file in files]), published=await told(by, seconds=seconds))


@get(f"{BASE}/{{name:str}}")
async def show_policy(name: FromPath[str], policies: NamedDependency[Policies]) -> PolicyDetailsShape:
    """One policy, by id or name."""
    found = await policies.show(name)
    definition = msgspec.Raw(msgspec.json.encode(export_policy(found.policy)))
    return PolicyDetailsShape(policy=policy_shape(found), definition=definition)


@post(f"{BASE}/{{name:str}}/state", status_code=200)
async def set_policy_state(
    name: FromPath[str], data: JSONBody[StateChange], policies: NamedDependency[Policies], by: NamedDependency[By]
) -> PolicyShape:
    """Switch a policy on, off or to report-only."""
    state = state_of(data.state)
    by = overriding(by, data.override)
    changed = done(await policies.set_state(by, name, state, mapping=_mapping(data.map), waived=data.waive))
    return replace(policy_shape(changed), published=await told(by))


@delete(f"{BASE}/{{name:str}}", status_code=200)
async def remove_policy(
    name: FromPath[str], policies: NamedDependency[Policies], by: NamedDependency[By], override: FromQuery[str] = ""
) -> RemovedPolicy:
    """Remove a policy; `override`: why it may break an invariant of the owner."""
    removed = done(await policies.remove(overriding(by, override), name))
    return RemovedPolicy(id=removed.id, display_name=removed.display_name, published=await told(by))


ROUTES: Final = (list_policies, export_policies, import_policies, show_policy, set_policy_state, remove_policy)


def _mapping(given: tuple[MapShape, ...]) -> tuple[tuple[str, str], ...]:
    return tuple((each.old, each.new) for each in given)


def state_of(text: str) -> PolicyState:
    """The state of this name; raises InvalidInputError."""
    try:
        return PolicyState(text)
    except ValueError:
        states = ", ".join(state.value for state in PolicyState)
        raise InvalidInputError(f"{text!r} is no state of a policy", remedy=f"use one of: {states}") from None


def dangling_shapes(found: tuple[DanglingReference, ...]) -> tuple[DanglingShape, ...]:
    """References to what does not exist here."""
    return tuple(DanglingShape(kind=each.kind.value, path=each.path, id=each.id) for each in found)


def policy_shape(details: PolicyDetails) -> PolicyShape:
    """A policy as lists of the command line have it."""
    return PolicyShape(
        id=details.policy.id,
        display_name=details.policy.display_name,
        state=details.policy.state.value,
        undecided=details.standing.undecided,
        dangling=dangling_shapes(details.standing.dangling),
        unenforced=details.standing.unenforced,
    )


def _report(imported: Imported, names: Sequence[str]) -> ImportReport:
    plan = imported.plan
    return ImportReport(
        stored=imported.stored,
        files=_files(plan, names),
        policies=tuple(
            ImportedPolicyShape(
                path=each.source,
                id=each.policy.id,
                display_name=each.policy.display_name,
                effect=each.effect.value,
                wanted_state=each.wanted.value,
                state=each.stored.state.value,
                undecided=each.undecided,
                dangling=dangling_shapes(each.dangling),
                unenforced=each.unenforced,
                rolling_out=each.rolling_out,
                refused=_refused(each),
                roles_by_name=each.roles,
            )
            for each in plan.policies
        ),
        others=_others(imported),
        malformed=tuple(
            MalformedShape(
                path=each.source, where=each.path, code=each.reason.code, parameters=dict(each.reason.parameters)
            )
            for each in plan.malformed
        ),
        ignored=plan.ignored,
        emergency=plan.emergency,
        refused=None if imported.refusal is None else sentence(imported.refusal)[0],
        refused_code=None if imported.refusal is None else imported.refusal.code,
    )


def _refused(planned: PlannedPolicy) -> str | None:
    return None if planned.refused is None else sentence(planned.refused)[0]


def _files(plan: ImportPlan, names: Sequence[str]) -> tuple[FileReport, ...]:
    """Every file that was given, in its order: what each policy of it came to, and each object that cannot be read."""
    rows: dict[str, list[FileReport]] = {name: [] for name in names}
    by_id = {each.policy.id: each for each in plan.policies}
    read = [(each.source, each) for each in plan.policies]
    for source, each in (*read, *((again.source, by_id[again.id]) for again in plan.repeated)):
        row = FileReport(
            path=source,
            policy=each.policy.display_name,
            undecided=each.undecided,
            unenforced=each.unenforced,
            rolling_out=each.rolling_out,
            refused=_refused(each),
        )
        rows[source].append(row)
    for bad in plan.malformed:
        told = "".join(f", {name} {value}" for name, value in bad.reason.parameters)
        where = f"{bad.path}: " if bad.path else ""
        rows[bad.source].append(FileReport(path=bad.source, malformed=f"{where}{bad.reason.code}{told}"))
    return tuple(row for name, of_file in rows.items() for row in of_file or [FileReport(path=name)])


def _others(imported: Imported) -> tuple[ImportedObjectShape, ...]:
    locations = tuple(
        ImportedObjectShape(
            kind="namedLocation",
            id=each.location.id,
            display_name=each.location.display_name,
            effect=each.effect.value,
            undecided=tuple(part.where for part in each.location.undecided),
        )
        for each in imported.plan.locations
    )
    strengths = tuple(
        ImportedObjectShape(
            kind="authenticationStrength",
            id=each.strength.id,
            display_name=each.strength.display_name,
            effect=each.effect.value,
            undecided=tuple(part.where for part in each.strength.undecided),
        )
        for each in imported.plan.strengths
    )
    return (*locations, *strengths)

"""/v1.0/identity/conditionalAccess: policies, named locations and strengths as Graph's JSON; importing them is ours."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

import msgspec
from litestar import Response, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from assay.access.attempt import By
from assay.access.authorize import Permission
from assay.access.publish_policy import Policies, PolicyDetails
from assay.api.errors import done
from assay.api.graph.asking import JSON, Asking, Rows, answers, link_of
from assay.api.routes.policies import IMPORT_LIMIT, import_files, state_of
from assay.api.shapes.policies import DanglingShape, ImportReport, ImportRequest
from assay.policy import export_location, export_policy, export_strength
from assay.policy.strengths import BUILT_IN
from assay.values import InvalidInputError, Wire

BASE: Final = "/identity/conditionalAccess"


class PolicyExtras(Wire, frozen=True, kw_only=True):
    """What keeps a policy from being switched on, how often it was changed, by whom last and when."""

    undecided: tuple[str, ...]
    dangling: tuple[DanglingShape, ...]
    version: int
    changed_by: str | None
    changed_date_time: datetime | None


class PolicyShape(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Graph's conditionalAccessPolicy, with everything else that its JSON has, and our extras."""

    id: str
    display_name: str
    state: str
    assay: PolicyExtras


class GraphObject(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Graph's namedLocation or authenticationStrengthPolicy."""

    id: str
    display_name: str


class StatePatch(Wire, frozen=True, kw_only=True):
    """The state to switch to: enabled, disabled or enabledForReportingButNotEnforced."""

    state: str


@get(f"{BASE}/policies", opt={"permission": Permission.POLICY_READ_ALL}, responses=answers(Rows[PolicyShape]))
async def list_policies(request: Asking, policies: NamedDependency[Policies]) -> Response[bytes]:
    """Every policy, by name."""
    return _list(request, map(_policy, await policies.every()), "policies")


@get(f"{BASE}/policies/{{name:str}}", opt={"permission": Permission.POLICY_READ_ALL}, responses=answers(PolicyShape))
async def show_policy(request: Asking, name: FromPath[str], policies: NamedDependency[Policies]) -> Response[bytes]:
    """One policy, by id or name."""
    return _one(request, _policy(await policies.show(name)))


@patch(
    f"{BASE}/policies/{{name:str}}",
    opt={"permission": Permission.POLICY_READ_WRITE_CONDITIONAL_ACCESS},
    responses=answers(PolicyShape),
)
async def change_policy(
    request: Asking,
    name: FromPath[str],
    data: JSONBody[StatePatch],
    policies: NamedDependency[Policies],
    by: NamedDependency[By],
) -> Response[bytes]:
    """Switch a policy on, off or to report-only; refused where it cannot be decided or would lock everybody out."""
    done(await policies.set_state(by, name, state_of(data.state)))
    return _one(request, _policy(await policies.show(name)))


@get(f"{BASE}/namedLocations", opt={"permission": Permission.POLICY_READ_ALL}, responses=answers(Rows[GraphObject]))
async def list_named_locations(request: Asking, policies: NamedDependency[Policies]) -> Response[bytes]:
    """Every named location."""
    in_force = await policies.policy_set()
    return _list(request, map(export_location, in_force.locations), "namedLocations")


@get(
    f"{BASE}/authenticationStrength/policies",
    opt={"permission": Permission.POLICY_READ_ALL},
    responses=answers(Rows[GraphObject]),
)
async def list_strengths(request: Asking, policies: NamedDependency[Policies]) -> Response[bytes]:
    """Every authentication strength, those that are built in first."""
    in_force = await policies.policy_set()
    built_in = ({**export_strength(strength), "policyType": "builtIn"} for strength in BUILT_IN.values())
    own = ({**export_strength(each), "policyType": "custom"} for each in in_force.strengths if each.id not in BUILT_IN)
    return _list(request, (*built_in, *own), "authenticationStrength/policies")


@post(
    "/assay/policies/import",
    status_code=200,
    request_max_body_size=IMPORT_LIMIT,
    opt={"permission": Permission.POLICY_READ_WRITE_CONDITIONAL_ACCESS},
)
async def import_policies(
    data: JSONBody[ImportRequest], policies: NamedDependency[Policies], by: NamedDependency[By]
) -> ImportReport:
    """Read exported files and store what they hold, or with `dryRun` say what would be done."""
    return await import_files(data, policies, by)


ROUTES: Final = (
    list_policies,
    show_policy,
    change_policy,
    list_named_locations,
    list_strengths,
    import_policies,
)


def _policy(details: PolicyDetails) -> dict[str, object]:
    dangling = details.standing.dangling
    extras = PolicyExtras(
        undecided=details.standing.undecided,
        dangling=tuple(DanglingShape(kind=each.kind.value, path=each.path, id=each.id) for each in dangling),
        version=details.version,
        changed_by=details.changed_by,
        changed_date_time=details.changed_at,
    )
    written = export_policy(details.policy)
    ours = written.get("assay")
    return {**written, "assay": {**(ours if isinstance(ours, dict) else {}), **msgspec.to_builtins(extras)}}


def _list(request: Asking, rows: Iterable[object], context: str) -> Response[bytes]:
    if request.query_params:
        raise InvalidInputError("this list takes no options", remedy="it is answered whole")
    shown = {"@odata.context": f"{link_of(request).root}/$metadata#{BASE[1:]}/{context}", "value": tuple(rows)}
    return Response(msgspec.json.encode(shown), media_type=JSON)


def _one(request: Asking, row: dict[str, object]) -> Response[bytes]:
    shown = {"@odata.context": f"{link_of(request).root}/$metadata#{BASE[1:]}/policies/$entity", **row}
    return Response(msgspec.json.encode(shown), media_type=JSON)

"""/v1.0/identity/conditionalAccess: policies, named locations and strengths as Graph's JSON; importing them is ours."""

from datetime import datetime
from typing import Final

import msgspec
from litestar import Response, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from assay.access.attempt import By
from assay.access.authorize import Permission
from assay.access.listed_policies import ListedPolicies, ListedPolicy, strength_type
from assay.access.publish_policy import Policies
from assay.api.errors import done
from assay.api.graph.asking import Asking, answers, entity_answer
from assay.api.graph.resource import Resource, Row
from assay.api.odata.options import TOP_LIMIT
from assay.api.odata.properties import EVERY_OPERATOR, Collection, Kind, Property, members_of
from assay.api.routes.policies import IMPORT_LIMIT, import_files, state_of
from assay.api.shapes.policies import DanglingShape, ImportReport, ImportRequest
from assay.policy import (
    AuthenticationStrengthPolicy,
    NamedLocation,
    PolicyState,
    export_location,
    export_policy,
    export_strength,
)
from assay.values import Wire
from assay.values.asking import Order

BASE: Final = "/identity/conditionalAccess"


class PolicyExtras(Wire, frozen=True, kw_only=True):
    """What keeps a policy from being switched on, its version, who made that and when, and all of it in one sentence.

    `unenforced`: demands that nobody can meet here, so that whoever they are about is refused.
    `affectedUsers`: enabled people it is about by its conditions on people, whatever its state; null where a part of
    these is not decided.
    """

    undecided: tuple[str, ...]
    dangling: tuple[DanglingShape, ...]
    unenforced: tuple[str, ...]
    version: int
    changed_by: str | None
    changed_date_time: datetime | None
    sentence: str
    affected_users: int | None


class PolicyShape(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Graph's conditionalAccessPolicy, with whatever else an import had, and our extras."""

    id: str
    template_id: str | None
    display_name: str
    description: str | None
    state: str
    conditions: dict[str, object]
    grant_controls: dict[str, object] | None
    session_controls: dict[str, object] | None
    assay: PolicyExtras


class LocationShape(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Graph's namedLocation: what it holds beside its name is that of its `@odata.type`."""

    odata_type: str = msgspec.field(name="@odata.type")
    id: str
    display_name: str
    is_trusted: bool | msgspec.UnsetType = msgspec.UNSET
    ip_ranges: tuple[dict[str, object], ...] | msgspec.UnsetType = msgspec.UNSET
    countries_and_regions: tuple[str, ...] | msgspec.UnsetType = msgspec.UNSET
    include_unknown_countries_and_regions: bool | msgspec.UnsetType = msgspec.UNSET
    country_lookup_method: str | msgspec.UnsetType = msgspec.UNSET
    compliant_network_type: str | msgspec.UnsetType = msgspec.UNSET


class StrengthShape(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Graph's authenticationStrengthPolicy."""

    odata_type: str = msgspec.field(name="@odata.type")
    id: str
    display_name: str
    policy_type: str
    allowed_combinations: tuple[str, ...]
    combination_configurations: tuple[dict[str, object], ...]


class StatePatch(Wire, frozen=True, kw_only=True):
    """The state to switch to: enabled, disabled or enabledForReportingButNotEnforced."""

    state: str


def _policy(listed: ListedPolicy) -> Row:
    details = listed.details
    extras = PolicyExtras(
        undecided=details.standing.undecided,
        dangling=tuple(
            DanglingShape(kind=each.kind.value, path=each.path, id=each.id) for each in details.standing.dangling
        ),
        unenforced=details.standing.unenforced,
        version=details.version,
        changed_by=details.changed_by,
        changed_date_time=details.changed_at,
        sentence=listed.sentence,
        affected_users=listed.affected,
    )
    written = export_policy(details.policy)
    ours = written.get("assay")
    return {**written, "assay": {**(ours if isinstance(ours, dict) else {}), **msgspec.to_builtins(extras)}}


def _strength(strength: AuthenticationStrengthPolicy) -> Row:
    return {**export_strength(strength), "policyType": strength_type(strength)}


def _location(location: NamedLocation) -> Row:
    return export_location(location)


POLICIES: Final = Resource(
    path=f"{BASE}/policies",
    permission=Permission.POLICY_READ_ALL,
    asked=Collection(
        name=f"{BASE[1:]}/policies",
        properties=(
            Property(path="id", field="id"),
            Property(path="displayName", field="name", folded=True, text_search=True, ordered=True),
            Property(path="state", field="state", spelled={each: each for each in PolicyState}, ordered=True),
            Property(
                path="assay/changedDateTime",
                field="changed_at",
                kind=Kind.INSTANT,
                operators=EVERY_OPERATOR,
                ordered=True,
            ),
        ),
        selectable=members_of(PolicyShape),
        order=Order(field="name"),
        key=(("id", Kind.TEXT),),
        top=TOP_LIMIT,
    ),
    shape=PolicyShape,
    words="Conditional Access policies, by name.",
    find=lambda graph, ask: graph.reading.policies.page(ask),
    show=_policy,
    one=lambda graph, name: graph.reading.policies.show(name),
    one_words="One policy, by id or name.",
)
LOCATIONS: Final = Resource(
    path=f"{BASE}/namedLocations",
    permission=Permission.POLICY_READ_ALL,
    asked=Collection(
        name=f"{BASE[1:]}/namedLocations",
        properties=(
            Property(path="id", field="id"),
            Property(path="displayName", field="name", folded=True, text_search=True, ordered=True),
            Property(path="isTrusted", field="trusted", kind=Kind.FLAG),
        ),
        selectable=members_of(LocationShape),
        order=Order(field="name"),
        key=(("id", Kind.TEXT),),
        top=TOP_LIMIT,
    ),
    shape=LocationShape,
    words="Named locations, by name.",
    find=lambda graph, ask: graph.reading.policies.locations(ask),
    show=_location,
)
STRENGTHS: Final = Resource(
    path=f"{BASE}/authenticationStrength/policies",
    permission=Permission.POLICY_READ_ALL,
    asked=Collection(
        name=f"{BASE[1:]}/authenticationStrength/policies",
        properties=(
            Property(path="id", field="id"),
            Property(path="displayName", field="name", folded=True, text_search=True, ordered=True),
            Property(
                path="policyType", field="type", spelled={each: each for each in ("builtIn", "custom")}, ordered=True
            ),
        ),
        selectable=members_of(StrengthShape),
        order=Order(field="type"),
        key=(("name", Kind.TEXT), ("id", Kind.TEXT)),
        top=TOP_LIMIT,
    ),
    shape=StrengthShape,
    words="Authentication strengths: those that are built in, then your own.",
    find=lambda graph, ask: graph.reading.policies.strengths(ask),
    show=_strength,
)


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
    listed_policies: NamedDependency[ListedPolicies],
    by: NamedDependency[By],
) -> Response[bytes]:
    """Switch a policy on, off or to report-only; refused where it cannot be decided or would lock everybody out."""
    changed = done(await policies.set_state(by, name, state_of(data.state)))
    return entity_answer(request, _policy(await listed_policies.show(changed.policy.id)), POLICIES.asked)


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


ROUTES: Final = (change_policy, import_policies)

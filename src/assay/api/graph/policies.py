"""/v1.0/identity/conditionalAccess/policies as Graph's JSON; importing them is ours."""

from datetime import datetime
from typing import Final

import msgspec
from litestar import Response, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from assay.access.attempt import By
from assay.access.authorize import Caller, Permission
from assay.access.listed_policies import ListedPolicies, ListedPolicy
from assay.access.publish_policy import Policies
from assay.access.seen_version import etag_of
from assay.api.errors import done
from assay.api.graph.asking import Asking, IfMatch, Override, answers, body_of, seen_of
from assay.api.graph.changes import BODY_LIMIT, WRITE, removing
from assay.api.graph.resource import Resource, Row
from assay.api.graph_answers import permitted_to_override
from assay.api.odata.options import TOP_LIMIT
from assay.api.odata.properties import EVERY_OPERATOR, Collection, Kind, Property, members_of
from assay.api.overriding import overriding
from assay.api.published import published_shape, wish_to_wait, with_effect
from assay.api.routes.policies import IMPORT_LIMIT, import_files, state_of
from assay.api.shapes.policies import DanglingShape, ImportReport, ImportRequest
from assay.api.shapes.published import PublishedShape
from assay.api.writing import Writing
from assay.policy import PolicyState, export_policy
from assay.policy.amended import own_part
from assay.policy.graph_json import is_noise
from assay.values import Wire
from assay.values.asking import Order

BASE: Final = "/identity/conditionalAccess"
STATE: Final = "microsoft.graph.conditionalAccessPolicyState"


class PolicyExtras(Wire, frozen=True, kw_only=True):
    """What keeps a policy from being switched on, its version, who made that and when, and all of it in one sentence.

    `unenforced`: demands that nobody can meet here, so that whoever they are about is refused.
    `affectedUsers`: enabled people it is about by its conditions on people, whatever its state; null where a part of
    these is not decided.
    `effect`: what became of who is let in by the last version and all that was published with it (tightens, loosens,
    notKnown); null where nothing of the policy decides, and in lists. `published`: what was proved of that.
    """

    undecided: tuple[str, ...]
    dangling: tuple[DanglingShape, ...]
    unenforced: tuple[str, ...]
    version: int
    changed_by: str | None
    changed_date_time: datetime | None
    sentence: str
    affected_users: int | None
    effect: str | None
    published: PublishedShape | None


class PolicyShape(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Graph's conditionalAccessPolicy, with whatever else an import had, and our extras."""

    id: str
    template_id: str | None
    display_name: str
    description: str | None
    created_date_time: datetime | None
    modified_date_time: datetime | None
    state: str
    conditions: dict[str, object]
    grant_controls: dict[str, object] | None
    session_controls: dict[str, object] | None
    assay: PolicyExtras


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
        effect=listed.told.effect,
        published=None if listed.told.published is None else published_shape(listed.told.published),
    )
    written = export_policy(details.policy)
    ours = written.get("assay")
    return {
        **written,
        "createdDateTime": details.created_at,
        # As at Graph: null until it is changed for the first time.
        "modifiedDateTime": details.changed_at if details.version > 1 else None,
        "assay": {**(ours if isinstance(ours, dict) else {}), **msgspec.to_builtins(extras)},
    }


POLICIES: Final = Resource(
    path=f"{BASE}/policies",
    permission=Permission.POLICY_READ_ALL,
    asked=Collection(
        name=f"{BASE[1:]}/policies",
        properties=(
            Property(path="id", field="id"),
            Property(path="displayName", field="name", folded=True, text_search=True, ordered=True),
            Property(
                path="state",
                field="state",
                spelled={each: each for each in PolicyState},
                enumeration=STATE,
                ordered=True,
            ),
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
        whole=True,
    ),
    shape=PolicyShape,
    words="Conditional Access policies, by name.",
    find=lambda graph, ask: graph.reading.policies.page(ask),
    show=_policy,
    one=lambda graph, name: graph.reading.policies.show(name),
    one_words="One policy, by id or name.",
    etag=lambda listed: etag_of(listed.details.policy),
)


@post(
    f"{BASE}/policies",
    status_code=201,
    request_max_body_size=BODY_LIMIT,
    opt=WRITE,
    responses=answers(PolicyShape, 201),
)
async def create_policy(
    request: Asking,
    data: JSONBody[dict[str, object]],
    writing: NamedDependency[Writing],
    listed_policies: NamedDependency[ListedPolicies],
    by: NamedDependency[By],
    override: Override = None,
) -> Response[bytes]:
    """Make a policy; what cannot be enabled is stored as report-only, and `assay` says why."""
    made = done(await writing.policies.create(by, await body_of(request)))
    shown = await listed_policies.show(made.policy.id)
    return await with_effect(request, by, POLICIES.answer(request, shown, created=made.policy.id))


@patch(
    f"{BASE}/policies/{{name:str}}",
    request_max_body_size=BODY_LIMIT,
    opt=WRITE,
    responses=answers(PolicyShape),
)
async def change_policy(
    request: Asking,
    name: FromPath[str],
    data: JSONBody[dict[str, object]],
    policies: NamedDependency[Policies],
    writing: NamedDependency[Writing],
    listed_policies: NamedDependency[ListedPolicies],
    by: NamedDependency[By],
    if_match: IfMatch = None,
    override: Override = None,
) -> Response[bytes]:
    """Change what the body names; `state` alone switches the policy, and is refused where an import would hold back."""
    body, seen = await body_of(request), seen_of(request)
    said = [(key.lower(), value) for key, value in own_part(body).items() if not is_noise(key)]
    if [key for key, _ in said] == ["state"]:
        changed = done(await policies.set_state(by, name, state_of(str(said[0][1])), seen=seen))
    else:
        changed = done(await writing.policies.amend(by, name, body, seen=seen))
    return await with_effect(request, by, POLICIES.answer(request, await listed_policies.show(changed.policy.id)))


remove_policy: Final = removing(
    POLICIES,
    lambda writing: writing.policies.remove,
    "Remove a policy; its versions stay, for the decisions that it was part of.",
)


@post(
    "/assay/policies/import",
    status_code=200,
    request_max_body_size=IMPORT_LIMIT,
    opt=WRITE,
)
async def import_policies(
    request: Asking,
    data: JSONBody[ImportRequest],
    policies: NamedDependency[Policies],
    caller: NamedDependency[Caller],
    by: NamedDependency[By],
) -> ImportReport:
    """Read exported files and store what they hold, or with `dryRun` say what would be done."""
    by = permitted_to_override(caller, overriding(by, data.override))
    return await import_files(data, policies, by, seconds=wish_to_wait(request))


ROUTES: Final = (create_policy, change_policy, remove_policy)
OWN_ROUTES: Final = (import_policies,)

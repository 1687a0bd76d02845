"""/v1.0/identity/conditionalAccess/deletedItems, as Graph's beta has it: policies and locations that were removed."""

from datetime import datetime
from typing import Final

import msgspec
from litestar import Response, delete, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from assay.access.attempt import By
from assay.access.authorize import Permission
from assay.access.deleted_locations import DeletedLocation
from assay.access.deleted_policies import DeletedPolicy
from assay.access.listed_policies import ListedPolicies
from assay.api.errors import done
from assay.api.graph.asking import Asking, Override, answers, nothing
from assay.api.graph.changes import WRITE
from assay.api.graph.named_locations import LOCATIONS, LocationShape
from assay.api.graph.policies import BASE, POLICIES, PolicyShape
from assay.api.graph.resource import Resource, Row
from assay.api.odata.options import TOP_LIMIT
from assay.api.odata.properties import EVERY_OPERATOR, Collection, Kind, Property, members_of
from assay.api.published import with_effect
from assay.api.writing import Writing
from assay.policy import export_location, export_policy
from assay.values.asking import Order

PATH: Final = f"{BASE}/deletedItems/policies"
LOCATIONS_PATH: Final = f"{BASE}/deletedItems/namedLocations"


_WHEN: Final = Property(
    path="deletedDateTime", field="deleted_at", kind=Kind.INSTANT, operators=EVERY_OPERATOR, ordered=True
)


class DeletedPolicyShape(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Graph's conditionalAccessPolicy as it was, and when it was removed."""

    id: str
    template_id: str | None
    display_name: str
    description: str | None
    state: str
    conditions: dict[str, object]
    grant_controls: dict[str, object] | None
    session_controls: dict[str, object] | None
    deleted_date_time: datetime


class DeletedLocationShape(LocationShape, frozen=True, kw_only=True, rename="camel"):
    """Graph's namedLocation as it was, and when it was removed."""

    deleted_date_time: datetime


def _deleted(found: DeletedPolicy) -> Row:
    return {**export_policy(found.policy), "deletedDateTime": found.at}


DELETED: Final = Resource(
    path=PATH,
    permission=Permission.POLICY_READ_ALL,
    asked=Collection(
        name=PATH[1:],
        properties=(
            Property(path="id", field="id"),
            Property(path="displayName", field="name", folded=True, text_search=True, ordered=True),
            _WHEN,
        ),
        selectable=members_of(DeletedPolicyShape),
        order=Order(field="deleted_at", descending=True),
        key=(("id", Kind.TEXT),),
        top=TOP_LIMIT,
        whole=True,
    ),
    shape=DeletedPolicyShape,
    words="Policies that were removed, the last first.",
    find=lambda graph, ask: graph.writing.deleted.page(ask),
    show=_deleted,
    one=lambda graph, name: graph.writing.deleted.show(name),
    one_words="One policy that was removed, by id.",
)


def _deleted_location(found: DeletedLocation) -> Row:
    return {**export_location(found.location), "deletedDateTime": found.at}


DELETED_LOCATIONS: Final = Resource(
    path=LOCATIONS_PATH,
    permission=Permission.POLICY_READ_ALL,
    asked=Collection(
        name=LOCATIONS_PATH[1:],
        properties=(*LOCATIONS.asked.properties, _WHEN),
        selectable=members_of(DeletedLocationShape),
        order=Order(field="deleted_at", descending=True),
        key=(("id", Kind.TEXT),),
        top=TOP_LIMIT,
        whole=True,
    ),
    shape=DeletedLocationShape,
    words="Named locations that were removed, the last first.",
    find=lambda graph, ask: graph.writing.deleted_locations.page(ask),
    show=_deleted_location,
    one=lambda graph, name: graph.writing.deleted_locations.show(name),
    one_words="One named location that was removed, by id.",
)


@post(f"{PATH}/{{name:str}}/restore", status_code=200, opt=WRITE, responses=answers(PolicyShape))
async def restore_policy(
    request: Asking,
    name: FromPath[str],
    writing: NamedDependency[Writing],
    listed_policies: NamedDependency[ListedPolicies],
    by: NamedDependency[By],
    override: Override = None,
) -> Response[bytes]:
    """Store a policy that was removed as it was, under its id; in report-only where something keeps it back."""
    restored = done(await writing.deleted.restore(by, name))
    shown = await listed_policies.show(restored.policy.id)
    return await with_effect(request, by, POLICIES.answer(request, shown))


@delete(f"{PATH}/{{name:str}}", status_code=204, opt=WRITE, responses=nothing())
async def delete_policy_for_good(
    name: FromPath[str], writing: NamedDependency[Writing], by: NamedDependency[By]
) -> None:
    """Have a policy that was removed no longer among these; its versions and the log stay."""
    await writing.deleted.forget(by, name)


@post(f"{LOCATIONS_PATH}/{{name:str}}/restore", status_code=200, opt=WRITE, responses=answers(LocationShape))
async def restore_location(
    request: Asking,
    name: FromPath[str],
    writing: NamedDependency[Writing],
    by: NamedDependency[By],
    override: Override = None,
) -> Response[bytes]:
    """Store a named location that was removed as it was, under its id."""
    restored = done(await writing.deleted_locations.restore(by, name))
    return await with_effect(request, by, LOCATIONS.answer(request, restored))


@delete(f"{LOCATIONS_PATH}/{{name:str}}", status_code=204, opt=WRITE, responses=nothing())
async def delete_location_for_good(
    name: FromPath[str], writing: NamedDependency[Writing], by: NamedDependency[By]
) -> None:
    """Have a named location that was removed no longer among these; the log stays."""
    await writing.deleted_locations.forget(by, name)


ROUTES: Final = (restore_policy, delete_policy_for_good, restore_location, delete_location_for_good)

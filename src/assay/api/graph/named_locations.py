"""/v1.0/identity/conditionalAccess/namedLocations as Graph's JSON, by address and by country."""

from typing import Final

import msgspec
from litestar import Response, delete, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from assay.access.attempt import By
from assay.access.authorize import Permission
from assay.access.seen_version import etag_of
from assay.api.errors import done
from assay.api.graph.asking import Asking, IfMatch, answers, body_of, seen_of
from assay.api.graph.policies import BASE, BODY_LIMIT
from assay.api.graph.resource import Resource
from assay.api.odata.options import TOP_LIMIT
from assay.api.odata.properties import Collection, Kind, Property, members_of
from assay.api.writing import Writing
from assay.policy import export_location
from assay.values.asking import Order

WRITE: Final = {"permission": Permission.POLICY_READ_WRITE_CONDITIONAL_ACCESS}


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
    show=export_location,
    one=lambda graph, name: graph.reading.policies.location(name),
    one_words="One named location, by id or name.",
    etag=etag_of,
)


@post(
    f"{BASE}/namedLocations",
    status_code=201,
    request_max_body_size=BODY_LIMIT,
    opt=WRITE,
    responses=answers(LocationShape, 201),
)
async def create_location(
    request: Asking, data: JSONBody[dict[str, object]], writing: NamedDependency[Writing], by: NamedDependency[By]
) -> Response[bytes]:
    """Make a named location of the kind that `@odata.type` names."""
    made = done(await writing.locations.create(by, await body_of(request)))
    return LOCATIONS.answer(request, made, created=made.id)


@patch(
    f"{BASE}/namedLocations/{{name:str}}",
    request_max_body_size=BODY_LIMIT,
    opt=WRITE,
    responses=answers(LocationShape),
)
async def change_location(
    request: Asking,
    name: FromPath[str],
    data: JSONBody[dict[str, object]],
    writing: NamedDependency[Writing],
    by: NamedDependency[By],
    if_match: IfMatch = None,
) -> Response[bytes]:
    """Change what the body names; the kind of a location stays."""
    changed = await writing.locations.amend(by, name, await body_of(request), seen=seen_of(request))
    return LOCATIONS.answer(request, done(changed))


@delete(f"{BASE}/namedLocations/{{name:str}}", status_code=204, opt=WRITE)
async def remove_location(
    request: Asking,
    name: FromPath[str],
    writing: NamedDependency[Writing],
    by: NamedDependency[By],
    if_match: IfMatch = None,
) -> None:
    """Remove a named location; refused while a policy names it."""
    done(await writing.locations.remove(by, name, seen=seen_of(request)))


ROUTES: Final = (create_location, change_location, remove_location)

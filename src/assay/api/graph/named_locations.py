"""/v1.0/identity/conditionalAccess/namedLocations as Graph's JSON, by address and by country."""

from typing import Final

import msgspec

from assay.access.authorize import Permission
from assay.access.seen_version import etag_of
from assay.api.graph.changes import changing, making, removing
from assay.api.graph.policies import BASE
from assay.api.graph.resource import Resource
from assay.api.odata.options import TOP_LIMIT
from assay.api.odata.properties import Collection, Kind, Property, members_of
from assay.policy import export_location
from assay.values.asking import Order


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
        whole=True,
    ),
    shape=LocationShape,
    words="Named locations, by name.",
    find=lambda graph, ask: graph.reading.policies.locations(ask),
    show=export_location,
    one=lambda graph, name: graph.reading.policies.location(name),
    one_words="One named location, by id or name.",
    etag=etag_of,
)


ROUTES: Final = (
    making(
        LOCATIONS,
        lambda writing: writing.locations.create,
        lambda made: made.id,
        "Make a named location of the kind that `@odata.type` names.",
    ),
    changing(
        LOCATIONS,
        lambda writing: writing.locations.amend,
        "Change what the body names; the kind of a location stays.",
    ),
    removing(
        LOCATIONS, lambda writing: writing.locations.remove, "Remove a named location; refused while a policy names it."
    ),
)

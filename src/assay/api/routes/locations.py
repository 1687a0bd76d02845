"""/v1/identity/conditionalAccess/namedLocations: Graph's path."""

from typing import Final

from litestar import delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from msgspec.structs import replace

from assay.access.attempt import By
from assay.access.named_locations import NamedLocations
from assay.api.errors import done
from assay.api.overriding import overriding
from assay.api.published import told
from assay.api.shapes.locations import LocationChange, LocationList, LocationShape, NewLocation
from assay.policy import NamedLocation

BASE: Final = "/identity/conditionalAccess/namedLocations"


@get(BASE)
async def list_locations(locations: NamedDependency[NamedLocations]) -> LocationList:
    """Every named location."""
    return LocationList(value=tuple(map(_location, await locations.every())))


@post(BASE, status_code=201)
async def add_location(
    data: JSONBody[NewLocation], locations: NamedDependency[NamedLocations], by: NamedDependency[By]
) -> LocationShape:
    """Add a named location."""
    by = overriding(by, data.override)
    added = await locations.add(by, name=data.display_name, ranges=data.ranges, trusted=data.is_trusted)
    return replace(_location(done(added)), published=await told(by))


@get(f"{BASE}/{{name:str}}")
async def show_location(name: FromPath[str], locations: NamedDependency[NamedLocations]) -> LocationShape:
    """One named location, by id or name."""
    return _location(await locations.show(name))


@patch(f"{BASE}/{{name:str}}")
async def edit_location(
    name: FromPath[str],
    data: JSONBody[LocationChange],
    locations: NamedDependency[NamedLocations],
    by: NamedDependency[By],
) -> LocationShape:
    """Replace ranges or trust."""
    by = overriding(by, data.override)
    edited = done(await locations.edit(by, name, ranges=data.ranges, trusted=data.is_trusted))
    return replace(_location(edited), published=await told(by))


@delete(f"{BASE}/{{name:str}}", status_code=200)
async def remove_location(
    name: FromPath[str],
    locations: NamedDependency[NamedLocations],
    by: NamedDependency[By],
    override: FromQuery[str] = "",
) -> LocationShape:
    """Remove a named location; `override`: why it may break an invariant of the owner."""
    removed = done(await locations.remove(overriding(by, override), name))
    return replace(_location(removed), published=await told(by))


ROUTES: Final = (list_locations, add_location, show_location, edit_location, remove_location)


def _location(location: NamedLocation) -> LocationShape:
    return LocationShape(
        id=location.id,
        display_name=location.display_name,
        is_trusted=location.is_trusted,
        ranges=location.ranges,
        undecided=tuple(part.where for part in location.undecided),
    )

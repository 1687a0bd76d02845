"""Named locations, as administrators add, list, change and remove them."""

from collections.abc import Callable
from typing import Final

from msgspec.structs import replace

from assay.access.attempt import By, NotDone, UndoneError, attempt
from assay.access.premises import Premises
from assay.access.publication import Change, publish
from assay.access.seen_version import WHATEVER, Seen
from assay.access.signals import read_policy_set
from assay.events.types import LOCATION_CHANGED
from assay.governance.records import rollouts
from assay.network.records import locations
from assay.policy import NamedLocation, export_location
from assay.policy.amended import amended, own_part
from assay.policy.condition_set import Locations
from assay.policy.graph_json import Json, JsonObject, MalformedError, Node
from assay.policy.importers.locations import read_location
from assay.policy.location_table import parse_range
from assay.store import Reader, Transaction
from assay.values import ConflictError, InvalidInputError, LocationId, NotFoundError, Reason
from assay.values.naming import by_id_or_name

MAX_NAME = 256
MAX_RANGES = 2_000  # Graph's limit of an ipNamedLocation


class NamedLocations:
    """The flow behind `assay locations`."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises

    async def every(self) -> tuple[NamedLocation, ...]:
        """All named locations, by name."""
        return await self._premises.store.read(locations.every)

    async def show(self, name: str) -> NamedLocation:
        """One location by id or name; raises NotFoundError."""
        return await self._premises.store.read(lambda reader: location_named(reader, name))

    async def add(
        self, by: By, *, name: str, ranges: tuple[str, ...], trusted: bool = False
    ) -> NamedLocation | NotDone:
        """Add a location of CIDR networks or `lower-upper` ranges; raises InvalidInputError or ConflictError."""
        location = NamedLocation(
            id=LocationId(self._premises.new_id()),
            display_name=_name(name),
            is_trusted=trusted,
            ranges=_ranges(ranges),
        )

        return await self._add(by, location)

    async def create(self, by: By, body: Json) -> NamedLocation | NotDone:
        """Add a location as Graph's namedLocation; raises MalformedError with the place of what is wrong."""
        return await self._add(by, _read({**own_part(body), "id": self._premises.new_id()}))

    async def amend(self, by: By, name: str, body: Json, *, seen: Seen = WHATEVER) -> NamedLocation | NotDone:
        """Change what the body names of a location; raises as `create`, and NotFoundError."""
        part = own_part(body)

        def amend(transaction: Transaction) -> NamedLocation:
            before = location_named(transaction, name)
            seen.refuse_other(before)
            after = _read({**amended(export_location(before), part), **_kind(body)})
            if _kinds(before) and _kinds(after) != _kinds(before):
                raise MalformedError(("@odata.type",), "oneKindOfLocation")
            refuse_taken(transaction, after)
            publish(self._premises, transaction, by, (Change(kind=LOCATION_CHANGED, before=before, after=after),))
            return after

        return await attempt(self._premises.store, amend)

    async def _add(self, by: By, location: NamedLocation) -> NamedLocation | NotDone:
        def add(transaction: Transaction) -> NamedLocation:
            refuse_taken(transaction, location)
            publish(self._premises, transaction, by, (Change(kind=LOCATION_CHANGED, after=location),))
            return location

        return await attempt(self._premises.store, add)

    async def edit(
        self, by: By, name: str, *, ranges: tuple[str, ...] | None = None, trusted: bool | None = None
    ) -> NamedLocation | NotDone:
        """Replace the ranges of a location, or its trust; raises InvalidInputError or NotFoundError."""
        given = None if ranges is None else _ranges(ranges)

        def edit(transaction: Transaction) -> NamedLocation:
            before = location_named(transaction, name)
            after = replace(
                before,
                is_trusted=before.is_trusted if trusted is None else trusted,
                ranges=before.ranges if given is None else given,
            )
            publish(self._premises, transaction, by, (Change(kind=LOCATION_CHANGED, before=before, after=after),))
            return after

        return await attempt(self._premises.store, edit)

    async def remove(self, by: By, name: str, *, seen: Seen = WHATEVER) -> NamedLocation | NotDone:
        """Remove a location; refused while a policy names it, because its meaning would change unseen.

        Refused as well while it is trusted (D NET): it is not named by its own name then, but by `AllTrusted`.
        """

        def remove(transaction: Transaction) -> NamedLocation:
            now = read_policy_set(transaction)
            location = location_named(transaction, name)
            seen.refuse_other(location)
            users = [
                policy.display_name
                for policy in (*now.policies, *rollouts.going_back_to(transaction))
                if location.id in _named(policy.conditions.locations)
            ]
            if users:
                raise UndoneError(Reason.of("locationInUse", policies=", ".join(dict.fromkeys(users))))
            if location.is_trusted and location.ranges:
                raise UndoneError(Reason.of("locationTrusted"))
            publish(self._premises, transaction, by, (Change(kind=LOCATION_CHANGED, before=location),))
            return location

        return await attempt(self._premises.store, remove)


def _name(text: str) -> str:
    name = text.strip()
    if not name or len(name) > MAX_NAME or not name.isprintable():
        raise InvalidInputError(f"a location's name has 1 to {MAX_NAME} printable characters")
    return name


def _ranges(given: tuple[str, ...]) -> tuple[str, ...]:
    if not given or len(given) > MAX_RANGES:
        raise InvalidInputError(f"a location has 1 to {MAX_RANGES} address ranges", remedy="use --range 192.0.2.0/24")
    for text in given:
        try:
            parse_range(text)
        except ValueError:
            raise InvalidInputError(
                f"{text!r} is no range of addresses", remedy="use 192.0.2.0/24 or 192.0.2.1-192.0.2.9"
            ) from None
    return tuple(dict.fromkeys(given))


def refuse_taken(transaction: Transaction, location: NamedLocation) -> None:
    """Raises ConflictError where another location has this name."""
    wanted = location.display_name.casefold()
    for each in locations.every(transaction):
        if each.display_name.casefold() == wanted and each.id != location.id:
            raise ConflictError(f"there is a location {location.display_name!r} already", remedy="choose another name")


def _kind(body: Json) -> JsonObject:
    """The `@odata.type` that a body names; a change must not make another kind of location."""
    return {key: value for key, value in body.items() if key == "@odata.type"} if isinstance(body, dict) else {}


# By the end of `@odata.type`: what a location of this kind has, and no other.
_KINDS: Final[dict[str, Callable[[NamedLocation], object]]] = {
    "ipNamedLocation": lambda location: location.ranges,
    "countryNamedLocation": lambda location: location.countries,
    "compliantNetworkNamedLocation": lambda location: location.compliant_network,
}


def _kinds(location: NamedLocation) -> list[str]:
    return [kind for kind, has in _KINDS.items() if has(location)]


def _read(value: JsonObject) -> NamedLocation:
    """A location of one kind, nothing of it unknown here: what nobody can tell would include everybody."""
    location = read_location(Node(value, (), []))
    for part in location.undecided:
        raise MalformedError(part.path, "unknownKey")
    _name(location.display_name)
    kinds = _kinds(location)
    named = str(value.get("@odata.type") or "").rpartition(".")[2]
    if len(kinds) != 1 or (named and named.casefold() != kinds[0].casefold()):
        raise MalformedError(("@odata.type",), "oneKindOfLocation")
    return location


def _named(conditions: Locations | None) -> tuple[str, ...]:
    return () if conditions is None else (*conditions.include_locations, *conditions.exclude_locations)


def location_named(reader: Reader, name: str) -> NamedLocation:
    """The location with this id or name; raises NotFoundError."""
    every = locations.every(reader)
    found = by_id_or_name(every, name, id_of=lambda each: each.id, name_of=lambda each: each.display_name)
    if found is not None:
        return found
    raise NotFoundError(f"there is no location {name!r}", remedy="list locations with: assay locations list")

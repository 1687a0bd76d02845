"""Named locations, as administrators add, list and remove them."""

from msgspec.structs import replace

from assay.access.attempt import By, NotDone, UndoneError, attempt
from assay.access.premises import Premises
from assay.access.publication import Change, publish
from assay.access.signals import read_policy_set
from assay.events.types import LOCATION_CHANGED
from assay.network.records import locations
from assay.policy import NamedLocation
from assay.policy.condition_set import Locations
from assay.policy.location_table import parse_range
from assay.store import Reader, Transaction
from assay.values import ConflictError, InvalidInputError, LocationId, NotFoundError, Reason

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
        return await self._premises.store.read(lambda reader: _location(reader, name))

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

        def add(transaction: Transaction) -> NamedLocation:
            wanted = location.display_name.casefold()
            if any(each.display_name.casefold() == wanted for each in locations.every(transaction)):
                raise ConflictError(f"there is a location {name!r} already", remedy="choose another name")
            publish(self._premises, transaction, by, (Change(kind=LOCATION_CHANGED, after=location),))
            return location

        return await attempt(self._premises.store, add)

    async def edit(
        self, by: By, name: str, *, ranges: tuple[str, ...] | None = None, trusted: bool | None = None
    ) -> NamedLocation | NotDone:
        """Replace the ranges of a location, or its trust; raises InvalidInputError or NotFoundError."""
        given = None if ranges is None else _ranges(ranges)

        def edit(transaction: Transaction) -> NamedLocation:
            before = _location(transaction, name)
            after = replace(
                before,
                is_trusted=before.is_trusted if trusted is None else trusted,
                ranges=before.ranges if given is None else given,
            )
            publish(self._premises, transaction, by, (Change(kind=LOCATION_CHANGED, before=before, after=after),))
            return after

        return await attempt(self._premises.store, edit)

    async def remove(self, by: By, name: str) -> NamedLocation | NotDone:
        """Remove a location; refused while a policy names it, because its meaning would change unseen."""

        def remove(transaction: Transaction) -> NamedLocation:
            now = read_policy_set(transaction)
            location = _location(transaction, name)
            users = [
                policy.display_name for policy in now.policies if location.id in _named(policy.conditions.locations)
            ]
            if users:
                raise UndoneError(Reason.of("locationInUse", policies=", ".join(users)))
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


def _named(conditions: Locations | None) -> tuple[str, ...]:
    return () if conditions is None else (*conditions.include_locations, *conditions.exclude_locations)


def _location(reader: Reader, name: str) -> NamedLocation:
    wanted = name.strip().casefold()
    for location in locations.every(reader):
        if wanted in (location.id, location.display_name.casefold()):
            return location
    raise NotFoundError(f"there is no location {name!r}", remedy="list locations with: assay locations list")

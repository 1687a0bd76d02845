"""From an address to the named locations that hold it, by binary search."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from assay.policy.definition import CountryLookup, NamedLocation
from assay.policy.request import Address
from assay.values import LocationId, Value

Ends = tuple[Address, Address]


def parse_range(text: str) -> Ends:
    """First and last address of a CIDR network or a `lower-upper` pair; ValueError where it is neither."""
    lower, dash, upper = text.partition("-")
    if not dash:
        network = ip_network(lower, strict=False)
        return _plain_ends(network.network_address, network.broadcast_address)
    first, last = ip_address(lower.strip()), ip_address(upper.strip())
    if first.version != last.version or int(first) > int(last):
        raise ValueError(text)
    return _plain_ends(first, last)


def _plain_ends(first: Address, last: Address) -> Ends:
    """A range of IPv4 addresses written as IPv6 is that range of IPv4."""
    plain_first, plain_last = plain(first), plain(last)
    return (plain_first, plain_last) if plain_first.version == plain_last.version else (first, last)


def plain(address: Address) -> Address:
    """An IPv4 address written as IPv6 (::ffff:192.0.2.1) is that IPv4 address: no way around a location."""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


class _Segments:
    """The number line cut where any range begins or ends; each segment knows its locations."""

    def __init__(self, ranges: Iterable[tuple[int, int, LocationId]]) -> None:
        changes: list[tuple[int, int, LocationId]] = []
        for first, last, location in ranges:
            changes += [(first, 1, location), (last + 1, -1, location)]
        changes.sort()
        open_now: Counter[LocationId] = Counter()
        self._starts: list[int] = []
        self._holders: list[frozenset[LocationId]] = []
        for position, change, location in changes:
            open_now[location] += change
            if not open_now[location]:
                # Kept, each would be looked at again at every later end: the square of what there is.
                del open_now[location]
            holders = frozenset(open_now)
            if self._starts and self._starts[-1] == position:
                self._holders[-1] = holders
            else:
                self._starts.append(position)
                self._holders.append(holders)

    def at(self, position: int) -> frozenset[LocationId]:
        segment = bisect_right(self._starts, position) - 1
        return self._holders[segment] if segment >= 0 else frozenset()


class Place(Value, frozen=True, kw_only=True):
    """Where a request comes from: the locations that hold it, and those of which nobody can tell."""

    holding: frozenset[LocationId]
    perhaps: frozenset[LocationId] = frozenset()


class LocationTable:
    """All named locations of a policy set."""

    def __init__(self, locations: Iterable[NamedLocation]) -> None:
        found = tuple(locations)
        decided = tuple(location for location in found if not location.undecided)
        self.undecided = frozenset(location.id for location in found if location.undecided)
        # Only addresses are trusted (D NET); a country or a compliant network never is.
        self.trusted = frozenset(location.id for location in decided if location.is_trusted and location.ranges)
        self.by_address = frozenset(location.id for location in decided if location.ranges)
        self._compliant = frozenset(location.id for location in decided if location.compliant_network)
        self._countries = {
            lookup: tuple(location for location in decided if _of_countries(location) and location.lookup is lookup)
            for lookup in CountryLookup
        }
        # No source of countries is asked by our gateway: whether a request comes from there is never known.
        self.sourceless = frozenset(location.id for location in decided if _of_countries(location))
        self.only_addresses = not self._compliant and not any(self._countries.values())
        ends = [(parse_range(text), location.id) for location in found for text in location.ranges]
        self._v4, self._v6 = (
            _Segments((int(first), int(last), location) for (first, last), location in ends if isinstance(first, kind))
            for kind in (IPv4Address, IPv6Address)
        )

    def holding(self, address: Address) -> frozenset[LocationId]:
        """The locations that hold the address."""
        address = plain(address)
        table = self._v4 if isinstance(address, IPv4Address) else self._v6
        return table.at(int(address))

    def place(
        self, address: Address | None, country: str | None, gps_country: str | None, *, compliant_network: bool
    ) -> Place:
        """Where a request comes from; a country of "" is one that its source does not know (D NET)."""
        perhaps = self.by_address if address is None else frozenset[LocationId]()
        holding = self.holding(address) if address is not None else frozenset[LocationId]()
        sources = ((CountryLookup.CLIENT_IP_ADDRESS, country), (CountryLookup.AUTHENTICATOR_APP_GPS, gps_country))
        for lookup, seen in sources:
            of_lookup = self._countries[lookup]
            if seen is None:
                perhaps |= {location.id for location in of_lookup}
            else:
                holding |= {location.id for location in of_lookup if _holds_country(location, seen)}
        return Place(holding=holding | self._compliant if compliant_network else holding, perhaps=perhaps)


def _of_countries(location: NamedLocation) -> bool:
    return bool(location.countries) or location.include_unknown_countries_and_regions


def _holds_country(location: NamedLocation, country: str) -> bool:
    return country in location.countries if country else location.include_unknown_countries_and_regions

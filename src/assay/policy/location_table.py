"""From an address to the named locations that hold it, by binary search."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final

from assay.policy.condition_set import ALL_TRUSTED
from assay.policy.definition import CountryLookup, NamedLocation
from assay.policy.request import Address
from assay.values import LocationId, Value

Ends = tuple[Address, Address]
REMEMBERED: Final = 131_072  # ranges
_MAPPED: Final = 0xFFFF  # ::ffff:0:0/96, above the 32 bits of an IPv4 address


@lru_cache(maxsize=REMEMBERED)
def parse_range(text: str) -> Ends:
    """First and last address of a CIDR network or a `lower-upper` pair; ValueError where it is neither.

    Remembered, because of all locations that are read again most are as they were.
    """
    lower, dash, upper = text.partition("-")
    if not dash:
        return _plain_ends(*_network_ends(lower))
    first, last = ip_address(lower.strip()), ip_address(upper.strip())
    if first.version != last.version or int(first) > int(last):
        raise ValueError(text)
    return _plain_ends(first, last)


def _network_ends(text: str) -> Ends:
    """As ip_network finds them, which takes twice as long for what nearly every range is: an address and a length."""
    lower, _, length = text.partition("/")
    if length.isascii() and length.isdigit() and "%" not in lower:
        address = ip_address(lower)
        spare = address.max_prefixlen - int(length)
        if spare >= 0:
            first, kind = int(address) >> spare << spare, type(address)
            return kind(first), kind(first | (1 << spare) - 1)
    network = ip_network(text, strict=False)
    return network.network_address, network.broadcast_address


def _plain_ends(first: Address, last: Address) -> Ends:
    """A range of IPv4 addresses written as IPv6 is that range of IPv4."""
    plain_first, plain_last = plain(first), plain(last)
    return (plain_first, plain_last) if plain_first.version == plain_last.version else (first, last)


def plain(address: Address) -> Address:
    """An IPv4 address written as IPv6 (::ffff:192.0.2.1) is that IPv4 address: no way around a location."""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


class _Segments:
    """The number line cut where any range begins or ends; each segment knows its locations, by a bit each.

    `holders` begins with those of the numbers before the first of `starts`: none.
    A mask is a bit for each location: locations within locations, n of them, cost n masks and not n sets of names.
    """

    def __init__(self, ranges: Iterable[tuple[int, int, int]]) -> None:
        changes: list[tuple[int, int, int]] = []
        for first, last, bit in ranges:
            changes += [(first, 1, bit), (last + 1, -1, bit)]
        changes.sort()
        open_now: Counter[int] = Counter()
        mask, here = 0, -1
        starts, holders = list[int](), [0]
        for position, change, bit in changes:
            before = open_now[bit]
            open_now[bit] = before + change
            if not before or not before + change:
                mask ^= 1 << bit
            if position == here:
                holders[-1] = mask
            else:
                here = position
                starts.append(position)
                holders.append(mask)
        self.starts, self.holders = starts, holders

    def at(self, position: int) -> int:
        return self.holders[bisect_right(self.starts, position)]

    def firsts(self, last: int) -> Iterator[int]:
        """The first number of every segment; numbers go from 0 to `last`."""
        if not self.starts or self.starts[0] > 0:
            yield 0
        yield from (start for start in self.starts if start <= last)


class Place(Value, frozen=True, kw_only=True):
    """Where a request comes from: the locations that hold it, and those of which nobody can tell."""

    holding: frozenset[LocationId]
    perhaps: frozenset[LocationId] = frozenset()


def undecided_names(locations: Iterable[NamedLocation]) -> frozenset[str]:
    """The words in a policy's `includeLocations` that mean a place which this engine cannot tell.

    `AllTrusted` is one where such a place is trusted. (Excluded, it excuses from the others only, which is safe.)
    """
    found = [location for location in locations if location.undecided]
    trusted = {ALL_TRUSTED} if any(location.is_trusted for location in found) else frozenset[str]()
    return frozenset(location.id for location in found) | trusted


class LocationTable:
    """All named locations of a policy set; nothing of it ever changes."""

    def __init__(self, locations: Iterable[NamedLocation]) -> None:
        found = tuple(locations)
        decided = tuple(location for location in found if not location.undecided)
        self.undecided = undecided_names(found)
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
        self._ids = tuple(dict.fromkeys(location.id for location in found))
        bits = {name: bit for bit, name in enumerate(self._ids)}
        v4, v6 = list[tuple[int, int, int]](), list[tuple[int, int, int]]()
        for location in found:
            bit = bits[location.id]
            for text in location.ranges:
                first, last = parse_range(text)
                (v4 if isinstance(first, IPv4Address) else v6).append((int(first), int(last), bit))
        self._v4, self._v6 = _Segments(v4), _Segments(v6)

    def mark(self, address: Address) -> int:
        """The same number for every address that the same locations hold, and for no other."""
        table = self._v4
        if not isinstance(address, IPv4Address):
            mapped = address.ipv4_mapped
            if mapped is None:
                table = self._v6
            else:
                address = mapped
        return table.holders[bisect_right(table.starts, int(address))]

    def holding(self, address: Address) -> frozenset[LocationId]:
        """The locations that hold the address."""
        mask, held = self.mark(address), []
        while mask:
            lowest = mask & -mask
            held.append(self._ids[lowest.bit_length() - 1])
            mask ^= lowest
        return frozenset(held)

    def one_of_each(self) -> Iterator[tuple[frozenset[LocationId], Address]]:
        """One address, the lowest, for each set of locations that holds any address whole, the empty set among them."""
        # By their masks: there may be a hundred thousand segments, and few sets.
        seen: set[int] = set()
        for table, kind, bits in ((self._v4, IPv4Address, 32), (self._v6, IPv6Address, 128)):
            for start in table.firsts((1 << bits) - 1):
                # What is read as IPv4 is none of this table's; what lies behind it is.
                number = (start | 0xFFFF_FFFF) + 1 if bits == 128 and start >> 32 == _MAPPED else start
                mask = table.at(number)
                if mask not in seen:
                    seen.add(mask)
                    address = kind(number)
                    yield self.holding(address), address

    def ipv4_segments(self) -> tuple[int, ...]:
        """The addresses at which what holds an IPv4 address changes, in order."""
        return tuple(self._v4.firsts(2**32 - 1))

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


@lru_cache(maxsize=4)
def location_table(locations: tuple[NamedLocation, ...]) -> LocationTable:
    """The table of a set's locations; kept, because most sets that are published have those of the set before."""
    return LocationTable(locations)


def _of_countries(location: NamedLocation) -> bool:
    return bool(location.countries) or location.include_unknown_countries_and_regions


def _holds_country(location: NamedLocation, country: str) -> bool:
    return country in location.countries if country else location.include_unknown_countries_and_regions

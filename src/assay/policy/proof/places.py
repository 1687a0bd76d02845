"""Where sign-ins come from: one address for each set of locations that hold it, one country for each that name it."""

from collections.abc import Iterable, Mapping
from ipaddress import ip_address
from typing import Final

from assay.policy.definition import NamedLocation
from assay.policy.location_table import LocationTable
from assay.policy.symbolic import ADDRESS, COMPLIANT_NETWORK, COUNTRY, GPS_COUNTRY, Dimension
from assay.values import LocationId, Value

# What an address or country of no location is called, as long as no location holds it.
OUTSIDE: Final = ("198.51.100.7", "203.0.113.7", "192.0.2.7", "2001:db8::7")
COUNTRIES: Final = ("CH", "DE", "FR", "GB", "US", "JP", "BR", "ZA", "IN", "AU", "NO", "KE")
LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class Places(Value, frozen=True, kw_only=True):
    """The dimensions; which locations hold an address, by their names; which countries one of them stands for."""

    dimensions: tuple[Dimension, ...]
    held_by: Mapping[str, tuple[str, ...]]
    alike: Mapping[str, tuple[str, ...]]


def places_of(sets: Iterable[Iterable[NamedLocation]]) -> Places:
    """The places that the locations of any of the sets tell apart."""
    # In two sets one id may be two locations.
    located = {LocationId(f"{number} {each.id}"): each for number, found in enumerate(sets) for each in found}
    addresses = _addresses(located)
    alike = _countries(located)
    return Places(
        dimensions=(
            Dimension(name=ADDRESS, values=(*addresses, None)),
            Dimension(name=COUNTRY, values=("", *alike, None)),
            Dimension(name=GPS_COUNTRY, values=(None, *alike)),
            Dimension(name=COMPLIANT_NETWORK, values=(False, True)),
        ),
        held_by={
            text: tuple(dict.fromkeys(located[name].display_name for name in sorted(holders)))
            for text, holders in addresses.items()
        },
        alike=alike,
    )


def _addresses(located: Mapping[LocationId, NamedLocation]) -> dict[str, frozenset[LocationId]]:
    """One address for each set of locations that hold one; the first of no location, if there is any."""
    joined = LocationTable(
        NamedLocation(id=name, display_name="", ranges=each.ranges) for name, each in located.items()
    )
    found = {holders: str(address) for holders, address in joined.one_of_each()}
    for text in reversed(OUTSIDE):
        if not joined.holding(ip_address(text)):
            found[frozenset()] = text
    return {found[holders]: holders for holders in sorted(found, key=lambda each: (len(each), sorted(each)))}


def _countries(located: Mapping[LocationId, NamedLocation]) -> dict[str, tuple[str, ...]]:
    """One country that no location names, and one for each set of locations that do, with all that are alike."""
    named = sorted({country for each in located.values() for country in each.countries})
    codes = (*COUNTRIES, *(first + second for first in LETTERS for second in LETTERS))
    other = next((code for code in codes if code not in named), None)
    by_locations: dict[frozenset[LocationId], list[str]] = {}
    for country in named:
        holders = frozenset(name for name, each in located.items() if country in each.countries)
        by_locations.setdefault(holders, []).append(country)
    unnamed = {} if other is None else {other: (other,)}
    return unnamed | {countries[0]: tuple(countries) for countries in by_locations.values()}

"""One address and one country for each set of locations that tells it from others."""

from typing import Final

import pytest

from assay.policy import NamedLocation
from assay.policy.proof.places import COUNTRIES, LETTERS, OUTSIDE, Places, places_of
from assay.policy.symbolic import Thing
from assay.values import LocationId


def place(name: str, *ranges: str, countries: tuple[str, ...] = ()) -> NamedLocation:
    return NamedLocation(id=LocationId(name.lower()), display_name=name, ranges=ranges, countries=countries)


OFFICE: Final = place("Office", "192.0.2.0/25")
DESK: Final = place("Desk", "192.0.2.0/28", "2001:db8::/32")
NORTH: Final = place("North", countries=("NO", "SE", "FI"))
WIDE: Final = place("Wide", countries=("SE", "CH"))


def values(found: Places, name: str) -> tuple[Thing, ...]:
    return next(each.values for each in found.dimensions if each.name == name)


def test_where_no_location_is_named_one_address_and_one_country_stand_for_all() -> None:
    found = places_of([[]])
    assert [each.name for each in found.dimensions] == ["address", "country", "gpsCountry", "compliantNetwork"]
    assert values(found, "address") == (OUTSIDE[0], None)
    assert values(found, "country") == ("", "CH", None)
    assert values(found, "gpsCountry") == (None, "CH")
    assert values(found, "compliantNetwork") == (False, True)
    assert (found.held_by, found.alike) == ({OUTSIDE[0]: ()}, {"CH": ("CH",)})


def test_an_address_for_each_set_of_locations_the_fewest_first() -> None:
    found = places_of([[OFFICE, DESK]])
    assert [{*holders} for holders in found.held_by.values()] == [set(), {"Desk"}, {"Office"}, {"Office", "Desk"}]
    outside, desk, office, both, nowhere = values(found, "address")
    assert (outside, nowhere) == (OUTSIDE[0], None)
    assert (str(desk)[:9], both) == ("2001:db8:", "192.0.2.0")
    assert str(office).startswith("192.0.2.")


@pytest.mark.parametrize("taken", range(1, 4))
def test_an_address_of_no_location_is_of_none(taken: int) -> None:
    held = place("Held", *(f"{address}/{128 if ':' in address else 32}" for address in OUTSIDE[:taken]))
    found = places_of([[held]])
    assert values(found, "address")[0] == OUTSIDE[taken]
    assert found.held_by[OUTSIDE[taken]] == ()


def test_where_locations_hold_every_address_none_is_outside() -> None:
    found = places_of([[place("World", "0.0.0.0/0", "::/0")]])
    assert list(found.held_by.values()) == [("World",)]


def test_countries_that_the_same_locations_name_are_one() -> None:
    found = places_of([[NORTH, WIDE]])
    assert found.alike == {"DE": ("DE",), "CH": ("CH",), "FI": ("FI", "NO"), "SE": ("SE",)}
    assert values(found, "country") == ("", "DE", "CH", "FI", "SE", None)
    assert values(found, "gpsCountry") == (None, "DE", "CH", "FI", "SE")


def test_a_country_that_none_names_is_found_while_there_is_one() -> None:
    assert next(iter(places_of([[place("Known", countries=COUNTRIES)]]).alike)) == "AA"
    every = tuple(first + second for first in LETTERS for second in LETTERS)
    assert places_of([[place("World", countries=every)]]).alike == {"AA": tuple(sorted(every))}
    assert len(every) == 26 * 26


def test_a_location_that_two_sets_draw_differently_is_two() -> None:
    wider = place("Office", "192.0.2.0/24")
    found = places_of([[OFFICE], [wider]])
    assert [*found.held_by.values()] == [(), ("Office",), ("Office",)]
    assert places_of([[OFFICE], [OFFICE]]).held_by == {OUTSIDE[0]: (), "192.0.2.0": ("Office",)}

"""Named locations by address: what holds it, at which cost, and what nobody can tell."""

import tracemalloc
from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.policy import Outcome, PolicySet, undecided_paths
from assay.policy.definition import NamedLocation, Undecided
from assay.policy.location_table import LocationTable, location_table, parse_range, plain
from assay.policy.request import Address
from assay.values import LocationId
from tests.policy.build import BLOCK, graph, judge, read, request


def place(name: str, *ranges: str) -> NamedLocation:
    return NamedLocation(id=LocationId(name), display_name=name, ranges=ranges)


octets = st.integers(0, 255)
ranges = st.tuples(octets, octets).map(lambda ends: f"192.0.2.{min(ends)}-192.0.2.{max(ends)}")


@given(st.lists(st.lists(ranges, min_size=1, max_size=3), max_size=5), octets)
def test_an_address_is_where_a_range_holds_it(given_ranges: list[list[str]], last: int) -> None:
    table = LocationTable(place(f"l{number}", *found) for number, found in enumerate(given_ranges))
    held = {
        f"l{number}"
        for number, found in enumerate(given_ranges)
        if any(
            ip_address(lower) <= ip_address(f"192.0.2.{last}") <= ip_address(upper)
            for lower, upper in (text.split("-") for text in found)
        )
    }
    assert table.holding(ip_address(f"192.0.2.{last}")) == held
    assert (table.mark(ip_address(f"192.0.2.{last}")) == table.mark(ip_address("198.51.100.1"))) is not bool(held)


digits = st.one_of(
    st.integers(0, 130).map(str), st.sampled_from(["", "024", "+8", " 8", "1_0", "٨", "255.255.0.0", "x"])
)
addresses = st.one_of(
    st.ip_addresses().map(str),
    st.sampled_from(["", "192.0.2", "192.0.2.01", "192.0.2.256", "::ffff:192.0.2.1", "fe80::1%eth0", "::1 ", "x"]),
)


def network_of(text: str) -> tuple[Address, Address] | None:
    try:
        network = ip_network(text, strict=False)
    except ValueError:
        return None
    ends = (network.network_address, network.broadcast_address)
    one, two = map(plain, ends)
    return (one, two) if one.version == two.version else ends


def range_of(text: str) -> tuple[Address, Address] | None:
    try:
        return parse_range(text)
    except ValueError:
        return None


@given(addresses, st.sampled_from(["/", "", "//"]), digits)
def test_a_network_is_read_as_the_library_reads_it(address: str, slash: str, length: str) -> None:
    """A range that is read another way than whoever checked it holds others."""
    text = f"{address}{slash}{length}"
    assert range_of(text) == network_of(text)


def test_the_table_of_equal_locations_is_made_once() -> None:
    one, two = (tuple(place(name, "192.0.2.0/24") for name in ("a", "b")) for _ in range(2))
    assert location_table(one) is location_table(two)
    assert location_table(one[:1]).holding(ip_address("192.0.2.1")) == {"a"}


def test_locations_within_locations_take_little_memory() -> None:
    """Sets of names for each of them took 85 MB for a thousand, and a hundred times that for ten thousand."""
    tracemalloc.start()
    table = LocationTable(
        place(f"l{number}", f"10.0.{number // 256}.{number % 256}-10.9.{255 - number // 256}.{255 - number % 256}")
        for number in range(2_000)
    )
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20_000_000
    assert len(table.holding(ip_address("10.5.0.1"))) == 2_000


TRUSTED = {"isTrusted": True, "ipRanges": [{"cidrAddress": "192.0.2.0/24"}], "newPart": "x"}


@pytest.mark.parametrize(
    ("locations", "undecided", "outcome"),
    [
        ({"includeLocations": ["AllTrusted"]}, ("conditions.locations.includeLocations.AllTrusted",), Outcome.BLOCK),
        # Not excused from there: that is what the doubt costs.
        ({"includeLocations": ["All"], "excludeLocations": ["AllTrusted"]}, (), Outcome.BLOCK),
    ],
)
def test_a_trusted_location_that_is_not_decided_may_be_anywhere(
    locations: object, undecided: tuple[str, ...], outcome: Outcome
) -> None:
    policy_set: PolicySet = read(
        graph(conditions={"locations": locations}, grantControls=BLOCK), {"id": "x", "displayName": "X", **TRUSTED}
    )
    assert policy_set.locations[0].undecided == (Undecided(path=("newPart",), json='"x"'),)
    assert undecided_paths(policy_set.policies[0], policy_set) == undecided
    assert judge(policy_set, request(address="192.0.2.7")).outcome is outcome


def test_one_address_is_found_for_each_set_of_locations_that_holds_any() -> None:
    wide = ("0.0.0.0-255.255.255.255", "::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")
    named = {
        "wide": wide,
        "office": ("192.0.2.0/24", "2001:db8::/32"),
        "desk": ("192.0.2.9/32",),
        # It begins among the addresses that are read as IPv4, and goes on behind them.
        "behind": ("::ffff:c000:200-::1:0:0:9",),
    }
    table = LocationTable(
        NamedLocation(id=LocationId(name), display_name=name, ranges=ranges) for name, ranges in named.items()
    )
    found = list(table.one_of_each())
    assert [holders for holders, _ in found] == [table.holding(address) for _, address in found]
    assert {holders for holders, _ in found} == {
        frozenset(names) for names in (("wide",), ("wide", "office"), ("wide", "office", "desk"), ("wide", "behind"))
    }
    assert len(found) == 4


@pytest.mark.parametrize(
    "text",
    [
        "192.0.2.9-192.0.2.8",  # backwards
        "2001:db8::2-2001:db8::1",
        "192.0.2.1-2001:db8::1",  # from one kind of address to the other
        "2001:db8::1-192.0.2.1",
        "::1-192.0.2.1",  # the same, and in the order of their numbers
        "-192.0.2.1",
        "192.0.2.1-",
        "-",
        "192.0.2.0/24-192.0.2.9",
    ],
)
def test_what_is_no_range_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_range(text)


def test_a_pair_of_addresses_is_a_range_with_both_ends() -> None:
    assert parse_range("192.0.2.7-192.0.2.7") == (ip_address("192.0.2.7"),) * 2
    table = LocationTable([place("pair", " 192.0.2.7 - 192.0.2.9 ")])
    held = [last for last in range(5, 12) if table.holding(ip_address(f"192.0.2.{last}"))]
    assert held == [7, 8, 9]

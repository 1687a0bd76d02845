"""Where the company is: four offices with their hours, a VPN, homes and hotels; addresses that are nobody's.

All addresses are for documentation (RFC 5737, RFC 3849), so that nobody's name turns up in a demo's log.
"""

from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network
from typing import Final

from assay.values import Value

VPN: Final = "VPN"
SERVICE_NETWORK: Final = "Service network"


class Office(Value, frozen=True, kw_only=True):
    """An office; `ahead` is its time of the day before UTC, `share` the parts of twenty of the company who sit there.

    Summer time is left out: nothing here depends on it, and a machine need not know time zones.
    """

    name: str
    ahead: timedelta
    network: str
    network6: str
    share: int


OFFICES: Final = (
    Office(
        name="Hamburg office",
        ahead=timedelta(hours=1),
        network="192.0.2.0/25",
        network6="2001:db8:1::/48",
        share=8,
    ),
    Office(
        name="Porto office",
        ahead=timedelta(0),
        network="192.0.2.128/25",
        network6="2001:db8:2::/48",
        share=5,
    ),
    Office(
        name="Boston office",
        ahead=timedelta(hours=-5),
        network="198.51.100.0/25",
        network6="2001:db8:3::/48",
        share=4,
    ),
    Office(
        name="Bengaluru office",
        ahead=timedelta(hours=5, minutes=30),
        network="198.51.100.128/26",
        network6="2001:db8:4::/48",
        share=3,
    ),
)
VPN_RANGES: Final = ("198.51.100.192/26", "2001:db8:f::/48")
# Loopback is there because the demo's visitors come from it; the other is where the company's servers are.
SERVICE_RANGES: Final = ("127.0.0.0/8", "::1/128", "2001:db8:5::/64")
SERVICE_ADDRESS: Final = "2001:db8:5::25"
_HOMES6: Final = IPv6Network("2001:db8:8000::/36")
_MOBILE: Final = IPv4Network("203.0.113.0/26")  # a carrier's translation: many people behind few addresses
_HOTELS: Final = IPv4Network("203.0.113.64/26")
# The rest is where attackers rent machines.
RENTED: Final = IPv4Network("203.0.113.192/26")

_SEATS: Final = tuple(office for turn in range(20) for office in OFFICES if turn < office.share)


def office_of(number: int) -> Office:
    """Where the person with this number sits."""
    return _SEATS[number % len(_SEATS)]


def at_office(office: Office, number: int) -> str:
    """The address of a device there; every second one speaks IPv6."""
    if number % 2:
        return str(IPv6Network(office.network6)[0x10000 + number])
    network = IPv4Network(office.network)
    return str(network[10 + number % (network.num_addresses - 12)])


def at_home(number: int) -> str:
    """The address of a person's home: a network of its own (RFC 6177 §2)."""
    return str(_HOMES6[(number << 64) + 0x20])


def on_vpn(number: int) -> str:
    """The address that the VPN gives a person."""
    return str(IPv6Network(VPN_RANGES[1])[0x100 + number])


def on_the_road(number: int) -> str:
    """A mobile network's address."""
    return str(_MOBILE[1 + number % (_MOBILE.num_addresses - 2)])


def at_hotel(number: int) -> str:
    """A hotel's address."""
    return str(_HOTELS[1 + number % (_HOTELS.num_addresses - 2)])

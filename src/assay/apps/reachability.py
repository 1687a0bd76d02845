"""Whether an app can be reached around the gateway, judged from where it listens."""

from collections.abc import Sequence
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address

from assay.values import Value


class Reach(StrEnum):
    """Who can reach the app without passing the gateway."""

    NETWORK = "network"  # anybody who can reach this machine
    THIS_MACHINE = "thisMachine"  # every local user
    DIRECTORY = "directory"  # only users who may enter the socket's directory
    ELSEWHERE = "elsewhere"  # on another machine: cannot be seen from here
    NOT_LISTENING = "notListening"
    BEHIND_PROXY = "behindProxy"  # a proxy that is not ours stands before it: cannot be seen from here


class Listener(Value, frozen=True, kw_only=True):
    """An address that something on this machine accepts connections on."""

    address: IPv4Address | IPv6Address
    port: int


def reach_of_port(port: int, listeners: Sequence[Listener]) -> Reach:
    """Judge a local TCP port by the addresses it listens on; one public address suffices for NETWORK."""
    mine = [listener.address for listener in listeners if listener.port == port]
    if not mine:
        return Reach.NOT_LISTENING
    return Reach.THIS_MACHINE if all(address.is_loopback for address in mine) else Reach.NETWORK


def reach_of_socket(*, exists: bool, open_to_others: bool) -> Reach:
    """Judge a unix socket; `open_to_others`: some user besides the app's and ours passes every directory above it."""
    if not exists:
        return Reach.NOT_LISTENING
    return Reach.THIS_MACHINE if open_to_others else Reach.DIRECTORY

"""Where the gateway has nearly as many connections as it may have, those give way who hold the most without a session.

Envoy 1.40 counts connections in all, and refuses every further one of anybody. Who opens them all from one address, or
from a hundred, would keep everybody out.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import Final

from assay.gateway.connections import TcpSocket
from assay.identities.guessing import source_key

# Of the connections that there may be: with so many it is nearly full, and so many stay.
NEARLY_FULL: Final = 0.8
STAYS: Final = 0.7
# A browser has six connections to a host; nobody with so few gives way.
ALWAYS_LEFT: Final = 16
_COUNTS: Final = (Path("/proc/net/sockstat"), Path("/proc/net/sockstat6"))


def tcp_sockets_in_use() -> int:
    """Sockets of TCP in this network namespace, whosever: no fewer than we have. Raises OSError."""
    found = 0
    for path in _COUNTS:
        if not path.exists():
            continue  # no IPv6 here
        for line in path.read_text().splitlines():
            name, *pairs = line.split()
            if name in ("TCP:", "TCP6:"):
                found += int(pairs[pairs.index("inuse") + 1])
    return found


def to_give_way(
    open_now: Collection[TcpSocket],
    *,
    most: int,
    carries_session: Callable[[TcpSocket], bool],
    unjudged_first: Callable[[TcpSocket], bool],
    spared: Callable[[str], bool],
) -> tuple[TcpSocket, ...]:
    """Which to reset of `open_now`, so that there is room; () while it is not nearly full.

    Sources with the most connections without a session lose them until all that remain are within one level (max-min
    fairness); an IPv6 /64 is one source. `unjudged_first`: which of a source go first. `spared`: a proxy in front.
    """
    if len(open_now) < NEARLY_FULL * most:
        return ()
    held: defaultdict[bytes, list[TcpSocket]] = defaultdict(list)
    for socket in open_now:
        if not spared(socket.peer_ip) and not carries_session(socket):
            held[source_key(socket.peer_ip)].append(socket)
    level = _level(held, len(open_now) - int(STAYS * most))
    return tuple(_beyond(held.values(), level, unjudged_first))


def _level(held: Mapping[bytes, Collection[TcpSocket]], excess: int) -> int:
    """The largest number that each source may keep so that `excess` go, and no less than is always left."""
    low, high = ALWAYS_LEFT, max((len(sockets) for sockets in held.values()), default=0)
    while low < high:
        middle = (low + high + 1) // 2
        if sum(max(len(sockets) - middle, 0) for sockets in held.values()) >= excess:
            low = middle
        else:
            high = middle - 1
    return low


def _beyond(
    held: Iterable[list[TcpSocket]], level: int, unjudged_first: Callable[[TcpSocket], bool]
) -> Iterable[TcpSocket]:
    for sockets in held:
        if len(sockets) > level:
            yield from sorted(sockets, key=unjudged_first, reverse=True)[: len(sockets) - level]

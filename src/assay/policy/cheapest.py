"""The cheapest set of things that suffices, where more of them never spoils it: exact, by few tries.

To a set that does not suffice is added what can be, so that it still does not. Whatever suffices then holds one of the
others; so the cheapest set that holds one of each such rest is tried next (implicit hitting sets, as in MaxHS: Davies
and Bacchus, "Solving MAXSAT by Solving a Sequence of Simpler SAT Instances", CP 2011).
"""

from collections.abc import Callable, Collection, Sequence
from heapq import heappop, heappush
from typing import Final

MOST_LOOKED_THROUGH: Final = 10_000  # sets for one try, some microseconds each


class GivenUpError(Exception):
    """So much was looked through that nothing is known."""


def cheapest(costs: Sequence[int], suffices: Callable[[Collection[int]], bool]) -> tuple[int, ...]:
    """The places of the set, in order; of several that cost the same one of the smallest.

    `costs`: each above 0. `suffices`: of all together it must be true; what it raises ends the search, and so does
    GivenUpError.
    """
    everything = frozenset(range(len(costs)))
    if suffices(()):
        return ()
    # What nothing else stands in for is in every such set, and costs one try each.
    rests = [frozenset({place}) for place in sorted(everything) if not suffices(everything - {place})]
    while not suffices(tried := _holding_one_of_each(costs, rests)):
        kept = set(tried)
        for place in sorted(everything - kept):
            if not suffices(kept | {place}):
                kept.add(place)
        rests.append(everything - kept)
    return tried


def _holding_one_of_each(costs: Sequence[int], rests: Sequence[frozenset[int]]) -> tuple[int, ...]:
    """The cheapest set that has a member in each of the rests (A*, the deepest and first of equals)."""

    def rated(places: tuple[int, ...]) -> tuple[int, int, int, tuple[int, ...]]:
        cost, size = _at_least(costs, [rest for rest in rests if rest.isdisjoint(places)])
        return cost + sum(costs[place] for place in places), size + len(places), -len(places), places

    waiting = [rated(())]
    seen: set[tuple[int, ...]] = set()
    while len(seen) < MOST_LOOKED_THROUGH:
        *_, places = heappop(waiting)
        missed = [rest for rest in rests if rest.isdisjoint(places)]
        if not missed:
            return places
        for place in min(missed, key=len):
            more = tuple(sorted((*places, place)))
            if more not in seen:
                seen.add(more)
                heappush(waiting, rated(more))
    raise GivenUpError


def _at_least(costs: Sequence[int], rests: Sequence[frozenset[int]]) -> tuple[int, int]:
    """What a member of each rest costs at least, and how many there are: of rests that share none."""
    cost, size = 0, 0
    taken: set[int] = set()
    for rest in rests:
        if rest.isdisjoint(taken):
            taken |= rest
            cost, size = cost + min(costs[place] for place in rest), size + 1
    return cost, size

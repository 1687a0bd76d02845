"""The smallest readable regions of sign-ins in which something holds: few conditions, each as wide as it can be."""

from collections.abc import Iterator
from typing import Final

from assay.policy.proof.ground import Ground
from assay.policy.proof.solver import Assignment, Solver
from assay.policy.proof.wording import Region
from assay.policy.symbolic import FALSE, TRUE, Dimension, Is, Term, Thing, dimensions_of, every, given, opposite, some

MOST: Final = 5  # regions that are told


def regions(
    ground: Ground, where: Term, *, within: Term = TRUE, most: int = MOST
) -> Iterator[tuple[Region, Assignment]]:
    """Regions that together hold every sign-in of which `where` is true, the first few; and a sign-in in each.

    In a region as it stands every sign-in with the same proofs is such a one: none of its conditions can be left out.
    `within`: what the question is about at all, which no region says again.
    """
    # What has no symbolic form may hold or not; in a region it stays as it was found.
    free = sorted(name for name in dimensions_of(where) if name not in ground.vocabulary.dimensions)
    more = tuple(Dimension(name=name, values=(False, True)) for name in free)
    finder, opposer = Solver(ground.vocabulary, more=more), Solver(ground.vocabulary, more=more)
    finder.require(where)
    opposer.require(within)
    opposer.require(opposite(where))
    for _ in range(most):
        found = finder.plainest(ground.order)
        if found is None:
            return
        region = _widest(ground, opposer, found)
        told = dict(_possible(ground, region, within))
        yield {**told, **{name: (found[name],) for name in found if name.startswith("proof ")}}, found
        finder.require(opposite(_inside(region)))


def _possible(ground: Ground, region: Region, within: Term) -> Iterator[tuple[str, tuple[Thing, ...]]]:
    """The region without the values that the question is not about; a condition that then says nothing is left out."""
    asked = dimensions_of(within)
    for name, values in region.items():
        every_value = ground.vocabulary.values(name)
        if name in asked:
            every_value = tuple(each for each in every_value if given(within, {name: each}) != FALSE)
        kept = tuple(each for each in every_value if each in values)
        if len(kept) < len(every_value):
            yield name, kept


def _inside(region: Region) -> Term:
    return every(*(some(*(Is(name, value) for value in values)) for name, values in region.items()))


def _widest(ground: Ground, opposer: Solver, found: Assignment) -> Region:
    """Condition by condition: left out where that leaves no exception, else widened by all values that make none."""
    open_ = [name for name in ground.vocabulary.dimensions if not name.startswith("proof ")]
    fixed = [Is(name, found[name]) for name in found if name not in open_]
    region: dict[str, tuple[Thing, ...]] = {name: (found[name],) for name in open_}
    inside: dict[str, Term] = {name: Is(name, found[name]) for name in region}
    for name in ground.order:
        if name not in region:
            continue
        conditions = [*fixed, *(term for other, term in inside.items() if other != name)]
        exceptions = _exceptions(opposer, name, found[name], conditions)
        if not exceptions:
            del region[name], inside[name]
            continue
        region[name] = tuple(each for each in ground.vocabulary.values(name) if each not in exceptions)
        inside[name] = some(*(Is(name, value) for value in region[name]))
    return {name: region[name] for name in reversed(ground.order) if name in region}


def _exceptions(opposer: Solver, name: str, own: Thing, conditions: list[Term]) -> set[Thing]:
    """The values of one dimension with which, the other conditions given, there is an exception."""
    found: set[Thing] = set()
    while True:
        exception = opposer.find(*conditions, *(opposite(Is(name, each)) for each in found))
        if exception is None:
            return found
        if exception[name] == own:
            # Cannot be: with its own value nothing in the region is an exception. Then it is not widened at all.
            return {each for each in opposer.values[name] if each != own}
        found.add(exception[name])

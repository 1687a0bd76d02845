"""What no sign-in can be: what a document (docs/decide.md) cannot say, and what would be the same said twice."""

from collections.abc import Iterator, Mapping

from assay.policy.app_groups import APP_GROUPS, groups_of_app
from assay.policy.symbolic import (
    ADDRESS,
    AGENT_ACCOUNT,
    APP,
    APP_ATTRIBUTE,
    CONTEXT,
    CONTEXT_ALONE,
    COUNTRY,
    MANAGED,
    PERSON,
    PRINCIPAL_ATTRIBUTE,
    REGISTERED,
    SEVERAL,
    SORT,
    TARGET,
    TENANT,
    Dimension,
    Is,
    Term,
    every,
    in_app_group,
    one_of_several,
    opposite,
    some,
)


def implies(condition: Term, consequence: Term) -> Term:
    """Where the one holds, so does the other."""
    return some(opposite(condition), consequence)


def constraints(dimensions: Mapping[str, Dimension]) -> Iterator[Term]:
    """Every term holds of every sign-in."""
    yield from _people(dimensions)
    yield from _targets(dimensions)
    yield from _attributes(dimensions)
    yield from _places(dimensions)
    yield from _devices(dimensions)


def _people(dimensions: Mapping[str, Dimension]) -> Iterator[Term]:
    """A workload identity has none of what people have."""
    kinds = [name for name in dimensions if name.startswith(("group ", "role "))]
    nothing = every(Is(TENANT, None), Is(AGENT_ACCOUNT, False), *(Is(name, False) for name in kinds))
    yield implies(opposite(PERSON), nothing)
    # Whoever is known to come from elsewhere is of one of Graph's external types.
    yield implies(some(Is(SORT, "member"), Is(SORT, "guest")), Is(TENANT, None))


def _targets(dimensions: Mapping[str, Dimension]) -> Iterator[Term]:
    targets = [str(value) for value in dimensions[TARGET].values]
    is_app = some(*(Is(TARGET, target) for target in targets if target.startswith(APP)))
    for group in APP_GROUPS:
        yield implies(opposite(is_app), opposite(in_app_group(group)))
        for target in targets:
            if target.startswith(APP) and group in groups_of_app(target.removeprefix(APP)):
                yield implies(Is(TARGET, target), in_app_group(group))
    yield implies(Is(TARGET, CONTEXT_ALONE), opposite(Is(CONTEXT, None)))
    yield implies(opposite(some(is_app, Is(TARGET, CONTEXT_ALONE))), Is(CONTEXT, None))


def _attributes(dimensions: Mapping[str, Dimension]) -> Iterator[Term]:
    """Of apps and of programs alone; what holds several texts holds one at least."""
    is_app = some(*(Is(TARGET, target) for target in dimensions[TARGET].values if str(target).startswith(APP)))
    for whose, has in ((APP_ATTRIBUTE, is_app), (PRINCIPAL_ATTRIBUTE, opposite(PERSON))):
        for name in dimensions:
            if not name.startswith(whose) or " " in name.removeprefix(whose):
                continue
            several = [Is(each, True) for each in dimensions if each.startswith(one_of_several(name, ""))]
            yield implies(opposite(has), Is(name, None))
            yield implies(Is(name, SEVERAL), some(*several))
            for each in several:
                yield implies(each, Is(name, SEVERAL))


def _places(dimensions: Mapping[str, Dimension]) -> Iterator[Term]:
    """A document with an address and no country: its country is looked up, and not known (docs/decide.md)."""
    somewhere = opposite(Is(ADDRESS, None))
    yield implies(somewhere, opposite(Is(COUNTRY, None)))
    yield implies(Is(COUNTRY, ""), somewhere)


def _devices(dimensions: Mapping[str, Dimension]) -> Iterator[Term]:
    """Of a device that is not registered nothing is known."""
    properties = [found for name, found in dimensions.items() if name.startswith("device.")]
    unknown = every(*(Is(found.name, found.values[0]) for found in properties))
    yield implies(opposite(Is(REGISTERED, True)), unknown)
    assert Is(MANAGED, False).value == dimensions[MANAGED].values[0]

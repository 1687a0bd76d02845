"""IP named locations, `All` and `AllTrusted`; an unknown address is in every location and excused from none."""

from typing import Final

from msgspec.structs import replace

from assay.policy.conditions.base import (
    Condition,
    ConditionName,
    Index,
    Match,
    Policies,
    Rule,
    RuleMatch,
    mask,
    masks,
    union,
)
from assay.policy.definition import ALL, ALL_TRUSTED, ConditionalAccessPolicy, ConditionSet, Locations
from assay.policy.graph_json import JsonObject, Node, strings
from assay.policy.location_table import LocationTable
from assay.policy.request import AccessRequest, Address

PART = "locations"
REMEMBERED: Final = 65_536  # addresses; an attacker with more of them costs a binary search each, no memory


def _configured(policy: ConditionalAccessPolicy) -> bool:
    return policy.conditions.locations is not None and policy.conditions.locations != Locations()


def _include(policy: ConditionalAccessPolicy) -> tuple[str, ...]:
    """Excludes without includes are read as: everywhere but there (U; the reading that restricts)."""
    locations = policy.conditions.locations
    return (locations.include_locations or (ALL,)) if locations is not None and _configured(policy) else ()


def _exclude(policy: ConditionalAccessPolicy) -> tuple[str, ...]:
    locations = policy.conditions.locations
    return locations.exclude_locations if locations is not None else ()


def _names(address: Address, table: LocationTable) -> tuple[str, ...]:
    """The words in a policy's locations that mean this address."""
    holding = table.holding(address)
    trusted = () if holding.isdisjoint(table.trusted) else (ALL_TRUSTED,)
    return (ALL, *trusted, *sorted(holding))


def index(policies: Policies, table: LocationTable) -> Index:
    """Masks by location; an address is resolved once."""
    anywhere = mask(policies, lambda policy: not _configured(policy))
    everything = (1 << len(policies)) - 1
    include, exclude = masks(policies, _include), masks(policies, _exclude)
    if not include:
        return lambda _: everything
    remembered: dict[Address, int] = {}

    def mask_of(request: AccessRequest) -> int:
        address = request.address
        if address is None:
            return everything
        found = remembered.get(address)
        if found is None:
            names = _names(address, table)
            found = anywhere | (union(include, names) & ~union(exclude, names))
            if len(remembered) >= REMEMBERED:
                remembered.clear()
            remembered[address] = found
        return found

    return mask_of


def _rules(named: tuple[str, ...], seen: tuple[str, ...]) -> tuple[RuleMatch, ...]:
    rules = {ALL: Rule.ALL_LOCATIONS, ALL_TRUSTED: Rule.ALL_TRUSTED_LOCATIONS}
    return tuple(RuleMatch(rule=rules.get(name, Rule.LOCATION_ID), value=name) for name in seen if name in named)


def match(policy: ConditionalAccessPolicy, request: AccessRequest, table: LocationTable) -> Match:
    """How one policy sees the address."""
    if request.address is None:
        return Match(
            configured=_configured(policy),
            value="unknown",
            include=_rules(_include(policy), _include(policy)),
        )
    seen = _names(request.address, table)
    return Match(
        configured=_configured(policy),
        value=str(request.address),
        include=_rules(_include(policy), seen),
        exclude=_rules(_exclude(policy), seen),
    )


def decode(node: Node, conditions: ConditionSet) -> ConditionSet:
    """conditionalAccessLocations."""
    part = node.child(PART)
    if part is None:
        return conditions
    locations = Locations(
        include_locations=part.ids("includeLocations", ALL, ALL_TRUSTED),
        exclude_locations=part.ids("excludeLocations", ALL_TRUSTED),
    )
    part.leave()
    return replace(conditions, locations=locations if locations != Locations() else None)


def encode(conditions: ConditionSet) -> JsonObject:
    """Graph's shape."""
    locations = conditions.locations
    if locations is None:
        return {PART: None}
    return {
        PART: {
            "includeLocations": strings(locations.include_locations),
            "excludeLocations": strings(locations.exclude_locations),
        }
    }


LOCATIONS = Condition(name=ConditionName.LOCATION, part=PART, decode=decode, encode=encode, match=match, index=index)

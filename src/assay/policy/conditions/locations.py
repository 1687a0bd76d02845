"""Named locations by address, country and compliant network; what is not known includes, and never excuses."""

from collections.abc import Collection, Iterator
from ipaddress import ip_address
from typing import Final

from msgspec.structs import replace

from assay.policy.condition_set import ALL, ALL_TRUSTED, ConditionSet, Locations
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
from assay.policy.definition import ConditionalAccessPolicy
from assay.policy.graph_json import JsonObject, Node, strings
from assay.policy.location_table import LocationTable
from assay.policy.request import AccessRequest
from assay.policy.symbolic import (
    ADDRESS,
    COMPLIANT_NETWORK,
    COUNTRY,
    GPS_COUNTRY,
    TRUE,
    Is,
    Term,
    Thing,
    Vocabulary,
    every,
    opposite,
    some,
)
from assay.values import LocationId, Value

PART = "locations"
_NOTHING: Final = Locations()
REMEMBERED: Final = 65_536  # addresses; an attacker with more of them costs a search each, no memory


def _configured(policy: ConditionalAccessPolicy) -> bool:
    return policy.conditions.locations is not None and policy.conditions.locations != _NOTHING


def _include(policy: ConditionalAccessPolicy) -> tuple[str, ...]:
    """Excludes without includes are read as: everywhere but there (U; the reading that restricts)."""
    locations = policy.conditions.locations
    return (locations.include_locations or (ALL,)) if locations is not None and _configured(policy) else ()


def _exclude(policy: ConditionalAccessPolicy) -> tuple[str, ...]:
    locations = policy.conditions.locations
    return locations.exclude_locations if locations is not None else ()


class Seen(Value, frozen=True, kw_only=True):
    """The words in a policy's locations that mean where a request comes from, and those that perhaps do."""

    names: tuple[str, ...]
    perhaps: tuple[str, ...] = ()


def _seen(request: AccessRequest, table: LocationTable) -> Seen:
    place = table.place(
        request.address, request.country, request.gps_country, compliant_network=request.compliant_network
    )
    return Seen(names=(ALL, *_with_trusted(place.holding, table)), perhaps=tuple(_with_trusted(place.perhaps, table)))


def _with_trusted(locations: frozenset[LocationId], table: LocationTable) -> Iterator[str]:
    if not locations.isdisjoint(table.trusted):
        yield ALL_TRUSTED
    yield from sorted(locations)


def _nowhere(request: AccessRequest) -> bool:
    """Nothing is known of where the request comes from."""
    nothing = request.address is None and request.country is None and request.gps_country is None
    return nothing and not request.compliant_network


def index(policies: Policies, table: LocationTable) -> Index:
    """Masks by location; an address is resolved once. What perhaps holds includes, and never excuses."""
    include = masks(policies, _include)
    if not include:
        return None
    exclude = masks(policies, _exclude)
    anywhere = mask(policies, lambda policy: not _configured(policy))
    everything = (1 << len(policies)) - 1
    remembered: dict[object, int] = {}
    only_addresses = table.only_addresses

    def mask_of(request: AccessRequest) -> int:
        address = request.address
        key: object = (
            # Which locations hold it is found sooner than the address itself: addresses are hashed slowly.
            table.mark(address)
            if only_addresses and address is not None
            else (address, request.country, request.gps_country, request.compliant_network)
        )
        found = remembered.get(key)
        if found is None:
            seen = _seen(request, table)
            found = anywhere | (union(include, (*seen.names, *seen.perhaps)) & ~union(exclude, seen.names))
            if _nowhere(request):
                found = everything
            if len(remembered) >= REMEMBERED:
                remembered.clear()
            remembered[key] = found
        return found

    return mask_of


def _rules(named: tuple[str, ...], seen: tuple[str, ...]) -> tuple[RuleMatch, ...]:
    rules = {ALL: Rule.ALL_LOCATIONS, ALL_TRUSTED: Rule.ALL_TRUSTED_LOCATIONS}
    return tuple(RuleMatch(rule=rules.get(name, Rule.LOCATION_ID), value=name) for name in seen if name in named)


def match(policy: ConditionalAccessPolicy, request: AccessRequest, table: LocationTable) -> Match:
    """How one policy sees where the request comes from."""
    if _nowhere(request):
        include = _include(policy)
        return Match(configured=_configured(policy), value="unknown", include=_rules(include, include), supplied=False)
    seen = _seen(request, table)
    value = " ".join(str(part) for part in (request.address, request.country or request.gps_country) if part)
    return Match(
        configured=_configured(policy),
        value=value or "unknown",
        include=_rules(_include(policy), (*seen.names, *seen.perhaps)),
        exclude=_rules(_exclude(policy), seen.names),
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


NO_COUNTRY: Final = "--"  # of no location


def _held(table: LocationTable, address: Thing) -> frozenset[LocationId]:
    return frozenset() if address is None else table.holding(ip_address(str(address)))


def symbolic(policy: ConditionalAccessPolicy, vocabulary: Vocabulary) -> Term:
    """For proofs: included by what holds or perhaps does, and not excluded by what holds."""
    if not _configured(policy):
        return TRUE
    table = vocabulary.locations

    def from_country(country: Thing, gps: Thing) -> frozenset[LocationId]:
        return table.place(None, str(country), str(gps), compliant_network=False).holding

    def holds(wanted: Collection[str]) -> Term:
        by_network = table.place(None, NO_COUNTRY, NO_COUNTRY, compliant_network=True).holding
        return some(
            vocabulary.where(ADDRESS, lambda seen: not _held(table, seen).isdisjoint(wanted)),
            vocabulary.where(
                COUNTRY, lambda seen: seen is not None and not from_country(seen, NO_COUNTRY).isdisjoint(wanted)
            ),
            vocabulary.where(
                GPS_COUNTRY, lambda seen: seen is not None and not from_country(NO_COUNTRY, seen).isdisjoint(wanted)
            ),
            *(() if by_network.isdisjoint(wanted) else (Is(COMPLIANT_NETWORK, True),)),
        )

    def perhaps(wanted: Collection[str]) -> Term:
        """What nobody can tell, because the address or a country is not known."""
        by_country = table.place(None, None, NO_COUNTRY, compliant_network=False).perhaps - table.by_address
        by_gps = table.place(None, NO_COUNTRY, None, compliant_network=False).perhaps - table.by_address
        unknown = ((ADDRESS, table.by_address), (COUNTRY, by_country), (GPS_COUNTRY, by_gps))
        return some(*(Is(name, None) for name, found in unknown if not found.isdisjoint(wanted)))

    def meant(names: tuple[str, ...], *, unknown: bool) -> Term:
        if ALL in names:
            return TRUE
        wanted = {*names, *(table.trusted if ALL_TRUSTED in names else ())}
        return some(holds(wanted), perhaps(wanted) if unknown else some())

    nowhere = every(
        *(Is(name, None) for name in (ADDRESS, COUNTRY, GPS_COUNTRY)), opposite(Is(COMPLIANT_NETWORK, True))
    )
    included, excluded = meant(_include(policy), unknown=True), meant(_exclude(policy), unknown=False)
    return some(nowhere, every(included, opposite(excluded)))


LOCATIONS = Condition(
    name=ConditionName.LOCATION,
    part=PART,
    decode=decode,
    encode=encode,
    match=match,
    index=index,
    symbolic=symbolic,
)

"""A set of policies as files hold it, ready to decide by; what is wrong with it is said, and restricts."""

from collections.abc import Collection, Iterable, Mapping
from typing import Final

from msgspec.structs import replace

from assay.policy.compile import CompiledPolicySet, compile_policies
from assay.policy.condition_set import ALL, ALL_TRUSTED, Locations
from assay.policy.definition import ConditionalAccessPolicy, NamedLocation, PolicySet, Undecided
from assay.policy.graph_json import canonical_id
from assay.policy.importers import ImportResult, SourceFile, import_policies
from assay.policy.malformed_sentences import reason_words
from assay.policy.references import map_references
from assay.policy.undecided import undecided_paths
from assay.values import LocationId, PolicyId, Value, Wire

COMPLIANT_NETWORK: Final = LocationId("3d46dbda-8382-466a-856d-eb00cbc6b910")
UNREADABLE = "unreadable"
REPEATED = "repeated"  # a policy that a file before holds too, the same: nothing follows from it either
IGNORED = "ignored"  # a file without a policy, a location or a strength: nothing follows from it
_LISTS = ("includeLocations", "excludeLocations")


class SetProblem(Wire, frozen=True, kw_only=True):
    """What is to be said of the set: `kind` is unreadable, unknownLocation, notDecided, repeated or ignored.

    `source`: the file; `policy`: the display name; `where`: the place in it; `detail`: what is there.
    `message`: of what cannot be read, why, in words.
    """

    kind: str
    source: str = ""
    policy: str | None = None
    where: str = ""
    detail: str = ""
    message: str = ""


class GivenSet(Value, frozen=True, kw_only=True):
    """A set, compiled once; `whole`: nothing that might refuse is missing, or that was waived."""

    compiled: CompiledPolicySet
    problems: tuple[SetProblem, ...]
    whole: bool = True


def read_set(
    files: Iterable[SourceFile], mapping: Mapping[str, str], *, leave_out_unreadable: bool = False
) -> GivenSet:
    """The set of the files, with every id that `mapping` names replaced, in any case.

    Where a policy has a location's name in place of its id, as some published ones do, the name is read as the id.
    """
    found = import_policies(files)
    # Placeholders keep their case in a policy, all other ids are in lower case.
    folded = {old: canonical_id(new) for old, new in mapping.items()}
    mapped = tuple(map_references(each.policy, folded) for each in found.policies)
    located = (*found.locations, *_everywhere_the_same(mapped, found.locations))
    known = {location.id for location in located}
    names = _names(located)
    policies = tuple(_by_name(policy, names, known) for policy in mapped)
    unknown = tuple(dict.fromkeys(name for policy in policies for name in _unknown(policy, known)))
    policy_set = PolicySet(
        policies=policies,
        locations=(*located, *map(_placeholder, unknown)),
        strengths=found.strengths,
    )
    sources = {each.policy.id: each.source for each in found.policies}
    return GivenSet(
        compiled=compile_policies(policy_set),
        problems=(
            *_unreadable(found),
            *_undecided(policy_set, sources, known),
            *(SetProblem(kind=REPEATED, source=each.source, policy=each.name) for each in found.repeated),
            *(SetProblem(kind=IGNORED, source=name) for name in found.ignored),
        ),
        whole=leave_out_unreadable or not found.malformed,
    )


def _everywhere_the_same(
    policies: Iterable[ConditionalAccessPolicy], locations: Iterable[NamedLocation]
) -> Iterable[NamedLocation]:
    """The compliant network has one id in every tenant (X PACK); packs name it, and most do not hold it."""
    named = any(COMPLIANT_NETWORK in _locations(policy) for policy in policies)
    if named and all(location.id != COMPLIANT_NETWORK for location in locations):
        yield NamedLocation(
            id=COMPLIANT_NETWORK,
            display_name="All Compliant Network locations",
            is_trusted=True,
            compliant_network=True,
        )


def _names(locations: Iterable[NamedLocation]) -> Mapping[str, LocationId]:
    """Ids by name in lower case; a name that two have means neither."""
    found: dict[str, list[LocationId]] = {}
    for location in locations:
        found.setdefault(location.display_name.lower(), []).append(location.id)
    return {name: ids[0] for name, ids in found.items() if len(ids) == 1}


def _by_name(
    policy: ConditionalAccessPolicy, names: Mapping[str, LocationId], known: Collection[str]
) -> ConditionalAccessPolicy:
    locations = policy.conditions.locations
    if locations is None:
        return policy
    read = replace(
        locations,
        include_locations=tuple(_id(name, names, known) for name in locations.include_locations),
        exclude_locations=tuple(_id(name, names, known) for name in locations.exclude_locations),
    )
    return replace(policy, conditions=replace(policy.conditions, locations=read))


def _id(name: str, names: Mapping[str, LocationId], known: Collection[str]) -> str:
    return name if name in known or name in (ALL, ALL_TRUSTED) else names.get(name.lower(), name)


def _locations(policy: ConditionalAccessPolicy) -> tuple[str, ...]:
    found = policy.conditions.locations or Locations()
    return (*found.include_locations, *found.exclude_locations)


def _unknown(policy: ConditionalAccessPolicy, known: Collection[str]) -> Iterable[str]:
    return (name for name in _locations(policy) if name not in known and name not in (ALL, ALL_TRUSTED))


def _placeholder(name: str) -> NamedLocation:
    """A location that policies name and the set lacks: nobody can tell where it is, so its policies restrict."""
    return NamedLocation(id=LocationId(name), display_name=name, undecided=(Undecided(path=("id",), json=f'"{name}"'),))


def _unreadable(found: ImportResult) -> Iterable[SetProblem]:
    for bad in found.malformed:
        told = ", ".join(f"{name} {value}" for name, value in bad.reason.parameters)
        detail = f"{bad.reason.code} ({told})" if told else bad.reason.code
        message = reason_words(bad.reason)
        yield SetProblem(kind=UNREADABLE, source=bad.source, where=bad.path, detail=detail, message=message)


def _undecided(policy_set: PolicySet, sources: Mapping[PolicyId, str], known: Collection[str]) -> Iterable[SetProblem]:
    for policy in policy_set.policies:
        unknown = frozenset(_unknown(policy, known))
        for name in dict.fromkeys(_locations(policy)):
            if name in unknown:
                yield SetProblem(
                    kind="unknownLocation",
                    source=sources[policy.id],
                    policy=policy.display_name,
                    where="conditions.locations",
                    detail=name,
                )
        # An unknown location is undecided as well, and was just said in the better words.
        said = {f"conditions.locations.{key}.{name}" for key in _LISTS for name in unknown}
        for where in undecided_paths(policy, policy_set):
            if where not in said:
                yield SetProblem(kind="notDecided", source=sources[policy.id], policy=policy.display_name, where=where)

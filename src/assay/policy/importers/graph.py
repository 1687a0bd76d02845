"""Graph exports in all their shapes: single objects, arrays, `value` lists, wrappers; nothing raises."""

from collections.abc import Iterable, Iterator
from typing import Final, TypeVar

from msgspec.structs import replace

from assay.policy.definition import AuthenticationStrengthPolicy, ConditionalAccessPolicy, NamedLocation, PolicySet
from assay.policy.graph_json import Json, MalformedError, Node, is_noise
from assay.policy.importers.locations import read_location
from assay.policy.importers.policies import read_policy
from assay.policy.importers.source import SourceFile, read_json
from assay.policy.importers.strengths import read_strength
from assay.policy.location_table import LocationTable
from assay.policy.strengths import BUILT_IN
from assay.policy.undecided import undecided_parts
from assay.values import PolicyId, Reason, Value

MAX_OBJECTS: Final = 10_000
T = TypeVar("T")
_WRAPPERS = ("value", "policyconfig")


class ImportedPolicy(Value, frozen=True, kw_only=True):
    """One policy and the paths of what it holds that this engine does not decide."""

    source: str
    policy: ConditionalAccessPolicy
    undecided: tuple[str, ...]


class Malformed(Value, frozen=True, kw_only=True):
    """One file or object that could not be read: where in it, and why."""

    source: str
    path: str
    reason: Reason


class ImportResult(Value, frozen=True, kw_only=True):
    """Everything found in the files; `ignored`: files that hold no policy, location or strength."""

    policies: tuple[ImportedPolicy, ...] = ()
    locations: tuple[NamedLocation, ...] = ()
    strengths: tuple[AuthenticationStrengthPolicy, ...] = ()
    malformed: tuple[Malformed, ...] = ()
    ignored: tuple[str, ...] = ()

    @property
    def policy_set(self) -> PolicySet:
        """What was read, as a set to compile."""
        return PolicySet(
            policies=tuple(imported.policy for imported in self.policies),
            locations=self.locations,
            strengths=self.strengths,
        )


class _Reading:
    """What has been read so far; the first object of an id stands, a second one is malformed."""

    def __init__(self) -> None:
        self.policies: dict[str, tuple[str, ConditionalAccessPolicy]] = {}
        self.locations: dict[str, NamedLocation] = {}
        self.strengths: dict[str, AuthenticationStrengthPolicy] = {}
        self.malformed: list[Malformed] = []
        self.ignored: list[str] = []
        # How often a name was met: the next copy is numbered from there, and not from the beginning.
        self._copies: dict[PolicyId, int] = {}

    def file(self, file: SourceFile) -> None:
        try:
            found = list(_objects(read_json(file.content)))
        except MalformedError as error:
            self.failed(file.name, error)
            return
        known = False
        for value in found:
            try:
                known = self.object(file.name, value) or known
            except MalformedError as error:
                known = True
                self.failed(file.name, error)
        if not known:
            self.ignored.append(file.name)

    def object(self, source: str, value: Json) -> bool:
        node = Node(value, (), [])
        # What demands something and does not say of whom is a policy that was cut off, and never passed over.
        if any(map(node.holds, ("conditions", "grantControls", "sessionControls"))):
            self.policy(source, node)
        elif _is_location(value):
            location = read_location(node)
            _once(self.locations, location.id, location)
        elif node.holds("allowedCombinations"):
            strength = read_strength(node)
            if strength.id not in BUILT_IN:
                _once(self.strengths, strength.id, strength)
        else:
            return False
        return True

    def policy(self, source: str, node: Node) -> None:
        template = not node.holds("id")
        policy, strength = read_policy(node)
        if template:
            policy = self._named_apart(policy)
        _once(self.policies, policy.id, (source, policy))
        if strength is not None and self.strengths.setdefault(strength.id, strength) != strength:
            self.failed(source, MalformedError(("grantControls", "authenticationStrength"), "differsFromOther"))

    def _named_apart(self, policy: ConditionalAccessPolicy) -> ConditionalAccessPolicy:
        """Templates of one name in one import are different policies."""
        number, found = self._copies.get(policy.id, 1), policy
        while found.id in self.policies:
            number += 1
            found = replace(policy, id=PolicyId(f"{policy.id[:-4]}{number:04x}"))
        self._copies[policy.id] = number
        return found

    def failed(self, source: str, error: MalformedError) -> None:
        self.malformed.append(Malformed(source=source, path=error.path, reason=error.reason))


def import_policies(files: Iterable[SourceFile], known: PolicySet | None = None) -> ImportResult:
    """Read files as exported or written by hand; `known`: locations and strengths that exist already.

    Keys and enumerations compare without case, OData annotations are dropped, null, absent and empty are one.
    """
    reading = _Reading()
    for file in files:
        reading.file(file)
    existing = known or PolicySet()
    table = LocationTable((*existing.locations, *reading.locations.values()))
    strengths = {found.id: found for found in existing.strengths} | reading.strengths | BUILT_IN
    return ImportResult(
        policies=tuple(
            ImportedPolicy(
                source=source,
                policy=policy,
                undecided=tuple(part.where for part in undecided_parts(policy, table.undecided, strengths)),
            )
            for source, policy in reading.policies.values()
        ),
        locations=tuple(reading.locations.values()),
        strengths=tuple(reading.strengths.values()),
        malformed=tuple(reading.malformed),
        ignored=tuple(reading.ignored),
    )


def _once(table: dict[str, T], key: str, value: T) -> None:
    if key in table:
        raise MalformedError(("id",), "duplicateId", id=key)
    table[key] = value


def _objects(value: Json) -> Iterator[Json]:
    """The objects of a file, out of arrays, `{"value": […]}` and wrappers around one policy."""
    waiting: list[Json] = [value]
    count = 0
    while waiting:
        found = waiting.pop(0)
        count += 1
        if count > MAX_OBJECTS:
            raise MalformedError((), "tooManyObjects", limit=str(MAX_OBJECTS))
        inner = _inner(found)
        if inner is None:
            yield found
        else:
            waiting[:0] = inner


def _inner(value: Json) -> list[Json] | None:
    if isinstance(value, list):
        return value
    if isinstance(value, dict):
        keys = {key.lower(): key for key in value if not is_noise(key)}
        for wrapper in _WRAPPERS:
            if wrapper in keys and "conditions" not in keys:
                inside = value[keys[wrapper]]
                if isinstance(inside, list | dict):
                    return inside if isinstance(inside, list) else [inside]
    return None


def _is_location(value: Json) -> bool:
    if not isinstance(value, dict):
        return False
    kind = str(value.get("@odata.type") or "").lower()
    keys = {key.lower() for key in value}
    return kind.endswith("namedlocation") or bool(keys & {"ipranges", "countriesandregions", "compliantnetworktype"})

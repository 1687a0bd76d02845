"""Graph exports in all their shapes: objects, one or several, arrays, `value` lists, wrappers; nothing raises."""

from collections.abc import Callable, Iterable, Iterator
from typing import Final, TypeVar
from uuid import UUID, uuid5

from msgspec.structs import replace

from assay.policy.definition import AuthenticationStrengthPolicy, ConditionalAccessPolicy, NamedLocation, PolicySet
from assay.policy.graph_json import Json, JsonObject, MalformedError, Node, entries, is_noise
from assay.policy.importers.locations import read_location
from assay.policy.importers.policies import LOCATIONS, read_policy
from assay.policy.importers.source import SourceFile, read_documents
from assay.policy.importers.strengths import in_common, read_strength
from assay.policy.location_table import location_table
from assay.policy.strengths import BUILT_IN
from assay.policy.undecided import undecided_parts
from assay.values import PolicyId, Reason, Value

MAX_OBJECTS: Final = 10_000
T = TypeVar("T")
_WRAPPERS = ("value", "policyconfig")
# What demands something and does not say of whom is a policy that was cut off, and never passed over.
_DEMANDS = ("conditions", "grantcontrols", "sessioncontrols")
_LOCATION_TYPE = "namedlocation"
_LOCATION_KEYS = ("ipranges", "countriesandregions", "compliantnetworktype")
_STRENGTH_KEY = "allowedcombinations"
# A policy in the shape of Microsoft365DSC, which Graph's configuration snapshots have too: all in one level.
_FLAT = (("includeusers", "includegroups", "includeroles"), ("builtincontrols", "grantcontroloperator"))
_TERRAFORMS = frozenset({"display_name", "conditions"})
_FLAT_HINT = "this is a policy in the shape of Microsoft365DSC; export it from Graph's conditionalAccess/policies"
_NEXT = ("@odata.nextlink", "odata.nextlink", "nextlink")
_NAMES = UUID("b0b7b1f8-6d0e-5a53-8a1e-1f0f6f3f2a6d")  # name space of ids made from a location's or a strength's name


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


class Repeated(Value, frozen=True, kw_only=True):
    """A policy that a file before holds too, the same: exports are kept as a whole and one by one."""

    source: str
    id: PolicyId
    name: str


class ImportResult(Value, frozen=True, kw_only=True):
    """Everything found in the files; `ignored`: files that hold no policy, location or strength."""

    policies: tuple[ImportedPolicy, ...] = ()
    locations: tuple[NamedLocation, ...] = ()
    strengths: tuple[AuthenticationStrengthPolicy, ...] = ()
    malformed: tuple[Malformed, ...] = ()
    ignored: tuple[str, ...] = ()
    repeated: tuple[Repeated, ...] = ()

    @property
    def policy_set(self) -> PolicySet:
        """What was read, as a set to compile."""
        return PolicySet(
            policies=tuple(imported.policy for imported in self.policies),
            locations=self.locations,
            strengths=self.strengths,
        )


class _Reading:
    """What has been read so far; the first object of an id stands, a second one that differs is malformed."""

    def __init__(self) -> None:
        self.policies: dict[str, tuple[str, ConditionalAccessPolicy]] = {}
        self.locations: dict[str, NamedLocation] = {}
        self.strengths: dict[str, AuthenticationStrengthPolicy] = {}
        self.malformed: list[Malformed] = []
        self.ignored: list[str] = []
        self.repeated: list[Repeated] = []
        # How often a name was met: the next copy is numbered from there, and not from the beginning.
        self._copies: dict[PolicyId, int] = {}

    def file(self, file: SourceFile) -> None:
        more: list[MalformedError] = []
        try:
            if file.unreadable:
                raise MalformedError((), "notReadable", why=file.unreadable[:200])
            found = list(_objects(read_documents(file.content), more))
        except MalformedError as error:
            self.failed(file.name, error)
            return
        for missing in more:
            # The rest may hold what refuses.
            self.failed(file.name, missing)
        for value in found:
            try:
                self.object(file.name, value)
            except MalformedError as error:
                self.failed(file.name, error)
        if not (found or more):
            self.ignored.append(file.name)

    def object(self, source: str, value: Json) -> None:
        node = Node(value, (), [])
        if any(map(node.holds, _DEMANDS)):
            self.policy(source, node)
        elif _is_flat(node.holds):
            raise MalformedError((), "notGraph", hint=_FLAT_HINT)
        elif _is_location(node):
            location = read_location(node, _id_of_name)
            # Every template that names a place may bring it.
            if self.locations.get(location.id) != location:
                _once(self.locations, location.id, location)
        else:
            strength = read_strength(node)
            if not strength.id:
                strength = replace(strength, id=_id_of_name(strength.display_name))
            if strength.id not in BUILT_IN:
                self.strength(strength)

    def policy(self, source: str, node: Node) -> None:
        template = not node.holds("id")
        policy, strength = read_policy(node)
        if template:
            policy = self._named_apart(policy)
        known = self.policies.get(policy.id)
        if known is not None and known[1] == policy:
            self.repeated.append(Repeated(source=source, id=policy.id, name=policy.display_name))
        else:
            _once(self.policies, policy.id, (source, policy))
        if strength is not None:
            self.strength(strength)

    def strength(self, strength: AuthenticationStrengthPolicy) -> None:
        """Policies hold it each as it was when they were exported, and it may have a file of its own."""
        known = self.strengths.get(strength.id)
        self.strengths[strength.id] = strength if known is None else in_common(known, strength)

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
    table = location_table((*existing.locations, *reading.locations.values()))
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
        repeated=tuple(reading.repeated),
    )


def _once(table: dict[str, T], key: str, value: T) -> None:
    if key in table:
        raise MalformedError(("id",), "duplicateId", id=key)
    table[key] = value


def _id_of_name(name: str) -> str:
    """A template has no id yet: it gets one made from its name."""
    if not name:
        raise MalformedError(("id",), "required")
    return str(uuid5(_NAMES, name))


def _objects(value: Json, more: list[MalformedError]) -> Iterator[Json]:
    """The policies, locations and strengths of a file, out of whatever holds them.

    `more`: what was not exported, of lists that Graph would go on with and of requests that it refused.
    """
    # The flag: the value stands where exports put such objects, so that half of one is a broken one.
    waiting: list[tuple[Json, bool]] = [(value, True)]
    count = 0
    while waiting:
        found, expected = waiting.pop()
        if isinstance(found, dict) and _is_known(found, expected=expected):
            count += 1
            if count > MAX_OBJECTS:
                raise MalformedError((), "tooManyObjects", limit=str(MAX_OBJECTS))
            yield found
            waiting += [(inner, False) for key, inner in found.items() if key.lower() == LOCATIONS.lower()]
        elif isinstance(found, list):
            waiting += [(inner, expected) for inner in reversed(found)]
        elif isinstance(found, dict):
            more += _not_exported(found)
            waiting += [
                (inner, expected and key.lower() in _WRAPPERS)
                for key, inner in reversed(found.items())
                if isinstance(inner, dict | list) and not is_noise(key)
            ]
        elif expected:
            yield found  # what is left of an object that was exported too shallowly: it cannot be read


def _not_exported(value: JsonObject) -> Iterator[MalformedError]:
    """A list that goes on elsewhere, or an error in the place of an answer, as one of a batch may be one."""
    for key, inner in value.items():
        if key.lower() in _NEXT and isinstance(inner, str) and inner:
            yield MalformedError((), "moreToCome", next=inner[:200])
        elif key.lower() == "error" and isinstance(inner, dict) and isinstance(inner.get("message"), str):
            code = inner.get("code")
            if isinstance(code, str) and code:
                yield MalformedError((), "errorInstead", error=code[:200])


def _is_known(value: JsonObject, *, expected: bool) -> bool:
    """Whether this is a policy, a location or a strength, by what it holds."""
    held = {key.lower(): inner for key, inner in entries(value) if inner is not None}
    typed = str(held.get("@odata.type")).lower().endswith(_LOCATION_TYPE)
    found = typed or any(key in held for key in (*_DEMANDS, *_LOCATION_KEYS, _STRENGTH_KEY))
    if not found:
        return _is_flat(held.__contains__)
    if held.keys() >= _TERRAFORMS:
        return True  # a plan of Terraform's has it in lists
    if expected:
        return True
    if isinstance(held.get("conditions"), dict):
        return any(key in held for key in ("state", *_DEMANDS[1:]))
    return "displayname" in held and (typed or any(key in held for key in (*_LOCATION_KEYS, _STRENGTH_KEY)))


def _is_flat(holds: Callable[[str], bool]) -> bool:
    return holds("displayname") and all(any(map(holds, keys)) for keys in _FLAT)


def _is_location(node: Node) -> bool:
    return node.type_name.endswith(_LOCATION_TYPE) or any(map(node.holds, _LOCATION_KEYS))

"""What a condition is: one way to say which requests a policy is about."""

from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from typing import TypeVar

from assay.policy.definition import ConditionalAccessPolicy, ConditionSet
from assay.policy.graph_json import JsonObject, Node
from assay.policy.location_table import LocationTable
from assay.policy.request import AccessRequest, Principal
from assay.values import Value

V = TypeVar("V")
Policies = Sequence[ConditionalAccessPolicy]


class ConditionName(StrEnum):
    """Graph's conditionalAccessConditions."""

    USERS = "users"
    APPLICATION = "application"
    CLIENT_TYPE = "clientType"
    DEVICE_PLATFORM = "devicePlatform"
    LOCATION = "location"


class Rule(StrEnum):
    """Graph's conditionalAccessRule; userAction and clientApp are ours, Graph has no word for them."""

    ALL_USERS = "allUsers"
    USER_ID = "userId"
    GUEST = "guest"
    GROUP_ID = "groupId"
    ROLE_ID = "roleId"
    INTERNAL_GUEST = "internalGuest"
    B2B_COLLABORATION_GUEST = "b2bCollaborationGuest"
    OTHER_EXTERNAL_USER = "otherExternalUser"
    ALL_APPS = "allApps"
    APP_ID = "appId"
    USER_ACTION = "userAction"
    CLIENT_APP = "clientApp"
    ALL_DEVICE_PLATFORMS = "allDevicePlatforms"
    DEVICE_PLATFORM = "devicePlatform"
    ALL_LOCATIONS = "allLocations"
    ALL_TRUSTED_LOCATIONS = "allTrustedLocations"
    LOCATION_ID = "locationId"


class RuleMatch(Value, frozen=True, kw_only=True):
    """One include or exclude rule that the request satisfies; `value` is the id or name that matched."""

    rule: Rule
    value: str = ""


class Match(Value, frozen=True, kw_only=True):
    """How one condition of one policy sees one request."""

    configured: bool
    value: str  # what was seen
    include: tuple[RuleMatch, ...] = ()
    exclude: tuple[RuleMatch, ...] = ()

    @property
    def satisfied(self) -> bool:
        """Not configured, or included and not excluded."""
        return not self.configured or (bool(self.include) and not self.exclude)


Index = Callable[[AccessRequest], int]


class Condition(Value, frozen=True, kw_only=True):
    """One condition on the request; everything about it is in the file that declares it.

    `part`: its key in Graph's conditionalAccessConditionSet.
    `index`: compiles the masks: bit i is set where policy i is satisfied by the request's value. INVARIANT: it looks at
    neither the instant nor the proofs, because answers are remembered until a proof's age changes them (`memo.py`).
    """

    name: ConditionName
    part: str
    decode: Callable[[Node, ConditionSet], ConditionSet]
    encode: Callable[[ConditionSet], JsonObject]
    match: Callable[[ConditionalAccessPolicy, AccessRequest, LocationTable], Match]
    index: Callable[[Policies, LocationTable], Index]


class SubjectIndex(Value, frozen=True, kw_only=True):
    """Which policies include a principal, and which exclude it, by one kind of rule."""

    include: Callable[[Principal], int]
    exclude: Callable[[Principal], int]


class SubjectKind(Value, frozen=True, kw_only=True):
    """One kind of rule about the person: ids, groups, roles, guest types."""

    index: Callable[[Policies], SubjectIndex]
    include: Callable[[ConditionalAccessPolicy, Principal], tuple[RuleMatch, ...]]
    exclude: Callable[[ConditionalAccessPolicy, Principal], tuple[RuleMatch, ...]]


def masks(policies: Policies, values: Callable[[ConditionalAccessPolicy], Iterable[V]]) -> dict[V, int]:
    """For each value that a policy names: the bits of the policies that name it."""
    found: dict[V, int] = {}
    for position, policy in enumerate(policies):
        for value in values(policy):
            found[value] = found.get(value, 0) | 1 << position
    return found


def mask(policies: Policies, holds: Callable[[ConditionalAccessPolicy], bool]) -> int:
    """The bits of the policies for which `holds`."""
    return sum(1 << position for position, policy in enumerate(policies) if holds(policy))


def union(table: dict[V, int], values: Iterable[V]) -> int:
    """The bits of every policy that names any of the values."""
    found = 0
    for value in values:
        found |= table.get(value, 0)
    return found

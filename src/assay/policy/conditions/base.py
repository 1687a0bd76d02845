"""What a condition is: one way to say which requests a policy is about."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Final, TypeVar, cast

from assay.policy.condition_set import ConditionSet
from assay.policy.definition import ConditionalAccessPolicy
from assay.policy.graph_json import JsonObject, Node
from assay.policy.location_table import LocationTable
from assay.policy.request import AccessRequest, Principal
from assay.policy.symbolic import Term, Vocabulary
from assay.values import Value, Word

V = TypeVar("V")
Policies = Sequence[ConditionalAccessPolicy]
REMEMBERED: Final = 64  # tables; a set has about twenty-five


class ConditionName(Word):
    """Graph's conditionalAccessConditions; those of agents are ours, Graph has no word for them."""

    USERS = "users"
    SERVICE_PRINCIPALS = "servicePrincipals"
    APPLICATION = "application"
    CLIENT_TYPE = "clientType"
    DEVICE_PLATFORM = "devicePlatform"
    LOCATION = "location"
    DEVICE_STATE = "deviceState"
    SIGN_IN_RISK = "signInRisk"
    USER_RISK = "userRisk"
    SERVICE_PRINCIPAL_RISK = "servicePrincipalRisk"
    AGENT_ID_RISK = "agentIdRisk"
    INSIDER_RISK = "insiderRisk"
    AUTHENTICATION_FLOWS = "authenticationFlows"
    AGENT_CONTEXT = "agentContext"


class Rule(Word):
    """Graph's conditionalAccessRule; where it has no word (user action, client app, levels, agents) ours."""

    ALL_USERS = "allUsers"
    USER_ID = "userId"
    GUEST = "guest"
    GROUP_ID = "groupId"
    ROLE_ID = "roleId"
    INTERNAL_GUEST = "internalGuest"
    B2B_COLLABORATION_GUEST = "b2bCollaborationGuest"
    B2B_COLLABORATION_MEMBER = "b2bCollaborationMember"
    B2B_DIRECT_CONNECT_USER = "b2bDirectConnectUser"
    OTHER_EXTERNAL_USER = "otherExternalUser"
    SERVICE_PROVIDER = "serviceProvider"
    AGENT_USER = "agentUser"
    ALL_SERVICE_PRINCIPALS = "allServicePrincipals"
    SERVICE_PRINCIPAL_ID = "servicePrincipalId"
    SERVICE_PRINCIPAL_FILTER = "servicePrincipalFilter"
    ALL_APPS = "allApps"
    APP_ID = "appId"
    OFFICE_365 = "office365"
    MICROSOFT_ADMIN_PORTALS = "microsoftAdminPortals"
    APP_FILTER = "appFilter"
    AUTHENTICATION_CONTEXT = "acr"
    USER_ACTION = "userAction"
    CLIENT_APP = "clientApp"
    ALL_DEVICE_PLATFORMS = "allDevicePlatforms"
    DEVICE_PLATFORM = "devicePlatform"
    ALL_LOCATIONS = "allLocations"
    ALL_TRUSTED_LOCATIONS = "allTrustedLocations"
    LOCATION_ID = "locationId"
    ALL_DEVICES = "allDevices"
    DEVICE_FILTER = "deviceFilter"
    DEVICE_FILTER_INCLUDE_RULE_NOT_MATCHED = "deviceFilterIncludeRuleNotMatched"
    DEVICE_STATE = "deviceState"
    SIGN_IN_RISK = "signInRisk"
    USER_RISK = "userRisk"
    SERVICE_PRINCIPAL_RISK = "servicePrincipalRisk"
    AGENT_ID_RISK = "agentIdRisk"
    INSIDER_RISK = "insiderRisk"
    DEVICE_CODE_FLOW = "deviceCodeFlow"
    AUTHENTICATION_TRANSFER = "authenticationTransfer"
    AGENT_CONTEXT = "agentContext"


class RuleMatch(Value, frozen=True, kw_only=True):
    """One include or exclude rule that the request satisfies; `value` is the id or name that matched."""

    rule: Rule
    value: str = ""


class Match(Value, frozen=True, kw_only=True):
    """How one condition of one policy sees one request.

    `supplied`: whether the request says anything about it; What If passes over a condition without a value.
    """

    configured: bool
    value: str  # what was seen
    include: tuple[RuleMatch, ...] = ()
    exclude: tuple[RuleMatch, ...] = ()
    supplied: bool = True

    @property
    def satisfied(self) -> bool:
        """Not configured, or included and not excluded."""
        return not self.configured or (bool(self.include) and not self.exclude)


# From a request to the bits of the policies that are satisfied by its value; None: no policy configures this.
Index = Callable[[AccessRequest], int] | None


class Condition(Value, frozen=True, kw_only=True):
    """One condition on the request; everything about it is in the file that declares it.

    `part`: its key in Graph's conditionalAccessConditionSet; `also`: keys that older exports keep some of it in.
    `index`: compiles the masks: bit i is set where policy i is satisfied by the request's value; None where no
    policy configures the condition, which then costs nothing. INVARIANT: it looks at neither the instant nor the
    proofs, because answers are remembered until a proof's age changes them (`memo.py`).
    `symbolic`: the same for all sign-ins at once, for proofs; None, or its answer None: it has no such form here, and
    what depends on it is "not known" (docs/proofs.md).
    """

    name: ConditionName
    part: str
    decode: Callable[[Node, ConditionSet], ConditionSet]
    encode: Callable[[ConditionSet], JsonObject]
    match: Callable[[ConditionalAccessPolicy, AccessRequest, LocationTable], Match]
    index: Callable[[Policies, LocationTable], Index]
    also: tuple[str, ...] = ()
    symbolic: Callable[[ConditionalAccessPolicy, Vocabulary], Term | None] | None = None


class SubjectIndex(Value, frozen=True, kw_only=True):
    """Which policies include a principal, and which exclude it, by one kind of rule; None: no policy has such rules."""

    include: Callable[[Principal], int] | None
    exclude: Callable[[Principal], int] | None


class SubjectKind(Value, frozen=True, kw_only=True):
    """One kind of rule about the person: ids, groups, roles, guest types.

    `symbolic`: whom the includes and whom the excludes mean, for proofs.
    """

    index: Callable[[Policies], SubjectIndex]
    include: Callable[[ConditionalAccessPolicy, Principal], tuple[RuleMatch, ...]]
    exclude: Callable[[ConditionalAccessPolicy, Principal], tuple[RuleMatch, ...]]
    symbolic: Callable[[ConditionalAccessPolicy, Vocabulary], tuple[Term, Term]] | None = None


def masks(policies: Policies, values: Callable[[ConditionalAccessPolicy], tuple[V, ...]]) -> Mapping[V, int]:
    """For each value that a policy names: the bits of the policies that name it."""
    return cast("Mapping[V, int]", _named_by(tuple([values(policy) for policy in policies])))


@lru_cache(maxsize=REMEMBERED)
def _named_by(named: tuple[tuple[object, ...], ...]) -> Mapping[object, int]:
    """Remembered, because of a set that is published most of what its policies name is as it was."""
    found: dict[object, list[int]] = {}
    for position, values in enumerate(named):
        for value in values:
            found.setdefault(value, []).append(position)
    return {value: bits_of(positions) for value, positions in found.items()}


def mask(policies: Policies, holds: Callable[[ConditionalAccessPolicy], bool]) -> int:
    """The bits of the policies for which `holds`."""
    return bits_of([position for position, policy in enumerate(policies) if holds(policy)])


def by_values(table: Mapping[V, int], values: Callable[[Principal], Iterable[V]]) -> Callable[[Principal], int] | None:
    """The bits of every policy that names any of a principal's values; None where no policy names anything."""
    if not table:
        return None

    def mask_of(principal: Principal) -> int:
        found = 0
        for value in values(principal):
            bits = table.get(value)
            if bits is not None:
                found |= bits
        return found

    return mask_of


def union(table: Mapping[V, int], values: Iterable[V]) -> int:
    """The bits of every policy that names any of the values."""
    found = 0
    for value in values:
        found |= table.get(value, 0)
    return found


def bits_of(positions: Iterable[int]) -> int:
    """The integer in which exactly these bits are set; made at once, because each `|` copies the whole of it."""
    found = list(positions)
    octets = bytearray(max(found, default=0) // 8 + 1)
    for position in found:
        octets[position >> 3] |= 1 << (position & 7)
    return int.from_bytes(octets, "little")

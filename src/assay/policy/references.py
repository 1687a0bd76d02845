"""References to what does not exist here: an unknown include opens silently, an unknown exclude locks out."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from enum import StrEnum
from typing import TypeVar

from msgspec.structs import replace

from assay.policy.condition_set import (
    ALL,
    ALL_TRUSTED,
    GUESTS_OR_EXTERNAL_USERS,
    NONE,
    SERVICE_PRINCIPALS_IN_MY_TENANT,
    Applications,
    ClientApplications,
    ConditionSet,
    Locations,
    Users,
)
from assay.policy.definition import ConditionalAccessPolicy, GrantControls
from assay.policy.strengths import BUILT_IN
from assay.policy.targets import NAMED_TARGETS
from assay.values import GroupId, PolicyId, RoleId, Value

T = TypeVar("T", bound=str)
_TOKENS = frozenset({ALL, NONE, ALL_TRUSTED, GUESTS_OR_EXTERNAL_USERS, SERVICE_PRINCIPALS_IN_MY_TENANT})


class ReferenceKind(StrEnum):
    """What an id names."""

    USER = "user"
    GROUP = "group"
    ROLE = "role"
    APP = "app"
    LOCATION = "location"
    STRENGTH = "strength"
    SERVICE_PRINCIPAL = "servicePrincipal"


class KnownIds(Value, frozen=True, kw_only=True):
    """Everything that exists here; our named targets and the built-in strengths always do."""

    users: Collection[str] = ()
    groups: Collection[str] = ()
    roles: Collection[str] = ()
    apps: Collection[str] = ()
    locations: Collection[str] = ()
    strengths: Collection[str] = ()
    service_principals: Collection[str] = ()

    def holds(self, kind: ReferenceKind, named: str) -> bool:
        """Whether the id exists."""
        known: dict[ReferenceKind, Collection[str]] = {
            ReferenceKind.USER: self.users,
            ReferenceKind.GROUP: self.groups,
            ReferenceKind.ROLE: self.roles,
            ReferenceKind.APP: self.apps,
            ReferenceKind.LOCATION: self.locations,
            ReferenceKind.STRENGTH: self.strengths,
            ReferenceKind.SERVICE_PRINCIPAL: self.service_principals,
        }
        return named in known[kind] or (
            (kind is ReferenceKind.APP and named in NAMED_TARGETS)
            or (kind is ReferenceKind.STRENGTH and named in BUILT_IN)
        )


class DanglingReference(Value, frozen=True, kw_only=True):
    """One id of a policy that does not exist here, and where the policy names it."""

    policy: PolicyId
    kind: ReferenceKind
    path: str
    id: str


def dangling_references(
    policy: ConditionalAccessPolicy, known: KnownIds, waived: Collection[str] = ()
) -> tuple[DanglingReference, ...]:
    """The policy's references that do not resolve; while any is left the policy may only be report-only.

    `waived`: ids that the administrator accepted as meaning nobody and nothing, in any case.
    """
    accepted = {name.lower() for name in waived}
    return tuple(
        DanglingReference(policy=policy.id, kind=kind, path=path, id=named)
        for kind, path, named in _references(policy)
        if named.lower() not in accepted and not known.holds(kind, named)
    )


def named_ids(policies: Iterable[ConditionalAccessPolicy], kind: ReferenceKind) -> frozenset[str]:
    """Every id of this kind that one of these policies names."""
    return frozenset(named for policy in policies for found, _, named in _references(policy) if found is kind)


def _references(policy: ConditionalAccessPolicy) -> Iterator[tuple[ReferenceKind, str, str]]:
    users, applications = policy.conditions.users, policy.conditions.applications
    locations, grant = policy.conditions.locations or Locations(), policy.grant_controls
    strength = grant.authentication_strength if grant else None
    lists: tuple[tuple[ReferenceKind, str, Collection[str]], ...] = (
        (ReferenceKind.USER, "conditions.users.includeUsers", users.include_users),
        (ReferenceKind.USER, "conditions.users.excludeUsers", users.exclude_users),
        (ReferenceKind.GROUP, "conditions.users.includeGroups", users.include_groups),
        (ReferenceKind.GROUP, "conditions.users.excludeGroups", users.exclude_groups),
        (ReferenceKind.ROLE, "conditions.users.includeRoles", users.include_roles),
        (ReferenceKind.ROLE, "conditions.users.excludeRoles", users.exclude_roles),
        (ReferenceKind.APP, "conditions.applications.includeApplications", applications.include_applications),
        (ReferenceKind.APP, "conditions.applications.excludeApplications", applications.exclude_applications),
        (ReferenceKind.LOCATION, "conditions.locations.includeLocations", locations.include_locations),
        (ReferenceKind.LOCATION, "conditions.locations.excludeLocations", locations.exclude_locations),
        *_programs(policy.conditions.client_applications),
        (ReferenceKind.USER, "conditions.agents.includeAgentUsers", users.include_agent_users),
        (ReferenceKind.USER, "conditions.agents.excludeAgentUsers", users.exclude_agent_users),
        (ReferenceKind.STRENGTH, "grantControls.authenticationStrength", (strength,) if strength else ()),
    )
    for kind, path, named in lists:
        for name in named:
            if name not in _TOKENS:
                yield kind, path, name


def _programs(found: ClientApplications | None) -> Iterator[tuple[ReferenceKind, str, Collection[str]]]:
    if found is None:
        return
    lists = {
        "includeServicePrincipals": found.include_service_principals,
        "excludeServicePrincipals": found.exclude_service_principals,
        "includeAgentIdServicePrincipals": found.include_agent_id_service_principals,
        "excludeAgentIdServicePrincipals": found.exclude_agent_id_service_principals,
    }
    for key, named in lists.items():
        yield ReferenceKind.SERVICE_PRINCIPAL, f"conditions.clientApplications.{key}", named


def map_references(policy: ConditionalAccessPolicy, mapping: Mapping[str, str]) -> ConditionalAccessPolicy:
    """The policy with every id that `mapping` names, in any case, replaced (`--map OLD=NEW`), wherever it stands."""
    mapping = {old.lower(): new for old, new in mapping.items()}
    users, locations, grant = policy.conditions.users, policy.conditions.locations, policy.grant_controls
    conditions: ConditionSet = replace(
        policy.conditions,
        users=_map_users(users, mapping),
        applications=_map_applications(policy.conditions.applications, mapping),
        locations=_map_locations(locations, mapping) if locations else None,
        client_applications=_map_programs(policy.conditions.client_applications, mapping),
    )
    return replace(
        policy, conditions=conditions, grant_controls=_map_grant(grant, mapping) if grant is not None else None
    )


def map_roles(policy: ConditionalAccessPolicy, mapping: Mapping[str, str]) -> ConditionalAccessPolicy:
    """The same for roles alone, which a file may name as people do."""
    users = policy.conditions.users
    roles = replace(
        users,
        include_roles=tuple(map(RoleId, _mapped(users.include_roles, mapping))),
        exclude_roles=tuple(map(RoleId, _mapped(users.exclude_roles, mapping))),
    )
    return replace(policy, conditions=replace(policy.conditions, users=roles))


def _map_users(users: Users, mapping: Mapping[str, str]) -> Users:
    return replace(
        users,
        include_users=_mapped(users.include_users, mapping),
        exclude_users=_mapped(users.exclude_users, mapping),
        include_groups=tuple(map(GroupId, _mapped(users.include_groups, mapping))),
        exclude_groups=tuple(map(GroupId, _mapped(users.exclude_groups, mapping))),
        include_roles=tuple(map(RoleId, _mapped(users.include_roles, mapping))),
        exclude_roles=tuple(map(RoleId, _mapped(users.exclude_roles, mapping))),
        include_agent_users=_mapped(users.include_agent_users, mapping),
        exclude_agent_users=_mapped(users.exclude_agent_users, mapping),
    )


def _map_programs(found: ClientApplications | None, mapping: Mapping[str, str]) -> ClientApplications | None:
    if found is None:
        return None
    return replace(
        found,
        include_service_principals=_mapped(found.include_service_principals, mapping),
        exclude_service_principals=_mapped(found.exclude_service_principals, mapping),
        include_agent_id_service_principals=_mapped(found.include_agent_id_service_principals, mapping),
        exclude_agent_id_service_principals=_mapped(found.exclude_agent_id_service_principals, mapping),
    )


def _map_applications(applications: Applications, mapping: Mapping[str, str]) -> Applications:
    return replace(
        applications,
        include_applications=_mapped(applications.include_applications, mapping),
        exclude_applications=_mapped(applications.exclude_applications, mapping),
    )


def _map_locations(locations: Locations, mapping: Mapping[str, str]) -> Locations:
    return replace(
        locations,
        include_locations=_mapped(locations.include_locations, mapping),
        exclude_locations=_mapped(locations.exclude_locations, mapping),
    )


def _map_grant(grant: GrantControls, mapping: Mapping[str, str]) -> GrantControls:
    named = grant.authentication_strength
    return replace(grant, authentication_strength=mapping.get(named.lower(), named) if named else None)


def _mapped(named: Collection[str], mapping: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(mapping.get(name.lower(), name) for name in named))

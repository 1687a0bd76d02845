"""The person: the includes of all kinds are a union, an exclude of any kind beats them (D USERS)."""

from collections.abc import Callable, Sequence

from msgspec.structs import replace

from assay.policy.condition_set import ALL, GUESTS_OR_EXTERNAL_USERS, NONE, ConditionSet, Users
from assay.policy.conditions import service_principals
from assay.policy.conditions.base import ConditionName, Match, Policies, SubjectKind
from assay.policy.definition import ConditionalAccessPolicy
from assay.policy.graph_json import JsonObject, MalformedError, Node, strings
from assay.policy.request import GuestType, Principal
from assay.policy.symbolic import PERSON, Term, Vocabulary, every, opposite, some
from assay.values import GroupId, RoleId

PART = "users"
AGENTS = "agents"  # beta
WORKLOADS = service_principals.PART


def index(policies: Policies, kinds: Sequence[SubjectKind]) -> Callable[[Principal], int]:
    """A function from a principal to the mask of the policies that are about it."""
    compiled = [kind.index(policies) for kind in kinds]
    includes = tuple(found.include for found in compiled if found.include is not None)
    excludes = tuple(found.exclude for found in compiled if found.exclude is not None)
    workloads = service_principals.index(policies)

    def mask_of(principal: Principal) -> int:
        if principal.kind is None:
            return workloads(principal)
        included = excluded = 0
        for include in includes:
            included |= include(principal)
        for exclude in excludes:
            excluded |= exclude(principal)
        return included & ~excluded

    return mask_of


def match(policy: ConditionalAccessPolicy, principal: Principal, kinds: Sequence[SubjectKind]) -> Match:
    """How one policy sees the person."""
    if principal.kind is None:
        return service_principals.match(policy, principal)
    return Match(
        configured=True,
        value=f"{principal.kind.value} {principal.id}",
        include=tuple(rule for kind in kinds for rule in kind.include(policy, principal)),
        exclude=tuple(rule for kind in kinds for rule in kind.exclude(policy, principal)),
    )


def symbolic(policy: ConditionalAccessPolicy, vocabulary: Vocabulary, kinds: Sequence[SubjectKind]) -> Term | None:
    """For proofs: whom the policy is about; None where a kind of rule has no such form."""
    workloads = service_principals.symbolic(policy, vocabulary)
    found = [kind.symbolic(policy, vocabulary) for kind in kinds if kind.symbolic is not None]
    if workloads is None or len(found) < len(kinds):
        return None
    included = some(*(include for include, _ in found))
    excluded = some(*(exclude for _, exclude in found))
    return some(every(PERSON, included, opposite(excluded)), workloads)


def name_of(principal: Principal) -> ConditionName:
    """Which of Graph's conditions a principal meets."""
    return ConditionName.USERS if principal.kind is not None else ConditionName.SERVICE_PRINCIPALS


def _guest_types(node: Node, key: str) -> tuple[tuple[GuestType, ...], tuple[str, ...]]:
    """The types, and the tenants where not all are meant."""
    part = node.child(key)
    if part is None:
        return (), ()
    types = part.flags("guestOrExternalUserTypes", GuestType)
    tenants = _tenants(part)
    part.leave()
    return types, tenants if types else ()


def _tenants(part: Node) -> tuple[str, ...]:
    tenants = part.child("externalTenants", bare=True)
    if tenants is None:
        return ()
    listed = tenants.holds("members") or tenants.type_name.endswith("enumeratedexternaltenants")
    kind, members = (tenants.text("membershipKind") or "").lower(), tenants.ids("members")
    tenants.leave()
    # Some exports leave the kind to the OData type: then that, or whether there is a list, tells.
    if (kind == "all" and not members) or not (kind or listed):
        return ()
    if kind not in ("", "enumerated") or not members:
        part.undecided("externalTenants", {"membershipKind": kind or "enumerated", "members": strings(members)})
        return ()
    return members


def decode(node: Node, conditions: ConditionSet) -> Users:
    """conditionalAccessUsers, and the accounts of agents, which beta keeps in a part of their own."""
    part, agents = node.child(PART), node.child(AGENTS)
    users = conditions.users
    if part is not None:
        include_guests, include_tenants = _guest_types(part, "includeGuestsOrExternalUsers")
        exclude_guests, exclude_tenants = _guest_types(part, "excludeGuestsOrExternalUsers")
        users = Users(
            include_users=part.ids("includeUsers", ALL, NONE, GUESTS_OR_EXTERNAL_USERS),
            exclude_users=part.ids("excludeUsers", ALL, GUESTS_OR_EXTERNAL_USERS),
            include_groups=tuple(map(GroupId, part.ids("includeGroups"))),
            exclude_groups=tuple(map(GroupId, part.ids("excludeGroups"))),
            include_roles=tuple(map(RoleId, part.ids("includeRoles"))),
            exclude_roles=tuple(map(RoleId, part.ids("excludeRoles"))),
            include_guests_or_external_users=include_guests,
            exclude_guests_or_external_users=exclude_guests,
            include_external_tenants=include_tenants,
            exclude_external_tenants=exclude_tenants,
        )
        if NONE in users.include_users and len(users.include_users) > 1:
            raise MalformedError((*part.path, "includeUsers"), "noneBesideOthers")
        part.leave()
    if agents is not None:
        users = replace(
            users,
            include_agent_users=agents.ids("includeAgentUsers", ALL),
            exclude_agent_users=agents.ids("excludeAgentUsers", ALL),
        )
        agents.leave()
    return users


def _guests(types: tuple[GuestType, ...], tenants: tuple[str, ...]) -> JsonObject | None:
    if not types:
        return None
    kind = "Enumerated" if tenants else "All"
    listed: JsonObject = {
        "@odata.type": f"#microsoft.graph.conditionalAccess{kind}ExternalTenants",
        "membershipKind": kind.lower(),
    }
    if tenants:
        listed["members"] = strings(tenants)
    return {"guestOrExternalUserTypes": ",".join(types), "externalTenants": listed}


def encode(users: Users) -> JsonObject:
    """Graph's parts: `users`, and `agents` where there are any."""
    written: JsonObject = {
        "includeUsers": strings(users.include_users),
        "excludeUsers": strings(users.exclude_users),
        "includeGroups": strings(users.include_groups),
        "excludeGroups": strings(users.exclude_groups),
        "includeRoles": strings(users.include_roles),
        "excludeRoles": strings(users.exclude_roles),
        "includeGuestsOrExternalUsers": _guests(users.include_guests_or_external_users, users.include_external_tenants),
        "excludeGuestsOrExternalUsers": _guests(users.exclude_guests_or_external_users, users.exclude_external_tenants),
    }
    parts: JsonObject = {PART: written}
    if users.include_agent_users or users.exclude_agent_users:
        parts[AGENTS] = {
            "includeAgentUsers": strings(users.include_agent_users),
            "excludeAgentUsers": strings(users.exclude_agent_users),
        }
    return parts

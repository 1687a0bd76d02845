"""The person: the includes of all kinds are a union, an exclude of any kind beats them (D USERS)."""

from collections.abc import Callable, Sequence

from assay.policy.conditions.base import Match, Policies, SubjectKind
from assay.policy.definition import (
    ALL,
    GUESTS_OR_EXTERNAL_USERS,
    NONE,
    ConditionalAccessPolicy,
    ConditionSet,
    GuestType,
    Users,
)
from assay.policy.graph_json import JsonObject, MalformedError, Node, strings
from assay.policy.request import Principal
from assay.values import GroupId, RoleId

PART = "users"
# Graph's conditions on workload identities, which are not decided here yet: a policy that has some may be about any.
WORKLOADS = "clientApplications"


def index(policies: Policies, kinds: Sequence[SubjectKind]) -> Callable[[Principal], int]:
    """A function from a principal to the mask of the policies that are about it."""
    compiled = tuple(kind.index(policies) for kind in kinds)

    def mask_of(principal: Principal) -> int:
        if principal.kind is None:
            return 0
        included = excluded = 0
        for kind in compiled:
            included |= kind.include(principal)
            excluded |= kind.exclude(principal)
        return included & ~excluded

    return mask_of


def match(policy: ConditionalAccessPolicy, principal: Principal, kinds: Sequence[SubjectKind]) -> Match:
    """How one policy sees the person."""
    if principal.kind is None:
        return Match(configured=True, value=f"workloadIdentity {principal.id}")
    return Match(
        configured=True,
        value=f"{principal.kind.value} {principal.id}",
        include=tuple(rule for kind in kinds for rule in kind.include(policy, principal)),
        exclude=tuple(rule for kind in kinds for rule in kind.exclude(policy, principal)),
    )


def _guest_types(node: Node, key: str) -> tuple[GuestType, ...]:
    part = node.child(key)
    if part is None:
        return ()
    text = part.text("guestOrExternalUserTypes") or ""
    names = [name.strip().lower() for name in text.split(",") if name.strip().lower() not in ("", "none")]
    known = {member.value.lower(): member for member in GuestType}
    tenants = part.child("externalTenants")
    if tenants is not None:
        kind = tenants.text("membershipKind")
        if kind is None or kind.lower() != "all":
            part.undecided("externalTenants", {"membershipKind": kind, "members": strings(tenants.texts("members"))})
        tenants.leave()
    if not known.keys() >= set(names):
        part.undecided("guestOrExternalUserTypes", text)
        names = []
    part.leave()
    return tuple(dict.fromkeys(known[name] for name in names))


def decode(node: Node, conditions: ConditionSet) -> Users:
    """conditionalAccessUsers; ids in lower case, `externalTenants` other than all is undecided."""
    part = node.child(PART)
    if part is None:
        return conditions.users
    users = Users(
        include_users=part.ids("includeUsers", ALL, NONE, GUESTS_OR_EXTERNAL_USERS),
        exclude_users=part.ids("excludeUsers", ALL, GUESTS_OR_EXTERNAL_USERS),
        include_groups=tuple(map(GroupId, part.ids("includeGroups"))),
        exclude_groups=tuple(map(GroupId, part.ids("excludeGroups"))),
        include_roles=tuple(map(RoleId, part.ids("includeRoles"))),
        exclude_roles=tuple(map(RoleId, part.ids("excludeRoles"))),
        include_guests_or_external_users=_guest_types(part, "includeGuestsOrExternalUsers"),
        exclude_guests_or_external_users=_guest_types(part, "excludeGuestsOrExternalUsers"),
    )
    if NONE in users.include_users and len(users.include_users) > 1:
        raise MalformedError((*part.path, "includeUsers"), "noneBesideOthers")
    part.leave()
    return users


def _guests(types: tuple[GuestType, ...]) -> JsonObject | None:
    if not types:
        return None
    return {
        "guestOrExternalUserTypes": ",".join(types),
        "externalTenants": {
            "@odata.type": "#microsoft.graph.conditionalAccessAllExternalTenants",
            "membershipKind": "all",
        },
    }


def encode(users: Users) -> JsonObject:
    """Graph's shape."""
    return {
        "includeUsers": strings(users.include_users),
        "excludeUsers": strings(users.exclude_users),
        "includeGroups": strings(users.include_groups),
        "excludeGroups": strings(users.exclude_groups),
        "includeRoles": strings(users.include_roles),
        "excludeRoles": strings(users.exclude_roles),
        "includeGuestsOrExternalUsers": _guests(users.include_guests_or_external_users),
        "excludeGuestsOrExternalUsers": _guests(users.exclude_guests_or_external_users),
    }

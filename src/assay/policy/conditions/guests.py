"""Guests and external users by Graph's types, mapped onto our kinds of people."""

from typing import Final

from assay.policy.conditions.base import Policies, Rule, RuleMatch, SubjectIndex, SubjectKind, masks
from assay.policy.definition import ConditionalAccessPolicy, GuestType, Users
from assay.policy.request import Principal, UserKind

# What a person of each kind may be in Graph's words. A guest has credentials here (internalGuest) or brings
# some (b2bCollaborationGuest), and the kind does not tell which. So one of the types is enough to be included,
# and only all of them exclude: the doubt restricts, it never exempts.
TYPES: Final[dict[UserKind | None, frozenset[GuestType]]] = {
    None: frozenset(),
    UserKind.MEMBER: frozenset(),
    UserKind.GUEST: frozenset({GuestType.INTERNAL_GUEST, GuestType.B2B_COLLABORATION_GUEST}),
    UserKind.CUSTOMER: frozenset({GuestType.OTHER_EXTERNAL_USER}),
}


def _included(users: Users, kind: UserKind | None) -> bool:
    return not TYPES[kind].isdisjoint(users.include_guests_or_external_users)


def _excluded(users: Users, kind: UserKind | None) -> bool:
    return bool(TYPES[kind]) and TYPES[kind].issubset(users.exclude_guests_or_external_users)


def index(policies: Policies) -> SubjectIndex:
    """Masks by kind of person."""
    include = masks(policies, lambda policy: (k for k in TYPES if _included(policy.conditions.users, k)))
    exclude = masks(policies, lambda policy: (k for k in TYPES if _excluded(policy.conditions.users, k)))
    return SubjectIndex(
        include=lambda principal: include.get(principal.kind, 0),
        exclude=lambda principal: exclude.get(principal.kind, 0),
    )


def _matches(kind: UserKind | None, named: tuple[GuestType, ...]) -> tuple[RuleMatch, ...]:
    return tuple(
        RuleMatch(rule=Rule(found.value), value=found.value) for found in sorted(TYPES[kind].intersection(named))
    )


def include(policy: ConditionalAccessPolicy, principal: Principal) -> tuple[RuleMatch, ...]:
    """The include rules that this person satisfies."""
    return _matches(principal.kind, policy.conditions.users.include_guests_or_external_users)


def exclude(policy: ConditionalAccessPolicy, principal: Principal) -> tuple[RuleMatch, ...]:
    """The exclude rules that this person satisfies."""
    users = policy.conditions.users
    if not _excluded(users, principal.kind):
        return ()
    return _matches(principal.kind, users.exclude_guests_or_external_users)


GUESTS = SubjectKind(index=index, include=include, exclude=exclude)

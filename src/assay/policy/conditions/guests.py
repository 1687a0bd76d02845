"""Guests and external users by Graph's types and home tenants, mapped onto our kinds of people."""

from collections.abc import Callable
from typing import Final

from assay.policy.condition_set import Users
from assay.policy.conditions.base import Policies, Rule, RuleMatch, SubjectIndex, SubjectKind, mask
from assay.policy.definition import ConditionalAccessPolicy
from assay.policy.request import GuestType, Principal, UserKind
from assay.policy.symbolic import SORT, SORTS, TENANT, Is, Term, Vocabulary, every, some
from assay.values import UserId

# What a person of each kind may be in Graph's words. A guest has credentials here (internalGuest) or brings
# some (b2bCollaborationGuest), and the kind alone does not tell which. So one of the types is enough to be included,
# and only all of them exclude: the doubt restricts, it never exempts.
TYPES: Final[dict[UserKind | None, frozenset[GuestType]]] = {
    None: frozenset(),
    UserKind.MEMBER: frozenset(),
    UserKind.GUEST: frozenset({GuestType.INTERNAL_GUEST, GuestType.B2B_COLLABORATION_GUEST}),
    UserKind.CUSTOMER: frozenset({GuestType.OTHER_EXTERNAL_USER}),
}


def types_of(principal: Principal) -> frozenset[GuestType]:
    """Every type that the person may be of."""
    return TYPES[principal.kind] if principal.guest_type is None else frozenset({principal.guest_type})


def _included(users: Users, principal: Principal) -> bool:
    if not users.include_guests_or_external_users:
        return False
    tenants = users.include_external_tenants
    return not types_of(principal).isdisjoint(users.include_guests_or_external_users) and (
        not tenants or principal.tenant is None or principal.tenant in tenants
    )


def _excluded(users: Users, principal: Principal) -> bool:
    if not users.exclude_guests_or_external_users:
        return False
    types, tenants = types_of(principal), users.exclude_external_tenants
    return (
        bool(types)
        and types.issubset(users.exclude_guests_or_external_users)
        and (not tenants or principal.tenant in tenants)
    )


def index(policies: Policies) -> SubjectIndex:
    """Masks by type and tenant; few people differ in them."""
    return SubjectIndex(include=_remembering(policies, _included), exclude=_remembering(policies, _excluded))


def _remembering(policies: Policies, holds: Callable[[Users, Principal], bool]) -> Callable[[Principal], int] | None:
    everybody = [policy.conditions.users for policy in policies]
    if not any(users.include_guests_or_external_users or users.exclude_guests_or_external_users for users in everybody):
        return None
    known: dict[tuple[frozenset[GuestType], str | None], int] = {}
    tenants = {
        tenant
        for policy in policies
        for users in (policy.conditions.users,)
        for tenant in (*users.include_external_tenants, *users.exclude_external_tenants)
    }

    def mask_of(principal: Principal) -> int:
        # A tenant that no policy names is like any other such tenant: the memory stays as small as the policies.
        tenant = principal.tenant if principal.tenant is None or principal.tenant in tenants else ""
        key = (types_of(principal), tenant)
        if key not in known:
            known[key] = mask(policies, lambda policy: holds(policy.conditions.users, principal))
        return known[key]

    return mask_of


def _matches(principal: Principal, named: tuple[GuestType, ...]) -> tuple[RuleMatch, ...]:
    return tuple(
        RuleMatch(rule=Rule(found.value), value=found.value)
        for found in sorted(types_of(principal).intersection(named))
    )


def include(policy: ConditionalAccessPolicy, principal: Principal) -> tuple[RuleMatch, ...]:
    """The include rules that this person satisfies."""
    users = policy.conditions.users
    return _matches(principal, users.include_guests_or_external_users) if _included(users, principal) else ()


def exclude(policy: ConditionalAccessPolicy, principal: Principal) -> tuple[RuleMatch, ...]:
    """The exclude rules that this person satisfies."""
    users = policy.conditions.users
    return _matches(principal, users.exclude_guests_or_external_users) if _excluded(users, principal) else ()


def symbolic(policy: ConditionalAccessPolicy, vocabulary: Vocabulary) -> tuple[Term, Term]:
    """For proofs: whom the includes mean, and whom the excludes."""
    users = policy.conditions.users
    return (
        _meant(vocabulary, lambda principal: _included(users, principal)),
        _meant(vocabulary, lambda principal: _excluded(users, principal)),
    )


def _meant(vocabulary: Vocabulary, holds: Callable[[Principal], bool]) -> Term:
    def of_sort(sort: str) -> Term:
        kind, guest_type = SORTS[sort]

        def from_tenant(tenant: object) -> bool:
            known = None if tenant is None else str(tenant)
            return holds(Principal(id=UserId(""), kind=kind, guest_type=guest_type, tenant=known))

        return every(Is(SORT, sort), vocabulary.where(TENANT, from_tenant))

    return some(*(of_sort(sort) for sort in SORTS))


GUESTS = SubjectKind(index=index, include=include, exclude=exclude, symbolic=symbolic)

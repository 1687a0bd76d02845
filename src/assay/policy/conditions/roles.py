"""Directory roles by template id; only active assignments count (D PIM1), which the principal holds already."""

from assay.policy.conditions.base import Policies, Rule, RuleMatch, SubjectIndex, SubjectKind, by_values, masks
from assay.policy.definition import ConditionalAccessPolicy
from assay.policy.request import Principal
from assay.policy.symbolic import Term, Vocabulary, in_role, some
from assay.values import RoleId


def _roles(principal: Principal) -> frozenset[RoleId]:
    return principal.roles


def index(policies: Policies) -> SubjectIndex:
    """Masks by role template id."""
    include = masks(policies, lambda policy: policy.conditions.users.include_roles)
    exclude = masks(policies, lambda policy: policy.conditions.users.exclude_roles)
    return SubjectIndex(include=by_values(include, _roles), exclude=by_values(exclude, _roles))


def _matches(named: tuple[RoleId, ...], principal: Principal) -> tuple[RuleMatch, ...]:
    if not named:
        return ()
    return tuple(RuleMatch(rule=Rule.ROLE_ID, value=role) for role in sorted(principal.roles.intersection(named)))


def include(policy: ConditionalAccessPolicy, principal: Principal) -> tuple[RuleMatch, ...]:
    """The include rules that this person satisfies."""
    return _matches(policy.conditions.users.include_roles, principal)


def exclude(policy: ConditionalAccessPolicy, principal: Principal) -> tuple[RuleMatch, ...]:
    """The exclude rules that this person satisfies."""
    return _matches(policy.conditions.users.exclude_roles, principal)


def symbolic(policy: ConditionalAccessPolicy, _: Vocabulary) -> tuple[Term, Term]:
    """For proofs: whom the includes mean, and whom the excludes."""
    users = policy.conditions.users
    return some(*map(in_role, users.include_roles)), some(*map(in_role, users.exclude_roles))


ROLES = SubjectKind(index=index, include=include, exclude=exclude, symbolic=symbolic)

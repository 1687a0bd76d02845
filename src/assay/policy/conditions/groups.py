"""Groups by id; a principal's groups are transitive already (D USERS: nested membership counts)."""

from assay.policy.conditions.base import Policies, Rule, RuleMatch, SubjectIndex, SubjectKind, by_values, masks
from assay.policy.definition import ConditionalAccessPolicy
from assay.policy.request import Principal
from assay.policy.symbolic import Term, Vocabulary, in_group, some
from assay.values import GroupId


def _groups(principal: Principal) -> frozenset[GroupId]:
    return principal.groups


def index(policies: Policies) -> SubjectIndex:
    """Masks by group id."""
    include = masks(policies, lambda policy: policy.conditions.users.include_groups)
    exclude = masks(policies, lambda policy: policy.conditions.users.exclude_groups)
    return SubjectIndex(include=by_values(include, _groups), exclude=by_values(exclude, _groups))


def _matches(named: tuple[GroupId, ...], principal: Principal) -> tuple[RuleMatch, ...]:
    if not named:
        return ()
    return tuple(RuleMatch(rule=Rule.GROUP_ID, value=group) for group in sorted(principal.groups.intersection(named)))


def include(policy: ConditionalAccessPolicy, principal: Principal) -> tuple[RuleMatch, ...]:
    """The include rules that this person satisfies."""
    return _matches(policy.conditions.users.include_groups, principal)


def exclude(policy: ConditionalAccessPolicy, principal: Principal) -> tuple[RuleMatch, ...]:
    """The exclude rules that this person satisfies."""
    return _matches(policy.conditions.users.exclude_groups, principal)


def symbolic(policy: ConditionalAccessPolicy, _: Vocabulary) -> tuple[Term, Term]:
    """For proofs: whom the includes mean, and whom the excludes."""
    users = policy.conditions.users
    return some(*map(in_group, users.include_groups)), some(*map(in_group, users.exclude_groups))


GROUPS = SubjectKind(index=index, include=include, exclude=exclude, symbolic=symbolic)

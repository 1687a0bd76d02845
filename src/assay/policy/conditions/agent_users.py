"""Accounts that agents sign in with (beta's `agents`), by id or `All`."""

from assay.policy.condition_set import ALL
from assay.policy.conditions.base import Policies, Rule, RuleMatch, SubjectIndex, SubjectKind, by_values, masks
from assay.policy.definition import ConditionalAccessPolicy
from assay.policy.request import Principal
from assay.policy.symbolic import AGENT_ACCOUNT, PRINCIPAL, TRUE, Is, Term, Vocabulary, every, some


def _names(principal: Principal) -> tuple[str, ...]:
    return (ALL, principal.id, *principal.names) if principal.agent else ()


def index(policies: Policies) -> SubjectIndex:
    """Masks by id and token."""
    include = masks(policies, lambda policy: policy.conditions.users.include_agent_users)
    exclude = masks(policies, lambda policy: policy.conditions.users.exclude_agent_users)
    return SubjectIndex(include=by_values(include, _names), exclude=by_values(exclude, _names))


def _matches(named: tuple[str, ...], principal: Principal) -> tuple[RuleMatch, ...]:
    if not named:
        return ()
    return tuple(RuleMatch(rule=Rule.AGENT_USER, value=name) for name in _names(principal) if name in named)


def include(policy: ConditionalAccessPolicy, principal: Principal) -> tuple[RuleMatch, ...]:
    """The include rules that this account satisfies."""
    return _matches(policy.conditions.users.include_agent_users, principal)


def exclude(policy: ConditionalAccessPolicy, principal: Principal) -> tuple[RuleMatch, ...]:
    """The exclude rules that this account satisfies."""
    return _matches(policy.conditions.users.exclude_agent_users, principal)


def symbolic(policy: ConditionalAccessPolicy, _: Vocabulary) -> tuple[Term, Term]:
    """For proofs: whom the includes mean, and whom the excludes."""
    agent, users = Is(AGENT_ACCOUNT, True), policy.conditions.users

    def meant(names: tuple[str, ...]) -> Term:
        return every(agent, some(*(TRUE if name == ALL else Is(PRINCIPAL, name) for name in names)))

    return meant(users.include_agent_users), meant(users.exclude_agent_users)


AGENT_USERS = SubjectKind(index=index, include=include, exclude=exclude, symbolic=symbolic)

"""Users by id, `All`, `None` and the old token `GuestsOrExternalUsers`."""

from assay.policy.condition_set import ALL, GUESTS_OR_EXTERNAL_USERS
from assay.policy.conditions.base import Policies, Rule, RuleMatch, SubjectIndex, SubjectKind, by_values, masks
from assay.policy.definition import ConditionalAccessPolicy
from assay.policy.request import Principal, UserKind
from assay.policy.symbolic import PRINCIPAL, SORT, SORTS, TRUE, Is, Term, Vocabulary, some
from assay.values import UserId


def _names(principal: Principal) -> tuple[str, ...]:
    """The words in includeUsers that mean this person; `All` means guests and customers too (D USERS).

    The old word for guests is all six of Graph's types, members of other organisations among them (D EXT).
    """
    if principal.kind is UserKind.MEMBER and principal.guest_type is None:
        return (ALL, principal.id, *principal.names)
    return (ALL, GUESTS_OR_EXTERNAL_USERS, principal.id, *principal.names)


def index(policies: Policies) -> SubjectIndex:
    """Masks by user id and token."""
    include = masks(policies, lambda policy: policy.conditions.users.include_users)
    exclude = masks(policies, lambda policy: policy.conditions.users.exclude_users)
    return SubjectIndex(include=by_values(include, _names), exclude=by_values(exclude, _names))


def _matches(named: tuple[str, ...], principal: Principal) -> tuple[RuleMatch, ...]:
    if not named:
        return ()
    rules = {ALL: Rule.ALL_USERS, GUESTS_OR_EXTERNAL_USERS: Rule.GUEST}
    return tuple(
        RuleMatch(rule=rules.get(name, Rule.USER_ID), value=name) for name in _names(principal) if name in named
    )


def include(policy: ConditionalAccessPolicy, principal: Principal) -> tuple[RuleMatch, ...]:
    """The include rules that this person satisfies."""
    return _matches(policy.conditions.users.include_users, principal)


def exclude(policy: ConditionalAccessPolicy, principal: Principal) -> tuple[RuleMatch, ...]:
    """The exclude rules that this person satisfies."""
    return _matches(policy.conditions.users.exclude_users, principal)


def symbolic(policy: ConditionalAccessPolicy, vocabulary: Vocabulary) -> tuple[Term, Term]:
    """For proofs: whom the includes mean, and whom the excludes."""

    def meant(name: str) -> Term:
        if name == ALL:
            return TRUE
        if name != GUESTS_OR_EXTERNAL_USERS:
            return Is(PRINCIPAL, name) if name in vocabulary.values(PRINCIPAL) else some()
        return vocabulary.where(SORT, lambda sort: name in _names(_of_sort(str(sort))))

    users = policy.conditions.users
    return some(*map(meant, users.include_users)), some(*map(meant, users.exclude_users))


def _of_sort(sort: str) -> Principal:
    kind, guest_type = SORTS[sort]
    return Principal(id=UserId(""), kind=kind, guest_type=guest_type)


USERS = SubjectKind(index=index, include=include, exclude=exclude, symbolic=symbolic)

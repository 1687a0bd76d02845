"""Whom a policy is about, by its conditions on people alone: how many, or who."""

from collections import Counter
from collections.abc import Iterable, Sequence

from assay.policy.conditions import SUBJECT_KINDS, subject
from assay.policy.definition import ConditionalAccessPolicy
from assay.policy.request import Principal


def count_affected(
    policies: Sequence[ConditionalAccessPolicy], principals: Iterable[Principal]
) -> tuple[int | None, ...]:
    """How many of these people each policy is about, whatever its state; None where nobody can tell.

    Emergency access accounts are counted for none: no stored policy touches them.
    """
    mask_of = subject.index(policies, SUBJECT_KINDS)
    # Many people, few different masks.
    masks = Counter(mask_of(principal) for principal in principals if not principal.break_glass)
    return tuple(
        None if _unclear(policy) else sum(count for mask, count in masks.items() if mask >> bit & 1)
        for bit, policy in enumerate(policies)
    )


def affected_by(policy: ConditionalAccessPolicy, principals: Iterable[Principal]) -> frozenset[str] | None:
    """The ids of those of these people whom the policy is about, whatever its state; None where nobody can tell.

    Emergency access accounts are never among them.
    """
    if _unclear(policy):
        return None
    mask_of = subject.index((policy,), SUBJECT_KINDS)
    return frozenset(each.id for each in principals if not each.break_glass and mask_of(each))


def _unclear(policy: ConditionalAccessPolicy) -> bool:
    """A part that is not decided may include anybody."""
    return any(part.path[:2] == ("conditions", subject.PART) for part in policy.undecided)

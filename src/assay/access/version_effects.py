"""Which publication made a version of a policy, and what became of who is let in by it."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import pairwise

from assay.access.publications import Published, published_at
from assay.governance.records import policies
from assay.policy import ConditionalAccessPolicy
from assay.policy.effect import Effect, decides
from assay.store import Reader
from assay.values import PolicyId, Value


class VersionEffect(Value, frozen=True, kw_only=True):
    """`published`: what was proved of all that was published together; None where nothing is known.

    `effect`: None where nothing of the policy decides, before and after.
    """

    effect: Effect | None = None
    published: Published | None = None


def version_effects(
    reader: Reader,
    policy_id: PolicyId,
    versions: Sequence[tuple[int, datetime, ConditionalAccessPolicy | None]],
    *,
    before: ConditionalAccessPolicy | None = None,
) -> Iterator[VersionEffect]:
    """Of each of these versions, the first first; `before`: the version before them."""
    found = published_at(reader, [at for _, at, _ in versions])
    known = {number: each for each in found if (number := each.versions.get(policy_id)) is not None}
    for (was, _), (policy, number) in pairwise([(before, 0), *((policy, number) for number, _, policy in versions)]):
        published = known.get(number)
        if published is not None:
            yield VersionEffect(effect=published.effect, published=published)
        else:
            yield VersionEffect(effect=None if decides(was) == decides(policy) else Effect.NOT_KNOWN)


def last_effect(reader: Reader, policy_id: PolicyId) -> VersionEffect:
    """Of the version that is stored now."""
    *earlier, last = policies.versions(reader, policy_id, newest=2)
    before = earlier[-1][2] if earlier else None
    return next(version_effects(reader, policy_id, [last], before=before))

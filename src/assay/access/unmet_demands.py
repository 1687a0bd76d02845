"""Unmet demands: a change of a strength or a location must not turn a policy that is on into one nobody can meet."""

from collections.abc import Iterable

from assay.policy import ConditionalAccessPolicy, PolicySet, PolicyState
from assay.policy.location_table import location_table
from assay.policy.strengths import BUILT_IN
from assay.policy.unenforced import unenforced_paths
from assay.values import Reason


def unmet_demands(before: PolicySet, after: PolicySet, back: Iterable[ConditionalAccessPolicy] = ()) -> Reason | None:
    """Why strengths or locations must not change like this, or None; `back`: policies that rollouts would put back.

    Only policies that stay as they are: whoever writes a policy is told about that policy (`write_policies.py`).
    """
    if (before.strengths, before.locations) == (after.strengths, after.locations):
        return None
    known = frozenset(before.policies)
    stay = (*(each for each in after.policies if each in known), *back)
    kept = [each for each in dict.fromkeys(stay) if each.state is PolicyState.ENABLED]
    was, becomes = _unmet(before, kept), _unmet(after, kept)
    found = [
        f"{policy.display_name}: {path}"
        for policy, old, new in zip(kept, was, becomes, strict=True)
        for path in new
        if path not in old
    ]
    return Reason.of("policyUnenforced", paths=", ".join(found)) if found else None


def _unmet(among: PolicySet, policies: list[ConditionalAccessPolicy]) -> list[tuple[str, ...]]:
    sourceless = location_table(among.locations).sourceless
    strengths = {each.id: each for each in among.strengths} | BUILT_IN
    return [unenforced_paths(policy, sourceless, strengths) for policy in policies]

"""What it costs to compile a set of policies, and to compile it again after one of them changed."""

from statistics import median

from msgspec.structs import replace

from assay.cli.bench.figures import Figure
from assay.policy import PolicySet, compile_policies
from tests.policy.bench.clock import once
from tests.policy.bench.company import Company

COMPILE_MS, TIMES = 200.0, 5


def figures(policies: int) -> list[Figure]:
    """Milliseconds, the median of several; the targets are those of a thousand policies."""
    policy_set = Company(policies).policy_set
    whole = median(once(lambda: compile_policies(policy_set)) for _ in range(TIMES))
    target = COMPILE_MS if policies == 1_000 else None
    return [Figure(name=f"{policies:,} policies: compile", value=whole, unit="ms", target=target)]


def changed(policy_set: PolicySet, number: int) -> PolicySet:
    """The set with one policy renamed."""
    policies = list(policy_set.policies)
    policies[number] = replace(policies[number], display_name=f"{policies[number].display_name} (changed)")
    return replace(policy_set, policies=tuple(policies))

"""What it costs to compile a set of policies, and to compile it again after one of them changed."""

import gc
from functools import _lru_cache_wrapper
from statistics import median

from msgspec.structs import replace

from assay.cli.bench.figures import Figure
from assay.policy import PolicySet, compile_policies
from tests.policy.bench.clock import once
from tests.policy.bench.company import Company

COMPILE_MS, TIMES = 200.0, 5


def figures(policies: int) -> list[Figure]:
    """Milliseconds, the median of several; the targets are those of a thousand policies.

    Each is another company, and what is remembered of the one before is forgotten; then one of its policies changes.
    """
    whole, again = [], []
    for seed in range(2, TIMES + 2):
        policy_set = Company(policies, seed).policy_set
        forget()
        whole.append(once(lambda policy_set=policy_set: compile_policies(policy_set)))
        edited = changed(policy_set, seed)
        again.append(once(lambda edited=edited: compile_policies(edited)))
    target = COMPILE_MS if policies == 1_000 else None
    return [
        Figure(name=f"{policies:,} policies: compile", value=median(whole), unit="ms", target=target),
        Figure(name=f"{policies:,} policies: compile after one changed", value=median(again), unit="ms"),
    ]


def changed(policy_set: PolicySet, number: int) -> PolicySet:
    """The set with one policy renamed."""
    policies = list(policy_set.policies)
    policies[number] = replace(policies[number], display_name=f"{policies[number].display_name} (changed)")
    return replace(policy_set, policies=tuple(policies))


def forget() -> None:
    """Let go of everything that the engine remembers of what it compiled."""
    for remembering in [each for each in gc.get_objects() if isinstance(each, _lru_cache_wrapper)]:
        if remembering.__wrapped__.__module__.startswith("assay.policy"):
            remembering.cache_clear()

"""The Mann-Whitney U test: whether one of two samples tends to be larger; two-sided, normal approximation with ties."""

import math
from collections.abc import Sequence
from itertools import groupby


def p_value(one: Sequence[float], other: Sequence[float]) -> float:
    """How likely two samples of one distribution differ this much; for samples of more than twenty."""
    pooled = sorted([(value, True) for value in one] + [(value, False) for value in other])
    count, rank, ranks_of_one, ties = len(pooled), 0, 0.0, 0
    for _, group in groupby(pooled, key=lambda pair: pair[0]):
        tied = [mine for _, mine in group]
        ranks_of_one += sum(tied) * (rank + (len(tied) + 1) / 2)
        ties += len(tied) ** 3 - len(tied)
        rank += len(tied)
    u = ranks_of_one - len(one) * (len(one) + 1) / 2
    mean = len(one) * len(other) / 2
    variance = len(one) * len(other) / 12 * (count + 1 - ties / (count * (count - 1)))
    return math.erfc(abs(u - mean) / math.sqrt(2 * variance))

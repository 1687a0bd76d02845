"""What it costs to say why."""

from statistics import median

from assay.cli.bench.figures import Figure
from assay.policy import compile_policies, explain
from tests.policy.bench.clock import once
from tests.policy.bench.company import Company

EXPLAIN_MS, TIMES = 1.0, 20


def figures(policies: int) -> list[Figure]:
    """Milliseconds for one request, the median of several."""
    company = Company(policies)
    compiled = compile_policies(company.policy_set)
    whole = median(once(lambda request=request: explain(compiled, request)) for request in company.requests(TIMES))
    target = EXPLAIN_MS if policies == 1_000 else None
    return [Figure(name=f"{policies:,} policies: explanation", value=whole, unit="ms", target=target)]

"""What it costs to say why."""

from statistics import median

from assay.cli.bench.figures import Figure
from assay.policy import AccessRequest, CompiledPolicySet, compile_policies, explain
from tests.policy.bench.clock import once
from tests.policy.bench.company import Company

EXPLAIN_MS, TIMES = 1.0, 60


def figures(policies: int) -> list[Figure]:
    """Milliseconds for one request, the median of several.

    The explanation is every policy that applies in full, and of all others how many each condition speaks against. The
    whole matrix is each condition of each policy, as `assay explain --all` asks for it.
    """
    company = Company(policies)
    compiled = compile_policies(company.policy_set)
    requests = company.requests(TIMES)
    target = EXPLAIN_MS if policies == 1_000 else None
    told = [once(lambda request=request: _told(compiled, request)) for request in requests]
    whole = [once(lambda request=request: explain(compiled, request).every()) for request in requests]
    return [
        Figure(name=f"{policies:,} policies: explanation", value=median(told), unit="ms", target=target),
        Figure(name=f"{policies:,} policies: explanation, the slowest", value=max(told), unit="ms"),
        Figure(name=f"{policies:,} policies: the whole matrix", value=median(whole), unit="ms"),
    ]


def _told(compiled: CompiledPolicySet, request: AccessRequest) -> object:
    found = explain(compiled, request)
    return found.policies, found.others.by_condition

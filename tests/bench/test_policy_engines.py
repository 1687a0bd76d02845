"""The engines that `./run bench policy` compares were given the same rules: they answer alike."""

import pytest

from assay.policy import compile_policies
from tests.policy.bench.cedar import Cedar
from tests.policy.bench.company import Company
from tests.policy.bench.decisions import same_answers
from tests.policy.bench.peer import Peer
from tests.policy.bench.rego import Rego


@pytest.mark.parametrize("kind", [Cedar, Rego], ids=lambda kind: kind.name)
def test_answers_are_equal(kind: type[Peer]) -> None:
    company = Company(40)
    requests = company.requests(150)
    peer = kind(company.policy_set)
    peer.prepare(requests)
    count, _ = same_answers(peer, compile_policies(company.policy_set), requests)
    assert count == len(requests)


def test_another_rule_is_noticed() -> None:
    company, other = Company(40), Company(40, seed=2)
    requests = company.requests(150)
    peer = Cedar(other.policy_set)
    peer.prepare(requests)
    with pytest.raises(ValueError, match="cedarpy answers"):
        same_answers(peer, compile_policies(company.policy_set), requests)

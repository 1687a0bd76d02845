"""On small sets every sign-in of the vocabulary is tried by the slow interpreter, which agrees with the proofs."""

from collections.abc import Iterator
from itertools import product
from math import prod
from typing import Final

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from assay.policy import Outcome, PolicySet, compile_policies
from assay.policy.conditions.base import ConditionName
from assay.policy.enforcement import EVERYTHING
from assay.policy.offline.sign_in_document import read_sign_in
from assay.policy.proof import Result
from assay.policy.proof.ground import Ground
from assay.policy.proof.sign_ins import document
from assay.policy.proof.solver import Assignment
from assay.policy.proof.tightening import tightening
from assay.policy.symbolic import CLIENT, REGISTERED, dimensions_of, true_of
from tests.policy.cases import parts, sets_about
from tests.policy.reference import judge

MOST: Final = 600  # sign-ins that are tried for one pair of sets
# Of the others there are more sign-ins than can be tried, or nothing that has a symbolic form.
SMALL: Final = [name for name in parts if name not in (ConditionName.USERS, ConditionName.APPLICATION)]


def every_sign_in(ground: Ground) -> Iterator[Assignment]:
    """All that the two sets can tell apart; in everything else as ordinary as can be."""
    asked = dimensions_of(ground.meaning.allowed()) | dimensions_of(ground.other.allowed())
    ordinary = {name: found.values[0] for name, found in ground.vocabulary.dimensions.items()}
    # A device must be registered for anything to be known of it.
    names = sorted(asked | {REGISTERED if any(name.startswith("device.") for name in asked) else CLIENT})
    assume(prod(len(ground.vocabulary.values(name)) for name in names) <= MOST)
    for values in product(*(ground.vocabulary.values(name) for name in names)):
        found = {**ordinary, **dict(zip(names, values, strict=True))}
        if all(true_of(term, found) for term in ground.vocabulary.constraints):
            yield found


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(name=st.sampled_from(SMALL), data=st.data())
def test_tightening_is_what_trying_everything_says(name: ConditionName, data: st.DataObject) -> None:
    draft, in_force = data.draw(sets_about(name)), data.draw(sets_about(name))
    ground = Ground(compile_policies(draft), other=compile_policies(in_force))
    loosened = [
        each for each in every_sign_in(ground) if lets_in(draft, each, ground) > lets_in(in_force, each, ground)
    ]
    answer = tightening(compile_policies(draft), compile_policies(in_force), EVERYTHING, most=1)
    assert answer.result is (Result.REFUTED if loosened else Result.PROVED), loosened[:1]


def lets_in(policy_set: PolicySet, found: Assignment, ground: Ground) -> bool:
    request = read_sign_in(document(found, ground.evidences), enforced_by=EVERYTHING).request
    return judge(policy_set, request).outcome is Outcome.ALLOW

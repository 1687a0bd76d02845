"""The symbolic form says of each sign-in what the engine says; without that of any one condition it does not."""

import random
from collections.abc import Iterator
from typing import Final

import pytest
from hypothesis import HealthCheck, find, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from assay.policy import Outcome, PolicySet, PolicyState, compile_policies
from assay.policy.compile import CompiledPolicySet
from assay.policy.conditions import CONDITIONS, Condition
from assay.policy.enforcement import EVERYTHING, GATEWAY, EnforcementPoint
from assay.policy.proof.meaning import Meaning
from assay.policy.proof.shown import evidences_of
from assay.policy.proof.sign_ins import decided, document
from assay.policy.proof.vocabulary import vocabulary_of
from assay.policy.symbolic import REGISTERED, TRUE, Thing, Vocabulary, true_of
from tests.policy.build import BLOCK, MFA, WIKI, graph, read
from tests.policy.cases import control_sets, policy_sets, sets_about
from tests.policy.test_differential import SEARCH
from tests.policy.test_packs_decided import read_pack

PACKS: Final = ("j0eyv_ConditionalAccessBaseline", "AlexFilipin_ConditionalAccess")
MOST_CHANGED: Final = 20  # dimensions of a sign-in that are not as ordinary as can be


def sign_ins(vocabulary: Vocabulary, chance: random.Random, count: int) -> Iterator[dict[str, Thing]]:
    """Sign-ins of the vocabulary by chance, those left out that none can be."""
    names = tuple(vocabulary.dimensions)
    for _ in range(20 * count):
        found = {name: dimension.values[0] for name, dimension in vocabulary.dimensions.items()}
        for name in chance.choices(names, k=chance.randint(0, MOST_CHANGED)):
            found[name] = chance.choice(vocabulary.values(name))
        if found[REGISTERED] is False:
            found |= {name: vocabulary.values(name)[0] for name in names if name.startswith("device.")}
        if all(true_of(term, found) for term in vocabulary.constraints):
            yield found
            count -= 1
            if not count:
                return


def compare(compiled: CompiledPolicySet, enforced_by: EnforcementPoint, chance: random.Random, count: int) -> int:
    evidences = evidences_of(compiled.policies)
    vocabulary = vocabulary_of([compiled], evidences)
    meaning = Meaning(compiled, vocabulary, evidences, enforced_by)
    applies = {found.policy.id: meaning.applies(found) for found in compiled.policies}
    allowed, blocked = meaning.allowed(), meaning.blocked()
    compared = 0
    if meaning.unknown:
        return 0
    for found in sign_ins(vocabulary, chance, count):
        written = document(found, evidences)
        decision = decided(compiled, written, enforced_by)
        assert decision is not None
        by_engine = {each.policy for each in (*decision.applied, *decision.report_only)}
        assert by_engine == {name for name, term in applies.items() if true_of(term, found)}, written
        assert decision.allowed == true_of(allowed, found), written
        assert (decision.outcome is Outcome.BLOCK) == true_of(blocked, found), written
        compared += 1
    return compared


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.one_of(policy_sets(), control_sets()), st.sampled_from([EVERYTHING, GATEWAY]), st.integers(0, 2**32))
def test_of_generated_sets(policy_set: PolicySet, enforced_by: EnforcementPoint, seed: int) -> None:
    compare(compile_policies(policy_set), enforced_by, random.Random(seed), 8)


@pytest.mark.parametrize("pack", PACKS)
@pytest.mark.parametrize("enforced_by", [EVERYTHING, GATEWAY], ids=["entra", "gateway"])
def test_of_packs(pack: str, enforced_by: EnforcementPoint) -> None:
    """Every policy switched on, so that all of them are held against the engine."""
    published = read_pack(pack).compiled.policy_set
    policies = tuple(replace(policy, state=PolicyState.ENABLED) for policy in published.policies)
    compiled = compile_policies(replace(published, policies=policies))
    assert compare(compiled, enforced_by, random.Random(20261129), 150) == 150


ATTRIBUTES: Final = (
    'CustomSecurityAttribute.Set_Level -startsWith "hi" -and CustomSecurityAttribute.Set_Level -ne "high"',
    'CustomSecurityAttribute.Set_Level -contains "ig" -or CustomSecurityAttribute.Other_Place -eq null',
    'CustomSecurityAttribute.Set_Level -in ["low", "high"] -and -not (CustomSecurityAttribute.Other_Place -eq "x")',
)


def test_of_filters_on_attributes() -> None:
    """Of apps and of programs: not set, one text, several."""
    apps = [
        graph(
            f"apps {mode} {number}",
            grantControls=MFA,
            conditions={
                "applications": {
                    "includeApplications": ["All"] if number else [str(WIKI)],
                    "applicationFilter": {"mode": mode, "rule": rule},
                }
            },
        )
        for mode in ("include", "exclude")
        for number, rule in enumerate(ATTRIBUTES)
    ]
    programs = [
        graph(
            f"programs {mode} {number}",
            grantControls=BLOCK,
            conditions={
                "users": {"includeUsers": ["None"]},
                "clientApplications": {
                    "includeServicePrincipals": ["ServicePrincipalsInMyTenant"],
                    "servicePrincipalFilter": {"mode": mode, "rule": rule},
                },
            },
        )
        for mode in ("include", "exclude")
        for number, rule in enumerate(ATTRIBUTES)
    ]
    compiled = compile_policies(read(*apps, *programs))
    assert compare(compiled, EVERYTHING, random.Random(20261129), 400) == 400


def without(condition: Condition) -> list[Condition]:
    """One condition has a form that says nothing."""
    return [replace(each, symbolic=lambda *_: TRUE) if each is condition else each for each in CONDITIONS]


@pytest.mark.parametrize("condition", CONDITIONS, ids=lambda condition: condition.name)
def test_without_a_conditions_form_the_difference_shows(condition: Condition) -> None:
    def differs(policy_set: PolicySet) -> bool:
        # Asked again about the same set, it has to say the same.
        chance = random.Random(20261129)
        compiled = compile_policies(policy_set)
        evidences = evidences_of(compiled.policies)
        vocabulary = vocabulary_of([compiled], evidences)
        whole = Meaning(compiled, vocabulary, evidences, EVERYTHING).allowed()
        lacking = Meaning(compiled, vocabulary, evidences, EVERYTHING, conditions=without(condition)).allowed()
        return any(
            true_of(whole, found) != true_of(lacking, found)
            and decided(compiled, document(found, evidences), EVERYTHING).allowed == true_of(whole, found)
            for found in sign_ins(vocabulary, chance, 40)
        )

    assert find(sets_about(condition.name), differs, settings=SEARCH)

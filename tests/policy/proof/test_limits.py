"""An invariant that names a strength asks for all of it: its combinations, and its limits on keys and certificates."""

from typing import Final

import pytest
from msgspec.structs import replace

from assay.policy import PolicySet, compile_policies
from assay.policy.definition import AuthenticationStrengthPolicy, CombinationConfiguration, Undecided
from assay.policy.enforcement import EVERYTHING
from assay.policy.proof import Result, prove, read_invariants
from assay.policy.proof.shown import evidences_of
from assay.policy.request import Method
from assay.values import InvalidInputError
from tests.policy.build import graph, read
from tests.policy.proof.test_questions import confirmed

OURS: Final = "2fc0579f-8113-47ea-b116-bb5a8db9202a"  # the model of a key
KEYS: Final = AuthenticationStrengthPolicy(id="keys", display_name="Keys", allowed_combinations=((Method.FIDO2,),))
OUR_KEYS: Final = replace(
    KEYS,
    id="our-keys",
    display_name="Our keys",
    combination_configurations=(CombinationConfiguration(allowed_aaguids=(OURS,)),),
)
ODD: Final = replace(KEYS, id="odd", display_name="Odd", undecided=(Undecided(path=("moon",), json="1"),))
NOTHING: Final = replace(KEYS, id="nothing", display_name="Nothing", allowed_combinations=((), (Method.FIDO2,)))
REQUIRED: Final = "invariants: [{{name: keys, who: everyone, reaches: any, requires: {{strength: {}}}}}]"


def demanding(*strengths: AuthenticationStrengthPolicy, demanded: AuthenticationStrengthPolicy) -> PolicySet:
    grant = {"operator": "OR", "authenticationStrength": {"id": demanded.id}}
    return replace(read(graph("keys", grantControls=grant)), strengths=strengths)


@pytest.mark.parametrize(
    ("demanded", "required", "result"),
    [
        (OUR_KEYS, OUR_KEYS, Result.PROVED),
        (OUR_KEYS, KEYS, Result.PROVED),
        (KEYS, OUR_KEYS, Result.REFUTED),  # by a key of another model
        (KEYS, ODD, Result.NOT_KNOWN),
        (KEYS, NOTHING, Result.PROVED),
    ],
    ids=lambda value: getattr(value, "display_name", str(value)),
)
def test_a_strength_is_met_within_its_limits(
    demanded: AuthenticationStrengthPolicy, required: AuthenticationStrengthPolicy, result: Result
) -> None:
    policy_set = demanding(*dict.fromkeys((demanded, required)), demanded=demanded)
    invariants = read_invariants(REQUIRED.format(required.id), policy_set.strengths)
    (answer,) = prove(compile_policies(policy_set), EVERYTHING, questions=["reach"], invariants=invariants)
    assert answer.result is result, answer
    for shown in (shown for finding in answer.findings for shown in finding.shown):
        assert confirmed(shown, policy_set)
        assert OURS not in str(shown.sign_in)


def test_what_has_no_combination_is_met_by_nobody() -> None:
    """As the engine says: an empty combination is none (`satisfaction.py`)."""
    empty = replace(KEYS, id="empty", allowed_combinations=((),))
    policy_set = demanding(KEYS, empty, demanded=KEYS)
    invariants = read_invariants(REQUIRED.format("empty"), policy_set.strengths)
    (answer,) = prove(compile_policies(policy_set), EVERYTHING, questions=["reach"], invariants=invariants)
    assert answer.result is Result.REFUTED


def test_what_somebody_calls_a_strength_does_not_change_our_words() -> None:
    weak = replace(KEYS, id="weak", display_name="MFA", allowed_combinations=((Method.PASSWORD,),))
    (found,) = read_invariants(REQUIRED.format("mfa"), [weak])
    assert found.strengths == ("00000000-0000-0000-0000-000000000002",)


def test_a_name_that_several_have_is_refused_and_their_ids_are_not() -> None:
    twins = [OUR_KEYS, replace(OUR_KEYS, id="other-keys")]
    with pytest.raises(InvalidInputError, match=r"several strengths are called 'our keys'.*other-keys, our-keys"):
        read_invariants(REQUIRED.format("our keys"), twins)
    (found,) = read_invariants(REQUIRED.format("other-keys"), twins)
    assert found.strengths == ("other-keys",)


def named(*oids: str) -> AuthenticationStrengthPolicy:
    limits = (
        CombinationConfiguration(allowed_aaguids=(OURS, OURS)),
        CombinationConfiguration(allowed_issuer_skis=("0A",), allowed_policy_oids=oids),
    )
    return replace(KEYS, combination_configurations=limits)


def test_a_key_and_a_certificate_are_one_sort_for_each_way_in_which_limits_tell_them_apart() -> None:
    evidences = evidences_of((), [named("1.2", "1.3")])
    assert evidences is not None
    x509 = (Method.X509_CERTIFICATE_SINGLE_FACTOR, Method.X509_CERTIFICATE_MULTI_FACTOR)
    oids = ("", "1.2", "1.3", "1.2 1.3")
    for method in Method:
        dimensions = [each.dimension for each in evidences.of(method)]
        if method is Method.FIDO2:
            assert dimensions == ["proof fido2", f"proof fido2 {OURS}"]
        elif method in x509:
            assert dimensions == [f"proof {method} {ski}{each}".strip() for ski in ("", "0A ") for each in oids]
        else:
            assert dimensions == [f"proof {method}"]
    assert all(each.proof.user_verified for each in evidences.every)
    assert evidences.ages == (0,)


def test_so_many_policies_of_certificates_are_looked_through_and_no_more() -> None:
    assert evidences_of((), [named("1", "2", "3", "4", "4")]) is not None
    assert evidences_of((), [named("1", "2", "3", "4", "5")]) is None

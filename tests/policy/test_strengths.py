"""What satisfies an authentication strength with limits on its keys, where the limits are not on every combination."""

import pytest

from assay.policy import Method, Outcome, PolicySet, Proof
from assay.policy.definition import AuthenticationStrengthPolicy, CombinationConfiguration
from tests.policy.build import MFA, NOW, PASSWORD, TOTP, graph, judge, one, proof, request

CARD = (Method.X509_CERTIFICATE_MULTI_FACTOR,)
KEY, SECOND = (Method.FIDO2,), (Method.PASSWORD, Method.SOFTWARE_OATH)
ON_KEYS = CombinationConfiguration(applies_to_combinations=(KEY,), allowed_aaguids=("one", "two"))
ON_ISSUERS = CombinationConfiguration(applies_to_combinations=(CARD,), allowed_issuer_skis=("0a",))
ON_POLICIES = CombinationConfiguration(applies_to_combinations=(CARD,), allowed_policy_oids=("1.2",))
ON_ALL = CombinationConfiguration(allowed_aaguids=("two", "three"))
ALLOW, STEP_UP = Outcome.ALLOW, Outcome.STEP_UP


def key(model: str) -> Proof:
    return Proof(method=Method.FIDO2, at=NOW, user_verified=True, aaguid=model)


def card(issuer: str | None = None, *policies: str) -> Proof:
    return Proof(method=CARD[0], at=NOW, user_verified=True, issuer_ski=issuer, policy_oids=policies)


ROWS = [
    ("D AS3 a key of an allowed model", (ON_KEYS,), (key("one"),), ALLOW),
    ("D AS3 a key of another", (ON_KEYS,), (key("three"),), STEP_UP),
    ("D AS3 the limits are on keys alone", (ON_KEYS,), (PASSWORD, TOTP), ALLOW),
    ("D AS3 all of the combination is to be proved", (ON_KEYS,), (PASSWORD,), STEP_UP),
    ("D AS3 what is no key has no model", (ON_ALL,), (PASSWORD, TOTP), ALLOW),
    ("I of two limits both hold", (ON_KEYS, ON_ALL), (key("two"),), ALLOW),
    ("I of two limits the second does not hold", (ON_KEYS, ON_ALL), (key("one"),), STEP_UP),
    ("I of two limits the first does not hold", (ON_KEYS, ON_ALL), (key("three"),), STEP_UP),
    ("D AS3 the issuer alone is limited", (ON_ISSUERS,), (card("0a"),), ALLOW),
    ("D AS3 another issuer", (ON_ISSUERS,), (card("0b", "1.2"),), STEP_UP),
    ("D AS3 the policies alone are limited", (ON_POLICIES,), (card(None, "1.2"),), ALLOW),
    ("D AS3 another policy", (ON_POLICIES,), (card("0a", "1.3"),), STEP_UP),
    ("D AS3 the fifth policy counts", (ON_POLICIES,), (card(None, "5", "6", "7", "8", "1.2"),), ALLOW),
    ("D AS3 the sixth policy does not", (ON_POLICIES,), (card(None, "5", "6", "7", "8", "9", "1.2"),), STEP_UP),
]  # fmt: skip


@pytest.mark.parametrize(("source", "limits", "proofs", "outcome"), ROWS, ids=[row[0] for row in ROWS])
def test_limits(
    source: str, limits: tuple[CombinationConfiguration, ...], proofs: tuple[Proof, ...], outcome: Outcome
) -> None:
    limited = AuthenticationStrengthPolicy(
        id="limited", display_name="", allowed_combinations=(KEY, SECOND, CARD), combination_configurations=limits
    )
    demanding = one(graph(grantControls={"operator": "OR", "authenticationStrength": {"id": "limited"}}))
    found = judge(PolicySet(policies=(demanding,), strengths=(limited,)), request(*proofs))
    assert found.outcome is outcome, source


def test_a_recovery_code_is_a_second_factor_and_no_first_one() -> None:
    demanding = PolicySet(policies=(one(graph(grantControls=MFA)),))
    code = proof(Method.RECOVERY_CODE)
    assert judge(demanding, request(PASSWORD, code)).outcome is ALLOW
    assert judge(demanding, request(code)).outcome is STEP_UP

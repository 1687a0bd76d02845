"""Until when a decision holds, and that what is remembered answers its own question alone."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from assay.policy import Method, Outcome, Proof, compile_policies, decide
from assay.policy.decide import answer_of
from assay.policy.request import UserAction, UserActionTarget
from tests.policy.build import MFA, NOW, PASSWORD, RESISTANT, TOTP, graph, judge, proof, read, request


def hourly(of: str, grant: object = None) -> dict[str, object]:
    frequency = {"isEnabled": True, "type": "hours", "value": 1, "frequencyInterval": "timeBased"}
    return graph(grantControls=grant, sessionControls={"signInFrequency": frequency | {"authenticationType": of}})


PRIMARY, SECONDARY = hourly("primaryAndSecondaryAuthentication"), hourly("secondaryAuthentication", MFA)
OLD = tuple(proof(found.method, 50) for found in (PASSWORD, TOTP))
KEY = proof(Method.FIDO2, 10)


@pytest.mark.parametrize(
    ("policy", "proofs", "minutes"),
    [
        (PRIMARY, (proof(PASSWORD.method, 30), TOTP), 30),  # a second factor makes no first one younger
        (SECONDARY, (proof(PASSWORD.method, 600), proof(TOTP.method, 30)), 30),  # nor is the first one asked again
        (SECONDARY, (*OLD, KEY), 50),  # of two ways the one that lasts longer
    ],
)
def test_until_when(policy: object, proofs: tuple[Proof, ...], minutes: int) -> None:
    found = judge(read(policy), request(*proofs))
    assert (found.outcome, found.valid_until) == (Outcome.ALLOW, NOW + timedelta(minutes=minutes))


def test_an_age_is_over_at_its_end() -> None:
    assert judge(read(SECONDARY), request(PASSWORD, proof(TOTP.method, 60))).outcome is Outcome.STEP_UP


def test_what_is_refused_holds_until_no_time() -> None:
    found = judge(read(PRIMARY), request(PASSWORD, assigned=False))
    assert (found.outcome, found.valid_until) == (Outcome.BLOCK, None)


def test_an_action_that_registers_no_method_keeps_its_strength() -> None:
    asked = request(PASSWORD, TOTP, target=UserActionTarget(action=UserAction.REGISTER_DEVICE))
    conditions = {"applications": {"includeUserActions": ["urn:user:registerdevice"]}}
    assert judge(read(graph(conditions=conditions, grantControls=RESISTANT)), asked).outcome is Outcome.STEP_UP


def test_what_is_remembered_is_told_again_to_the_same_question_alone() -> None:
    compiled = compile_policies(read(PRIMARY))
    asked = request(PASSWORD)
    subject = compiled.subject(asked.principal)
    first = answer_of(compiled, subject, asked)
    assert answer_of(compiled, subject, asked) is first
    assert answer_of(compiled, subject, replace(asked, at=NOW + timedelta(minutes=1))) is first
    # The same session and target: once the proof is too old; before that again; and where no policy is about it.
    assert decide(compiled, subject, replace(asked, at=NOW + timedelta(hours=1))).outcome is Outcome.STEP_UP
    assert decide(compiled, subject, asked).outcome is Outcome.ALLOW
    assert decide(compiled, subject, replace(asked, assigned=False)).outcome is Outcome.BLOCK
    assert decide(compiled, 0, asked).valid_until is None
    assert decide(compiled, subject, asked).valid_until == NOW + timedelta(hours=1)

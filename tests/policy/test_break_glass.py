"""Emergency access accounts: one built-in policy, and nothing that anybody publishes touches them."""

from datetime import timedelta

import pytest
from hypothesis import given
from msgspec.structs import replace

from assay.policy import (
    BREAK_GLASS_POLICY,
    BREAK_GLASS_SET,
    AccessRequest,
    AppTarget,
    ClientApp,
    Method,
    Outcome,
    PolicySet,
    Principal,
    Proof,
    UserAction,
    UserActionTarget,
    UserKind,
    compile_policies,
    decide,
    explain,
    policy_set_hash,
    unreadable_policies,
)
from assay.policy.compile import CANNOT_EVALUATE
from assay.policy.targets import CONSOLE
from assay.values import UserId
from tests.policy.cases import NOW, policy_sets

PASSKEY = Proof(method=Method.FIDO2, at=NOW, user_verified=True)
EMERGENCY = Principal(id=UserId("user-0"), kind=UserKind.MEMBER, break_glass=True)


def ask(
    *proofs: Proof, policies: PolicySet | None = None, assigned: bool = True, after: timedelta = timedelta(0)
) -> Outcome:
    compiled = compile_policies(policies or PolicySet())
    request = AccessRequest(
        principal=EMERGENCY,
        assigned=assigned,
        target=AppTarget(app_id=CONSOLE),
        client_app=ClientApp.BROWSER,
        platform=None,
        address=None,
        proofs=proofs,
        at=NOW + after,
    )
    return decide(compiled, compiled.subject(EMERGENCY), request).outcome


@given(policies=policy_sets())
def test_no_published_policy_blocks_or_loosens(policies: PolicySet) -> None:
    assert ask(PASSKEY, policies=policies) is Outcome.ALLOW
    assert ask(policies=policies) is Outcome.STEP_UP
    assert ask(Proof(method=Method.PASSWORD, at=NOW), policies=policies) is Outcome.STEP_UP


@pytest.mark.parametrize(
    ("proofs", "outcome"),
    [
        ((PASSKEY,), Outcome.ALLOW),
        ((replace(PASSKEY, user_verified=False),), Outcome.STEP_UP),
        ((Proof(method=Method.PASSWORD, at=NOW), Proof(method=Method.SOFTWARE_OATH, at=NOW)), Outcome.STEP_UP),
        ((Proof(method=Method.PASSWORD, at=NOW), Proof(method=Method.RECOVERY_CODE, at=NOW)), Outcome.STEP_UP),
        ((Proof(method=Method.TEMPORARY_ACCESS_PASS_ONE_TIME, at=NOW),), Outcome.STEP_UP),
    ],
    ids=["passkey", "key without a person", "password and app", "password and code", "link"],
)
def test_only_a_passkey_that_verified_its_user_opens(proofs: tuple[Proof, ...], outcome: Outcome) -> None:
    assert ask(*proofs) is outcome


def test_it_lasts_an_hour_and_needs_an_assignment_as_for_everybody() -> None:
    assert ask(PASSKEY, after=timedelta(minutes=59)) is Outcome.ALLOW
    assert ask(PASSKEY, after=timedelta(hours=1)) is Outcome.STEP_UP
    assert ask(PASSKEY, assigned=False) is Outcome.BLOCK


def test_a_link_is_enough_to_register_the_first_key() -> None:
    compiled = compile_policies(PolicySet())
    request = AccessRequest(
        principal=EMERGENCY,
        assigned=True,
        target=UserActionTarget(action=UserAction.REGISTER_SECURITY_INFO),
        client_app=ClientApp.BROWSER,
        platform=None,
        address=None,
        proofs=(Proof(method=Method.TEMPORARY_ACCESS_PASS_ONE_TIME, at=NOW),),
        at=NOW,
    )
    assert decide(compiled, compiled.subject(EMERGENCY), request).outcome is Outcome.ALLOW


@given(policies=policy_sets())
def test_the_explanation_names_the_built_in_policy_and_no_other(policies: PolicySet) -> None:
    compiled = compile_policies(policies)
    request = AccessRequest(
        principal=EMERGENCY,
        assigned=True,
        target=AppTarget(app_id=CONSOLE),
        client_app=ClientApp.BROWSER,
        platform=None,
        address=None,
        proofs=(PASSKEY,),
        at=NOW,
    )
    explanation = explain(compiled, request)
    assert [found.policy for found in explanation.every()] == [BREAK_GLASS_POLICY.id]
    assert explanation.decision.policy_set_hash == policy_set_hash(BREAK_GLASS_SET)
    assert explanation.decision.report_only == ()


def test_policies_that_cannot_be_read_deny_everybody_else() -> None:
    compiled = unreadable_policies()
    person = replace(EMERGENCY, break_glass=False)
    assert compiled.subject(person) == CANNOT_EVALUATE
    request = AccessRequest(
        principal=person,
        assigned=True,
        target=AppTarget(app_id=CONSOLE),
        client_app=ClientApp.BROWSER,
        platform=None,
        address=None,
        proofs=(PASSKEY,),
        at=NOW,
    )
    assert decide(compiled, compiled.subject(person), request).outcome is Outcome.BLOCK
    emergency = replace(request, principal=EMERGENCY)
    assert decide(compiled, compiled.subject(EMERGENCY), emergency).outcome is Outcome.ALLOW

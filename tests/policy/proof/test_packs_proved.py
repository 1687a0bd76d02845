"""Published packs: every sign-in that refutes is decided as it says, and a policy made weaker loses what was proved."""

from collections.abc import Callable
from typing import Final

import pytest
from msgspec.structs import replace

from assay.policy import ConditionalAccessPolicy, PolicySet, PolicyState, compile_policies
from assay.policy.condition_set import Users
from assay.policy.definition import BuiltInControl, GrantControls, Operator
from assay.policy.enforcement import EVERYTHING
from assay.policy.proof import QUESTIONS, Answer, Result, prove
from assay.policy.proof.tightening import tightening
from assay.values import GroupId
from tests.policy.proof.test_questions import confirmed
from tests.policy.test_packs_decided import read_pack

PACKS: Final = ("j0eyv_ConditionalAccessBaseline", "AlexFilipin_ConditionalAccess")
Mutation = Callable[[ConditionalAccessPolicy], ConditionalAccessPolicy]


def switched_on(pack: str) -> PolicySet:
    published = read_pack(pack).compiled.policy_set
    policies = tuple(replace(policy, state=PolicyState.ENABLED) for policy in published.policies)
    return replace(published, policies=policies)


@pytest.fixture(scope="module", params=PACKS)
def asked(request: pytest.FixtureRequest) -> tuple[PolicySet, dict[str, Answer]]:
    """All questions of one pack, each answered once."""
    pack = switched_on(request.param)
    return pack, {answer.question: answer for answer in prove(compile_policies(pack), EVERYTHING)}


def test_every_sign_in_that_refutes_is_decided_as_it_says(asked: tuple[PolicySet, dict[str, Answer]]) -> None:
    pack, answers = asked
    assert {*QUESTIONS} < {*answers}
    assert not [answer for answer in answers.values() if answer.result is Result.NOT_KNOWN]
    shown = [(answer, each) for answer in answers.values() for finding in answer.findings for each in finding.shown]
    assert shown
    for _, each in shown:
        assert confirmed(each, pack), each


def test_what_is_dead_or_shadowed_may_go_and_what_is_not_may_not(asked: tuple[PolicySet, dict[str, Answer]]) -> None:
    """Without a shadowed policy nobody more is let in; without one that is not, somebody is, and is shown."""
    pack, answers = asked
    idle = {finding.policies[0] for question in ("dead", "shadowed") for finding in answers[question].findings}
    silent = {each.display_name for each in pack.policies if each.session_controls or each.grant_controls is None}
    mattering = [each for each in pack.policies if each.display_name not in idle | silent]
    for policy, loosens in ((mattering[-1], True), (_named(pack, min(idle)), False)):
        answer = loosened_by(pack, policy, lambda each: replace(each, state=PolicyState.DISABLED))
        assert (answer.result is Result.REFUTED) == loosens, policy.display_name


def _named(pack: PolicySet, name: str) -> ConditionalAccessPolicy:
    return next(policy for policy in pack.policies if policy.display_name == name)


def loosened_by(pack: PolicySet, policy: ConditionalAccessPolicy, mutation: Mutation) -> Answer:
    changed = tuple(mutation(each) if each.id == policy.id else each for each in pack.policies)
    draft = replace(pack, policies=changed)
    answer = tightening(compile_policies(draft), compile_policies(pack), EVERYTHING, most=1)
    for finding in answer.findings:
        for shown in finding.shown:
            assert shown.decision == "granted"
            assert confirmed(shown, draft)
            assert not confirmed(shown, pack)
    return answer


def users(policy: ConditionalAccessPolicy, **changed: object) -> ConditionalAccessPolicy:
    found: Users = replace(policy.conditions.users, **changed)
    return replace(policy, conditions=replace(policy.conditions, users=found))


def grant(policy: ConditionalAccessPolicy, **changed: object) -> ConditionalAccessPolicy:
    assert policy.grant_controls is not None
    found: GrantControls = replace(policy.grant_controls, **changed)
    return replace(policy, grant_controls=found)


TEMPS: Final = GroupId("11111111-0000-4000-8000-000000000001")
MUTATIONS: Final[dict[str, tuple[str, Mutation, bool]]] = {
    "off": ("CA208", lambda policy: replace(policy, state=PolicyState.DISABLED), True),
    "report-only": ("CA204", lambda policy: replace(policy, state=PolicyState.REPORT_ONLY), True),
    "one more excluded": (
        "CA001",
        lambda policy: users(policy, exclude_groups=(*policy.conditions.users.exclude_groups, TEMPS)),
        True,
    ),
    "none excluded": ("CA001", lambda policy: users(policy, exclude_groups=()), False),
    "another control suffices": (
        "CA208",
        lambda policy: grant(
            policy, operator=Operator.OR, built_in_controls=(BuiltInControl.COMPLIANT_DEVICE, BuiltInControl.MFA)
        ),
        True,
    ),
    "one more is demanded": (
        "CA208",
        lambda policy: grant(
            policy, operator=Operator.AND, built_in_controls=(BuiltInControl.COMPLIANT_DEVICE, BuiltInControl.MFA)
        ),
        False,
    ),
    "no control": ("CA004", lambda policy: replace(policy, grant_controls=None), True),
    "fewer platforms": (
        "CA208",
        lambda policy: replace(policy, conditions=replace(policy.conditions, client_app_types=("browser",))),
        True,
    ),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_policy_made_weaker_is_found_and_one_made_stronger_is_proved(name: str) -> None:
    number, mutation, loosens = MUTATIONS[name]
    pack = switched_on(PACKS[0])
    policy = next(each for each in pack.policies if each.display_name.startswith(number))
    answer = loosened_by(pack, policy, mutation)
    assert answer.result is (Result.REFUTED if loosens else Result.PROVED), answer
    if loosens:
        assert any(each.startswith(number) for each in answer.findings[0].policies), answer.findings[0].policies

"""What the account of a decision says of controls, of what is not decided and of what failed.

Source: Graph's `appliedConditionalAccessPolicy` (enforcedGrantControls, enforcedSessionControls), and architecture.md:
an account never stops at what it cannot tell.
"""

import pytest
from msgspec.structs import replace

from assay.policy import compile_policies, explain
from assay.policy.conditions import CONDITIONS
from assay.policy.definition import ConditionalAccessPolicy, PolicySet, Undecided
from assay.policy.enforcement import EVERYTHING
from assay.policy.explanation import ConditionExplanation
from assay.policy.request import AccessRequest
from tests.policy.build import BLOCK, MFA, PASSWORD, RESISTANT, TOTP, graph, judge, one, proof, read, request

HOURLY = {"signInFrequency": {"value": 1, "type": "hours", "isEnabled": True, "frequencyInterval": "timeBased"}}
KEPT = {
    "applicationEnforcedRestrictions": {"isEnabled": True},
    "persistentBrowser": {"isEnabled": True, "mode": "never"},
}
OLD = proof(PASSWORD.method, 90)
EITHER = {"operator": "OR", "builtInControls": ["mfa", "compliantDevice"]}
BOTH = {"operator": "AND", "builtInControls": ["mfa"], "termsOfUse": ["terms"]}


@pytest.mark.parametrize(
    ("parts", "asked", "said"),
    [
        ({}, request(PASSWORD), []),
        ({"grantControls": BLOCK}, request(PASSWORD), ["0 block -"]),
        ({"grantControls": MFA}, request(PASSWORD, TOTP), ["0 mfa + by password softwareOath"]),
        ({"grantControls": MFA}, request(), ["0 mfa - lacks 1"]),
        (
            {"grantControls": EITHER},
            request(PASSWORD, TOTP),
            ["0 mfa + by password softwareOath", "0 compliantDevice -"],
        ),
        (
            {"grantControls": BOTH},
            request(PASSWORD, TOTP),
            ["0 mfa + by password softwareOath", "1 termsOfUse terms -"],
        ),
        (
            {"grantControls": RESISTANT},
            request(PASSWORD, TOTP),
            ["0 authenticationStrength - lacks 1"],
        ),
        ({"sessionControls": HOURLY}, request(PASSWORD), ["0 signInFrequency +"]),
        ({"sessionControls": HOURLY}, request(OLD), ["0 signInFrequency -"]),
        (
            {"grantControls": MFA, "sessionControls": HOURLY},
            request(OLD, TOTP),
            ["0 mfa - lacks 1", "1 signInFrequency -"],
        ),
        (
            {"sessionControls": KEPT},
            request(PASSWORD),
            ["0 applicationEnforcedRestrictions -", "1 persistentBrowser +"],
        ),
        (
            {"sessionControls": KEPT},
            replace(request(PASSWORD), enforced_by=EVERYTHING),
            ["0 applicationEnforcedRestrictions +", "1 persistentBrowser +"],
        ),
        # In report-only a policy is told by its own frequency, not by those in force.
        (
            {"state": "enabledForReportingButNotEnforced", "grantControls": MFA},
            request(PASSWORD),
            ["0 mfa - lacks 1"],
        ),
    ],
)
def test_controls_are_told_one_by_one(parts: dict[str, object], asked: AccessRequest, said: list[str]) -> None:
    (found,) = explain(compile_policies(read(graph(**parts))), asked).policies
    told = [
        " ".join(
            (
                str(each.group),
                each.control,
                *((each.subject,) if each.subject else ()),
                "+" if each.satisfied else "-",
                *(("by", *each.satisfied_by) if each.satisfied_by else ()),
                *(("lacks", str(len(each.missing))) if each.missing else ()),
            )
        )
        for each in found.controls
    ]
    assert told == said


def told_of(policy: ConditionalAccessPolicy) -> dict[str, ConditionExplanation]:
    (found,) = explain(compile_policies(PolicySet(policies=(policy,))), request(PASSWORD)).every()
    return {each.condition.value: each for each in found.conditions}


@pytest.mark.parametrize(
    ("part", "name", "conditions"),
    [
        ("platforms", "devicePlatform", {"platforms": {"includePlatforms": ["iOS"]}}),
        (
            "devices",
            "deviceState",
            {"devices": {"deviceFilter": {"mode": "include", "rule": "device.isCompliant -eq True"}}},
        ),
        ("applications", "application", {"applications": {"includeApplications": ["app-0"]}}),
        ("users", "users", {"users": {"includeUsers": ["user-0"]}}),
    ],
)
def test_a_condition_that_is_not_decided_counts_as_satisfied_and_says_so(
    part: str, name: str, conditions: dict[str, object]
) -> None:
    """Such a policy restricts where it may apply; it is never skipped."""
    policy = one(graph(conditions=conditions, grantControls=MFA))
    assert [found for found, each in told_of(policy).items() if not each.satisfied] == [name]
    odd = Undecided(path=("conditions", part, "newPart"), json="{}")
    told = told_of(replace(policy, undecided=(odd,)))
    assert {found: each.undecided for found, each in told.items() if each.undecided} == {name: (odd.where,)}
    assert all(each.satisfied for each in told.values())


def test_a_condition_that_fails_counts_as_satisfied_and_is_named() -> None:
    def failing(*_: object) -> object:
        raise LookupError("signal")

    broken = [
        replace(each, match=failing, index=lambda *_: failing) if each.name == "location" else each
        for each in CONDITIONS
    ]
    (found,) = explain(compile_policies(read(graph(grantControls=MFA)), conditions=broken), request(PASSWORD)).every()
    failed = [each for each in found.conditions if each.value == "cannotBeEvaluated"]
    assert [(each.condition, each.configured, each.satisfied) for each in failed] == [("location", True, True)]


def test_it_is_asked_in_the_turn_of_what_can_be_asked() -> None:
    """A device is not fetched in the middle of a sign-in: the terms beside it are asked, in their turn (D POL)."""
    device_or_terms = {"operator": "OR", "builtInControls": ["compliantDevice"], "termsOfUse": ["terms"]}
    new_password = {"operator": "AND", "builtInControls": ["mfa", "passwordChange"]}
    policies = read(graph("terms", grantControls=device_or_terms), graph("password", grantControls=new_password))
    asked = replace(request(PASSWORD, TOTP), enforced_by=EVERYTHING)
    assert [reason.code for reason in judge(policies, asked).reasons] == [
        "passwordChangeRequired",
        "termsOfUseRequired",
    ]


def test_where_the_index_fails_the_account_asks_that_condition_itself() -> None:
    def failing(*_: object) -> object:
        raise LookupError("signal")

    broken = [replace(each, index=lambda *_: failing) if each.name == "devicePlatform" else each for each in CONDITIONS]
    phones = graph(conditions={"platforms": {"includePlatforms": ["iOS"]}}, grantControls=MFA)
    account = explain(compile_policies(read(phones), conditions=broken), request(PASSWORD))
    assert (account.policies, account.others.by_condition) == ((), {"devicePlatform": 1})

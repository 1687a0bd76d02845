"""The results in Graph's words and the session controls together, as Microsoft documents them."""

from typing import Final, NamedTuple

import msgspec
import pytest

from assay.policy.graph_json import Json, JsonObject
from tests.policy.documents import (
    BLOCK,
    MFA,
    PASSWORD,
    REPORT_ONLY,
    SECURITY_INFO,
    STRENGTHS,
    answer,
    built_in,
    done,
    locations,
    policy,
    sign_in,
    strength,
    users,
)


class Result(NamedTuple):
    """The state and the controls of a policy, a sign-in, and the policy's result in Graph's words."""

    source: str
    state: str
    grant: Json
    document: JsonObject
    result: str
    status: str


FIDO2: Final = done("fido2")
RESULTS: Final = (
    Result("S disabled", "disabled", BLOCK, sign_in(), "notEnabled", "notApplied"),
    Result("D GRANT met and satisfied", "enabled", MFA, sign_in(satisfied=FIDO2), "success", "success"),
    Result("D GRANT a block", "enabled", BLOCK, sign_in(), "failure", "failure"),
    Result("D GRANT pending counts as failure", "enabled", MFA, sign_in(), "failure", "failure"),
    Result(
        "D GRANT accepted terms fail while multifactor authentication is pending",
        "enabled",
        {**built_in("mfa", operator="AND"), "termsOfUse": ["t"]},
        sign_in(satisfied={"termsOfUse": ["t"]}),
        "failure",
        "failure",
    ),
    Result("D RO satisfied", REPORT_ONLY, MFA, sign_in(satisfied=FIDO2), "reportOnlySuccess", "notApplied"),
    Result(
        "D RO only the person's action is missing", REPORT_ONLY, MFA, sign_in(), "reportOnlyInterrupted", "notApplied"
    ),
    Result(
        "D RO terms of use are an action",
        REPORT_ONLY,
        {"operator": "OR", "termsOfUse": ["t"]},
        sign_in(),
        "reportOnlyInterrupted",
        "notApplied",
    ),
    Result(
        "D RO a device is none", REPORT_ONLY, built_in("compliantDevice"), sign_in(), "reportOnlyFailure", "notApplied"
    ),
    Result("D RO a block", REPORT_ONLY, BLOCK, sign_in(), "reportOnlyFailure", "notApplied"),
    Result(
        "I OR: an action is left",
        REPORT_ONLY,
        built_in("mfa", "compliantDevice"),
        sign_in(),
        "reportOnlyInterrupted",
        "notApplied",
    ),
    Result(
        "D RO AND: a device fails, whatever the action",
        REPORT_ONLY,
        built_in("mfa", "compliantDevice", operator="AND"),
        sign_in(),
        "reportOnlyFailure",
        "notApplied",
    ),
)


@pytest.mark.parametrize("row", RESULTS, ids=lambda row: row.source)
def test_results(row: Result) -> None:
    found = answer(policy(row.grant, state=row.state), row.document)
    (applied,) = found.applied_conditional_access_policies
    assert (applied.result, found.conditional_access_status) == (row.result, row.status)


@pytest.mark.parametrize(
    ("state", "result"), [("enabled", "notApplied"), (REPORT_ONLY, "reportOnlyNotApplied"), ("disabled", "notEnabled")]
)
def test_the_result_of_a_policy_that_is_about_something_else(state: str, result: str) -> None:
    """D RO, S."""
    found = answer(policy(BLOCK, state=state, **users(includeUsers=["ben"])), sign_in())
    assert [each.result for each in found.applied_conditional_access_policies] == [result]


def frequency(**parts: Json) -> JsonObject:
    return {"signInFrequency": {"isEnabled": True, **parts}}


HOUR: Final = frequency(value=1, type="hours")
SESSIONS: Final = (
    (
        "S an older export without an interval is time based",
        [frequency(value=2, type="days")],
        {"signInFrequencyMinutes": 2880, "secondaryAuthenticationMinutes": 2880},
    ),
    (
        "I the shortest of several",
        [frequency(value=2, type="days"), HOUR],
        {"signInFrequencyMinutes": 60, "secondaryAuthenticationMinutes": 60},
    ),
    (
        "I everyTime beats any other",
        [HOUR, frequency(frequencyInterval="everyTime", value=None, type=None)],
        {"signInFrequencyMinutes": 5, "secondaryAuthenticationMinutes": 5},
    ),
    (
        "S secondaryAuthentication bounds the second factor only",
        [frequency(value=1, type="hours", authenticationType="secondaryAuthentication")],
        {"secondaryAuthenticationMinutes": 60},
    ),
    (
        "S what is not enabled does not count",
        [{"signInFrequency": {"isEnabled": False, "value": 1, "type": "hours"}}],
        {},
    ),
    (
        "U never beats always",
        [{"persistentBrowser": {"isEnabled": True, "mode": mode}} for mode in ("always", "never")],
        {"persistentBrowser": "never"},
    ),
    (
        "U blockDownloads beats monitorOnly beats mcasConfigured",
        [
            {"cloudAppSecurity": {"isEnabled": True, "cloudAppSecurityType": kind}}
            for kind in ("mcasConfigured", "blockDownloads", "monitorOnly")
        ],
        {"cloudAppSecurity": "blockDownloads"},
    ),
    (
        "X PACK strictLocation, which has no isEnabled",
        [{"continuousAccessEvaluation": {"mode": "strictLocation"}}],
        {"continuousAccessEvaluation": "strictLocation"},
    ),
    (
        "D SESS disabled evaluation, for everything and without conditions",
        [{"continuousAccessEvaluation": {"mode": "disabled"}}],
        {"continuousAccessEvaluation": "disabled"},
    ),
    (
        "I one policy is enough for the rest",
        [
            {"applicationEnforcedRestrictions": {"isEnabled": True}},
            {"secureSignInSession": {"isEnabled": True}, "disableResilienceDefaults": True},
        ],
        {"applicationEnforcedRestrictions": True, "secureSignInSession": True, "disableResilienceDefaults": True},
    ),
)


@pytest.mark.parametrize(("source", "controls", "expected"), SESSIONS, ids=[row[0] for row in SESSIONS])
def test_session_controls_together(source: str, controls: list[Json], expected: JsonObject) -> None:
    policies: list[Json] = [policy(None, part, f"P{number}") for number, part in enumerate(controls)]
    found = answer(policies, sign_in(satisfied=done(PASSWORD, tokenProtection=True)))
    assert found.decision == "granted", source
    assert msgspec.to_builtins(found.session_controls) == expected, source


def test_disabled_evaluation_of_a_policy_with_conditions_says_nothing() -> None:
    """D SESS."""
    found = answer(policy(None, {"continuousAccessEvaluation": {"mode": "disabled"}}, **locations("All")), sign_in())
    assert found.session_controls.continuous_access_evaluation is None


def test_session_controls_of_a_policy_that_is_satisfied_by_one_of_several_apply() -> None:
    """§2.6."""
    found = answer(policy(built_in("mfa", "compliantDevice"), HOUR), sign_in(satisfied=done("fido2")))
    assert (found.decision, found.session_controls.sign_in_frequency_minutes) == ("granted", 60)


def test_multifactor_authentication_of_the_last_five_minutes_counts_for_every_time() -> None:
    """D LIFE."""
    every = frequency(frequencyInterval="everyTime")
    recent, older = (sign_in(satisfied=done({"method": "fido2", "minutesAgo": ago})) for ago in (4, 6))
    assert answer(policy(MFA, every), recent).decision == "granted"
    assert answer(policy(MFA, every), older).decision == "interrupted"


def test_a_block_asks_nothing_and_all_applicable_policies_must_be_satisfied() -> None:
    """D POL, PLAN: no order, and nothing that allows beats what denies."""
    satisfied = sign_in(satisfied=done("fido2"))
    granting, blocking = policy(MFA, None, "A"), policy(BLOCK, None, "B")
    for policies in ([granting, blocking], [blocking, granting]):
        found = answer(policies, satisfied)
        assert (found.decision, found.ask_for) == ("blocked", ())
    ors: list[Json] = [
        policy(built_in("mfa", "compliantDevice"), None, "A"),
        policy(built_in("compliantDevice"), None, "B"),
    ]
    assert answer(ors, satisfied).decision == "blocked"
    disjoint: list[Json] = [policy(strength("keys"), None, "A"), policy(strength("sms-only"), None, "B")]
    key: JsonObject = {"method": "fido2", "aaguid": "aa-1"}
    assert answer(disjoint, sign_in(satisfied=done(key))).decision == "interrupted"
    assert answer(disjoint, sign_in(satisfied=done(key, "sms"))).decision == "granted"


DEVICE_OR_SMS: Final = {**strength("sms-only"), "builtInControls": ["compliantDevice"]}


@pytest.mark.parametrize(
    ("source", "own", "document", "decision"),
    [
        ("the action's own strength alone is demanded", strength("sms-only"), done("sms"), "granted"),
        ("and it is demanded", strength("sms-only"), done("fido2"), "interrupted"),
        ("U one that a device stands in for is none", DEVICE_OR_SMS, done("sms"), "interrupted"),
        ("U without one, any second factor will do", MFA, done("temporaryAccessPassOneTime"), "granted"),
        ("U but no single one", MFA, done("sms"), "interrupted"),
    ],
)
def test_registering_by_a_strength_of_its_own(source: str, own: Json, document: JsonObject, decision: str) -> None:
    """D AS2: strengths on the user action are preferred over those on all resources; other controls apply as usual."""
    on_action = policy(own, None, "Action", applications={"includeUserActions": [SECURITY_INFO]})
    registering = sign_in(satisfied=document, context={"userAction": "registerSecurityInformation"})
    assert answer([policy(strength(4), None, "All"), on_action], registering).decision == decision, source
    device = policy(built_in("compliantDevice"), None, "Device")
    assert answer([device, on_action], registering).decision == "blocked", source


def test_a_policy_on_hours_is_not_decided_and_refuses() -> None:
    """U: `times` is in exports only, and no document says what it means."""
    hours: JsonObject = {
        "includeDays": {"timeZone": "UTC", "daysOfWeek": ["monday"], "allDay": False, "startTime": "09:00:00"},
        "includeAllTimes": False,
    }
    found = answer(policy(MFA, times=hours), sign_in(satisfied=done("fido2")))
    (applied,) = found.applied_conditional_access_policies
    assert (found.decision, applied.result) == ("blocked", "unknown")
    assert applied.not_decided == ("conditions.times.includeDays", "conditions.times.includeAllTimes")


def test_the_sign_in_log_names_the_strength() -> None:
    """S: appliedConditionalAccessPolicy.authenticationStrength; a strength of the set, and one that is built in."""
    policies: list[Json] = [policy(strength("keys"), None, "A"), policy(strength(4), None, "B")]
    found = answer(policies, sign_in(satisfied=done(PASSWORD)))
    told = [each.authentication_strength for each in found.applied_conditional_access_policies]
    assert [
        (each.authentication_strength_id, each.display_name, each.authentication_strength_result)
        for each in told
        if not isinstance(each, msgspec.UnsetType)
    ] == [
        ("keys", "Keys", "singleChallengeRequired"),
        (STRENGTHS[4], "Phishing-resistant MFA", "singleChallengeRequired"),
    ]
    assert sorted(str(way.display_name) for each in found.ask_for for way in each.any_of) == [
        "Keys",
        "Phishing-resistant MFA",
    ]


def test_the_sign_in_log_names_what_is_enforced() -> None:
    """S, X: appliedConditionalAccessPolicy."""
    session: JsonObject = {**HOUR, "secureSignInSession": {"isEnabled": True}}
    found = answer(policy(MFA, session), sign_in(satisfied=done("fido2", tokenProtection=False)))
    (applied,) = found.applied_conditional_access_policies
    assert applied.enforced_grant_controls == ("Mfa",)
    assert applied.enforced_session_controls == ("SignInFrequency", "SignInTokenProtection")
    assert applied.session_controls_not_satisfied == ("SignInTokenProtection",)
    rules = {(rule.conditional_access_condition, rule.rule_satisfied) for rule in applied.include_rules_satisfied}
    assert rules == {("users", "allUsers"), ("application", "allApps")}

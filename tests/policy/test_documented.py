"""What Microsoft documents, case by case; each row names its source (D document, S schema, X export, U ours)."""

from datetime import timedelta

import pytest

from assay.policy import (
    AccessRequest,
    Assignment,
    ClientApp,
    ConditionalAccessStatus,
    Method,
    NamedLocation,
    Outcome,
    Platform,
    PolicyResult,
    UserAction,
    UserActionTarget,
    UserKind,
)
from assay.policy.request import Proof
from assay.values import LocationId
from tests.policy.build import (
    ALICE,
    BLOCK,
    MFA,
    NOW,
    PASSKEY,
    PASSWORD,
    RESISTANT,
    TOTP,
    WIKI,
    graph,
    judge,
    proof,
    read,
    request,
)

ALLOW, STEP_UP, DENY = Outcome.ALLOW, Outcome.STEP_UP, Outcome.BLOCK
SECURITY_INFO = UserActionTarget(action=UserAction.REGISTER_SECURITY_INFO)
DEVICE = UserActionTarget(action=UserAction.REGISTER_DEVICE)
OFFICE = NamedLocation(id=LocationId("office"), display_name="Office", is_trusted=True, ranges=("198.51.100.0/24",))
HOME = NamedLocation(id=LocationId("home"), display_name="Home", ranges=("203.0.113.1-203.0.113.9",))


def users(**parts: list[str]) -> dict[str, object]:
    return {"users": parts}


def apps(**parts: list[str]) -> dict[str, object]:
    return {"applications": parts}


def platforms(*include: str, exclude: tuple[str, ...] = ()) -> dict[str, object]:
    return {"platforms": {"includePlatforms": list(include), "excludePlatforms": list(exclude)}}


def locations(*include: str, exclude: tuple[str, ...] = ()) -> dict[str, object]:
    return {"locations": {"includeLocations": list(include), "excludeLocations": list(exclude)}}


def guests(types: str) -> dict[str, object]:
    return {"guestOrExternalUserTypes": types, "externalTenants": {"membershipKind": "all"}}


NAMED = ("android", "iOS", "windows", "macOS", "linux")
TWO_TYPES = "internalGuest,b2bCollaborationGuest"
# Each row: its source, the conditions of a policy that blocks, the request, whether it applies.
CONDITIONS = [
    ("D USERS exclude overrides include", users(includeUsers=["All"], excludeUsers=[ALICE]), request(), False),
    (
        "D USERS includes are a union",
        users(includeUsers=["x"], includeGroups=["staff"]),
        request(groups=("staff",)),
        True,
    ),
    (
        "D USERS exclude of a group beats the include of the person",
        users(includeUsers=[ALICE], excludeGroups=["staff"]),
        request(groups=("staff",)),
        False,
    ),
    (
        "D USERS roles by template id",
        users(includeRoles=["62E90394-69f5-4237-9190-012177145e10"]),
        request(roles=("62e90394-69f5-4237-9190-012177145e10",)),
        True,
    ),
    ("D USERS All includes guests", users(includeUsers=["All"]), request(kind=UserKind.GUEST), True),
    ("D WORKLOAD All users are no workload identities", users(includeUsers=["All"]), request(kind=None), False),
    ("U a workload identity is not named as a user", users(includeUsers=[ALICE]), request(kind=None), False),
    (
        "D WL a policy about a workload identity is about no other",
        {"users": {"includeUsers": ["None"]}, "clientApplications": {"includeServicePrincipals": ["other"]}},
        request(kind=None),
        False,
    ),
    (
        "U who is included beside workload identities is included",
        {"users": {"includeUsers": ["All"]}, "clientApplications": {"includeServicePrincipals": ["other"]}},
        request(),
        True,
    ),
    (
        "U no particular client is one of those that are all named",
        {"clientAppTypes": ["browser", "mobileAppsAndDesktopClients", "exchangeActiveSync", "other"]},
        request(client=None),
        True,
    ),
    ("EVAL no particular client is none of some", {"clientAppTypes": ["browser"]}, request(client=None), False),
    (
        "U a policy about workload identities is about no person",
        {"users": {"includeUsers": ["None"]}, "clientApplications": {"includeServicePrincipals": ["other"]}},
        request(),
        False,
    ),
    ("S None is nobody", users(includeUsers=["None"]), request(), False),
    (
        "D EXT the old token is every external type",
        users(includeUsers=["GuestsOrExternalUsers"]),
        request(kind=UserKind.CUSTOMER),
        True,
    ),
    ("D EXT a member is no guest", users(includeUsers=["GuestsOrExternalUsers"]), request(), False),
    (
        "U one type that a guest may be includes",
        {"users": {"includeGuestsOrExternalUsers": guests("internalGuest")}},
        request(kind=UserKind.GUEST),
        True,
    ),
    (
        "U one type that a guest may be does not exclude",
        {"users": {"includeUsers": ["All"], "excludeGuestsOrExternalUsers": guests("internalGuest")}},
        request(kind=UserKind.GUEST),
        True,
    ),
    (
        "U all types that a guest may be exclude",
        {"users": {"includeUsers": ["All"], "excludeGuestsOrExternalUsers": guests(TWO_TYPES)}},
        request(kind=UserKind.GUEST),
        False,
    ),
    ("S excluded app", apps(includeApplications=["All"], excludeApplications=[WIKI]), request(), False),
    ("S None targets nothing", apps(includeApplications=["None"]), request(), False),
    ("X EVAL example 3: All reaches security info", {}, request(target=SECURITY_INFO), True),
    ("U All leaves the registration of a device reachable", {}, request(target=DEVICE), False),
    (
        "D APPS a user action applies when performed",
        apps(includeUserActions=["urn:user:registerdevice"]),
        request(target=DEVICE),
        True,
    ),
    (
        "D APPS a user action applies only then",
        apps(includeUserActions=["urn:user:registerdevice"]),
        request(),
        False,
    ),
    (
        "D COND client app types are a set",
        {"clientAppTypes": ["exchangeActiveSync", "other"]},
        request(client=ClientApp.OTHER),
        True,
    ),
    ("D COND browser is not legacy", {"clientAppTypes": ["exchangeActiveSync", "other"]}, request(), False),
    ("X PACK All in capitals", {"clientAppTypes": ["All"]}, request(), True),
    ("I an empty list of client app types is all", {"clientAppTypes": []}, request(), True),
    (
        "S modern is retired",
        {"clientAppTypes": ["modern"]},
        request(client=ClientApp.MOBILE_APPS_AND_DESKTOP_CLIENTS),
        True,
    ),
    ("D UNK all but the known catches the unknown", platforms("all", exclude=NAMED), request(platform=None), True),
    ("D UNK all but the known spares the known", platforms("all", exclude=NAMED), request(), False),
    ("D UNK by name the unknown is never met", platforms(*NAMED), request(platform=None), False),
    ("S platform by name", platforms("IOS"), request(platform=Platform.IOS), True),
    ("D NET trusted excluded", locations("All", exclude=("AllTrusted",)), request(), False),
    (
        "D NET outside the trusted",
        locations("All", exclude=("AllTrusted",)),
        request(address="203.0.113.5"),
        True,
    ),
    ("D NET any of the named", locations("home", "office"), request(address="203.0.113.9"), True),
    ("D NET end of a range", locations("home"), request(address="203.0.113.10"), False),
    ("U IPv4 written as IPv6", locations("office"), request(address="::ffff:198.51.100.7"), True),
    (
        "U an unknown address is excused from nothing",
        locations("All", exclude=("AllTrusted",)),
        request(address=None),
        True,
    ),
    ("U an unknown address may be anywhere", locations("home"), request(address=None), True),
]


@pytest.mark.parametrize(("source", "conditions", "asked", "applies"), CONDITIONS, ids=[row[0] for row in CONDITIONS])
def test_conditions(source: str, conditions: dict[str, object], asked: AccessRequest, applies: bool) -> None:
    policy_set = read(graph(conditions=conditions, grantControls=BLOCK), locations=(OFFICE, HOME))
    decision = judge(policy_set, asked)
    assert decision.outcome is (DENY if applies else ALLOW), source


def frequency(**parts: object) -> dict[str, object]:
    return {"sessionControls": {"signInFrequency": {"isEnabled": True, **parts}}}


HOUR = frequency(value=1, type="hours", frequencyInterval="timeBased")
SECOND_HOUR = frequency(value=1, type="hours", authenticationType="secondaryAuthentication")
EVERY_TIME = frequency(frequencyInterval="everyTime", value=None, type=None)
OLD_PASSWORD, OLD_TOTP = proof(Method.PASSWORD, 61), proof(Method.SOFTWARE_OATH, 61)
CODE = proof(Method.RECOVERY_CODE)
BOTH_OR = {"operator": "or", "builtInControls": ["mfa"], "authenticationStrength": RESISTANT["authenticationStrength"]}
PASS = proof(Method.TEMPORARY_ACCESS_PASS_ONE_TIME)
RESISTANT_ACTION = graph(conditions=apps(includeUserActions=["urn:user:registersecurityinfo"]), grantControls=RESISTANT)
# Each row: its source, the policies, the request, the outcome.
CONTROLS = [
    ("D PLAN no policy: granted", [], request(PASSWORD), ALLOW),
    ("D GRANT mfa unsatisfied", [graph(grantControls=MFA)], request(PASSWORD), STEP_UP),
    ("D AS1 password and TOTP are mfa", [graph(grantControls=MFA)], request(PASSWORD, TOTP), ALLOW),
    ("D AS1 a passkey is mfa", [graph(grantControls=MFA)], request(PASSKEY), ALLOW),
    ("U password and recovery code are mfa", [graph(grantControls=MFA)], request(PASSWORD, CODE), ALLOW),
    ("S a Temporary Access Pass is mfa", [graph(grantControls=MFA)], request(PASS), ALLOW),
    ("D AS1 TOTP resists no phishing", [graph(grantControls=RESISTANT)], request(PASSWORD, TOTP), STEP_UP),
    ("D AS1 a passkey resists phishing", [graph(grantControls=RESISTANT)], request(PASSKEY), ALLOW),
    ("D POL block asks nothing", [graph(grantControls=BLOCK), graph("b", grantControls=MFA)], request(), DENY),
    ("D POL OR: any one", [graph(grantControls=BOTH_OR)], request(PASSWORD, TOTP), ALLOW),
    ("D POL AND: all", [graph(grantControls=BOTH_OR | {"operator": "and"})], request(PASSWORD, TOTP), STEP_UP),
    (
        "D POL every applicable policy",
        [graph(grantControls=MFA), graph("b", grantControls=RESISTANT)],
        request(PASSWORD, TOTP),
        STEP_UP,
    ),
    (
        "D AS2 one passkey satisfies both",
        [graph(grantControls=MFA), graph("b", grantControls=RESISTANT)],
        request(PASSKEY),
        ALLOW,
    ),
    ("X PACK empty grant controls", [graph(grantControls={"operator": "OR", "builtInControls": []})], request(), ALLOW),
    ("D COND legacy clients cannot do mfa", [graph(grantControls=MFA)], request(PASSKEY, client=ClientApp.OTHER), DENY),
    ("D LIFE older than the frequency", [graph(**HOUR)], request(OLD_PASSWORD), STEP_UP),
    ("D LIFE both factors: the second too", [graph(grantControls=MFA, **HOUR)], request(PASSWORD, OLD_TOTP), STEP_UP),
    (
        "S secondaryAuthentication leaves the first alone",
        [graph(grantControls=MFA, **SECOND_HOUR)],
        request(OLD_PASSWORD, TOTP),
        ALLOW,
    ),
    (
        "S secondaryAuthentication bounds the second",
        [graph(grantControls=MFA, **SECOND_HOUR)],
        request(PASSWORD, OLD_TOTP),
        STEP_UP,
    ),
    ("D LIFE every time, five minutes tolerance", [graph(**EVERY_TIME)], request(proof(Method.PASSWORD, 4.9)), ALLOW),
    ("D LIFE every time, after five minutes", [graph(**EVERY_TIME)], request(proof(Method.PASSWORD, 5)), STEP_UP),
    (
        "D AS2 at registration a strength for all apps gives way",
        [graph(grantControls=RESISTANT)],
        request(PASS, target=SECURITY_INFO),
        ALLOW,
    ),
    (
        "D AS2 at registration the action's own strength stays",
        [RESISTANT_ACTION],
        request(PASS, target=SECURITY_INFO),
        STEP_UP,
    ),
    (
        "D POL report-only lets in",
        [graph(state="enabledForReportingButNotEnforced", grantControls=BLOCK)],
        request(),
        ALLOW,
    ),
    ("S disabled says nothing", [graph(state="disabled", grantControls=BLOCK)], request(), ALLOW),
    (
        "U undecided and enabled denies",
        [graph(conditions={"times": {"allDay": True}}, grantControls=MFA)],
        request(PASSKEY),
        DENY,
    ),
    (
        "U undecided, but surely not about this person",
        [graph(conditions={"times": {"allDay": True}, "users": {"includeUsers": ["None"]}}, grantControls=MFA)],
        request(PASSKEY),
        ALLOW,
    ),
]


@pytest.mark.parametrize(("source", "policies", "asked", "outcome"), CONTROLS, ids=[row[0] for row in CONTROLS])
def test_controls(source: str, policies: list[object], asked: AccessRequest, outcome: Outcome) -> None:
    assert judge(read(*policies), asked).outcome is outcome, source


REPORT_ONLY = "enabledForReportingButNotEnforced"
RESULTS = [
    ("D RO success", MFA, {}, request(PASSKEY), PolicyResult.REPORT_ONLY_SUCCESS),
    ("D RO only the person's action is missing", MFA, {}, request(PASSWORD), PolicyResult.REPORT_ONLY_INTERRUPTED),
    ("D RO block", BLOCK, {}, request(PASSKEY), PolicyResult.REPORT_ONLY_FAILURE),
    ("D COND legacy", MFA, {}, request(client=ClientApp.OTHER), PolicyResult.REPORT_ONLY_FAILURE),
    ("S could not be evaluated", MFA, {"times": {"allDay": True}}, request(PASSKEY), PolicyResult.UNKNOWN),
    ("D LIFE stale", None, {}, request(OLD_PASSWORD), PolicyResult.REPORT_ONLY_INTERRUPTED),
]


@pytest.mark.parametrize(("source", "grant", "conditions", "asked", "result"), RESULTS, ids=[row[0] for row in RESULTS])
def test_report_only_results(
    source: str, grant: object, conditions: dict[str, object], asked: AccessRequest, result: PolicyResult
) -> None:
    policy = graph(state=REPORT_ONLY, grantControls=grant, conditions=conditions, **HOUR)
    decision = judge(read(policy), asked)
    assert decision.allowed
    assert decision.conditional_access is ConditionalAccessStatus.NOT_APPLIED
    assert [found.result for found in decision.report_only] == [result], source


def test_a_report_only_policy_on_a_user_action_is_not_evaluated() -> None:
    """D RO."""
    policy = graph(state=REPORT_ONLY, conditions=RESISTANT_ACTION["conditions"], grantControls=BLOCK)
    assert judge(read(policy), request(target=SECURITY_INFO)).report_only == ()


def test_assignment_and_conditional_access_are_apart() -> None:
    policy_set = read(graph(grantControls=MFA))
    refused = judge(policy_set, request(PASSKEY, assigned=False))
    assert (refused.outcome, refused.assignment) == (DENY, Assignment.NOT_ASSIGNED)
    assert refused.conditional_access is ConditionalAccessStatus.SUCCESS
    assert refused.reasons[0].code == "notAssigned"
    open_question = judge(policy_set, request(PASSKEY, assigned=None))
    assert (open_question.outcome, open_question.assignment) == (ALLOW, Assignment.NOT_EVALUATED)


def test_what_to_ask_next() -> None:
    """Re-authentication first, then the narrowest demand; of each combination only what is missing."""
    policy_set = read(graph(grantControls=MFA, **HOUR), graph("b", grantControls=RESISTANT))
    decision = judge(policy_set, request(OLD_PASSWORD, TOTP))
    controls = [unmet.alternatives[0].control.value for unmet in decision.unmet]
    assert controls == ["signInFrequency", "authenticationStrength", "mfa"]
    assert decision.unmet[0].alternatives[0].too_old == ("primary",)
    assert decision.unmet[0].policies == ("policy",)
    totp = next(o for o in decision.unmet[2].options if o.combination == (Method.PASSWORD, Method.SOFTWARE_OATH))
    assert totp.missing == (Method.PASSWORD,)
    assert len(decision.unmet[2].options[0].missing) == 1
    assert decision.reasons[1].code == "authenticationStrengthRequired"


def test_only_the_newest_proof_of_a_method_is_too_old() -> None:
    """A password given again is not too old because of the first time."""
    decision = judge(read(graph(grantControls=MFA, **HOUR)), request(OLD_PASSWORD, PASSWORD, OLD_TOTP))
    assert [unmet.alternatives[0].too_old for unmet in decision.unmet] == [("secondary",)]


@pytest.mark.parametrize(
    ("proofs", "ends"),
    [
        # Of one combination the proof that ends first, whichever factor it is.
        ((proof(Method.PASSWORD, 50), proof(Method.SOFTWARE_OATH, 10)), 10),
        ((proof(Method.PASSWORD, 10), proof(Method.SOFTWARE_OATH, 50)), 10),
        # Of two ways the one that lasts longer.
        ((proof(Method.PASSWORD, 10), proof(Method.SOFTWARE_OATH, 50), proof(Method.FIDO2, 20)), 40),
    ],
)
def test_the_instant_at_which_an_answer_ends(proofs: tuple[Proof, ...], ends: float) -> None:
    decision = judge(read(graph(grantControls=MFA, **HOUR)), request(*proofs))
    assert decision.valid_until == NOW + timedelta(minutes=ends)
    assert judge(read(graph(grantControls=MFA)), request(*proofs)).valid_until is None


def test_session_controls_merge() -> None:
    never, always = ({"persistentBrowser": {"isEnabled": True, "mode": mode}} for mode in ("never", "always"))
    read_only = {"assay": {"limits": {"readOnly": True}}}
    few = {"assay": {"limits": {"methods": ["GET", "POST"]}}}
    decision = judge(
        read(
            *(graph(str(number), sessionControls=part) for number, part in enumerate((always, never, read_only, few)))
        ),
        request(PASSWORD),
    )
    assert decision.session.persistent_browser == "never"  # U
    assert decision.limits.permits("GET")
    assert not decision.limits.permits("POST")
    assert not decision.limits.permits("GET", upgrade=True)
    assert not decision.limits.permits("HEAD")

"""What satisfies each grant control and who keeps each session control, case by case; each row names its source."""

import pytest
from msgspec.structs import replace

from assay.policy import AccessRequest, Outcome, UserKind, compile_policies, decide
from assay.policy.device import Device
from assay.policy.enforcement import EVERYTHING, GATEWAY
from assay.policy.request import Satisfied, TransferMethod
from assay.policy.session_controls import ContinuousAccessEvaluation
from tests.policy.build import NOW, PASSKEY, WIKI, graph, judge, read, request

ALLOW, STEP_UP, DENY = Outcome.ALLOW, Outcome.STEP_UP, Outcome.BLOCK
CODE = frozenset({TransferMethod.DEVICE_CODE_FLOW})
COMPLIANT, JOINED = Device(is_compliant=True), Device(trust_type="ServerAD")
DONE = Satisfied(
    password_change=NOW,
    risk_remediation=NOW,
    terms_of_use=frozenset({"terms"}),
    custom_authentication_factors=frozenset({"token"}),
    approved_application=True,
    compliant_application=True,
)
ANY = replace(request(PASSKEY), enforced_by=EVERYTHING)
GUEST = replace(request(PASSKEY, kind=UserKind.GUEST), enforced_by=EVERYTHING)


def demanding(*controls: str) -> dict[str, object]:
    return {"grantControls": {"operator": "AND", "builtInControls": list(controls)}}


TERMS = {"grantControls": {"operator": "OR", "termsOfUse": ["terms"]}}
FACTOR = {"grantControls": {"operator": "OR", "customAuthenticationFactors": ["token"]}}
BOUND = {"sessionControls": {"secureSignInSession": {"isEnabled": True}}}
PROXY = {"sessionControls": {"cloudAppSecurity": {"isEnabled": True, "cloudAppSecurityType": "blockDownloads"}}}
ROWS = [
    ("D GRANT a compliant device", demanding("compliantDevice"), replace(ANY, device=COMPLIANT), ALLOW),
    ("D GRANT no device is not compliant", demanding("compliantDevice"), ANY, DENY),
    ("D GRANT compliant, by a code", demanding("compliantDevice"), replace(ANY, device=COMPLIANT, flows=CODE), DENY),
    ("D GRANT a hybrid joined device", demanding("domainJoinedDevice"), replace(ANY, device=JOINED), ALLOW),
    ("D GRANT compliant is not joined", demanding("domainJoinedDevice"), replace(ANY, device=COMPLIANT), DENY),
    ("D GRANT joined, by a code", demanding("domainJoinedDevice"), replace(ANY, device=JOINED, flows=CODE), DENY),
    ("D GRANT an approved app", demanding("approvedApplication"), replace(ANY, satisfied=DONE), ALLOW),
    ("D EXT no approved app of a guest", demanding("approvedApplication"), replace(GUEST, satisfied=DONE), DENY),
    ("D EXT no protected app of a guest", demanding("compliantApplication"), replace(GUEST, satisfied=DONE), DENY),
    ("D GRANT a changed password", demanding("mfa", "passwordChange"), replace(ANY, satisfied=DONE), ALLOW),
    ("D GRANT a password can be changed", demanding("mfa", "passwordChange"), ANY, STEP_UP),
    ("D EXT a guest has none here", demanding("mfa", "passwordChange"), replace(GUEST, satisfied=DONE), DENY),
    ("D TOU accepted", TERMS, replace(ANY, satisfied=DONE), ALLOW),
    ("D TOU to be accepted", TERMS, ANY, STEP_UP),
    ("U nobody can accept terms at our gateway", TERMS, replace(ANY, enforced_by=GATEWAY), DENY),
    ("D POL a custom factor", FACTOR, replace(ANY, satisfied=DONE), ALLOW),
    ("D TP whoever can tell says unbound", BOUND, replace(ANY, satisfied=Satisfied(token_protection=False)), DENY),
    ("D TP bound", BOUND, replace(ANY, satisfied=Satisfied(token_protection=True), enforced_by=GATEWAY), ALLOW),
    ("D TP who enforces and is not told is believed", BOUND, ANY, ALLOW),
    ("D TP unbound, and nobody asks", TERMS, replace(ANY, satisfied=replace(DONE, token_protection=False)), ALLOW),
    ("U our gateway binds nothing", BOUND, replace(ANY, enforced_by=GATEWAY), DENY),
    ("U our gateway is no proxy for downloads", PROXY, replace(ANY, enforced_by=GATEWAY), DENY),
    ("D SESS what a client's proxy keeps", PROXY, ANY, ALLOW),
]  # fmt: skip


@pytest.mark.parametrize(("source", "parts", "asked", "outcome"), ROWS, ids=[row[0] for row in ROWS])
def test_a_control(source: str, parts: dict[str, object], asked: AccessRequest, outcome: Outcome) -> None:
    compiled = compile_policies(read(graph(**parts)))
    # Asked before in every other circumstance: what is remembered of another question answers none.
    for other in (row[2] for row in ROWS):
        decide(compiled, compiled.subject(other.principal), other)
    assert decide(compiled, compiled.subject(asked.principal), asked).outcome is outcome, source


@pytest.mark.parametrize(
    ("conditions", "mode"),
    [
        ({}, ContinuousAccessEvaluation.DISABLED),
        ({"applications": {"includeApplications": [WIKI]}}, None),
        ({"applications": {"includeApplications": ["All"], "excludeApplications": ["other"]}}, None),
        ({"platforms": {"includePlatforms": ["linux"]}}, None),
    ],
)
def test_evaluation_is_disabled_for_all_resources_or_not_at_all(
    conditions: dict[str, object], mode: ContinuousAccessEvaluation | None
) -> None:
    """D SESS: such a policy is on all resources and has no conditions."""
    disabling = graph(conditions=conditions, sessionControls={"continuousAccessEvaluation": {"mode": "disabled"}})
    assert judge(read(disabling), ANY).session.continuous_access_evaluation is mode

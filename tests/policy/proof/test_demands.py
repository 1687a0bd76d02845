"""What every control, age and session control demands: the symbolic form and the engine, one change at a time."""

from collections.abc import Iterator
from typing import Final

import pytest
from msgspec.structs import replace

from assay.policy import Outcome, compile_policies
from assay.policy.definition import AuthenticationStrengthPolicy, CombinationConfiguration
from assay.policy.enforcement import EVERYTHING, GATEWAY, EnforcementPoint
from assay.policy.proof.meaning import Meaning
from assay.policy.proof.shown import evidences_of
from assay.policy.proof.sign_ins import decided, document
from assay.policy.proof.solver import Assignment
from assay.policy.proof.vocabulary import vocabulary_of
from assay.policy.request import Method
from assay.policy.symbolic import dimensions_of, true_of
from tests.policy.build import BLOCK, MFA, RESISTANT, graph, read

KEY: Final = "2fc0579f-8113-47ea-b116-bb5a8db9202a"
X509: Final = Method.X509_CERTIFICATE_MULTI_FACTOR
LIMITED: Final = AuthenticationStrengthPolicy(
    id="limited",
    display_name="Limited",
    allowed_combinations=((Method.FIDO2,), (X509,), (Method.PASSWORD, Method.RECOVERY_CODE)),
    combination_configurations=(
        CombinationConfiguration(allowed_aaguids=(KEY,)),
        CombinationConfiguration(allowed_issuer_skis=("0A",), allowed_policy_oids=("1.2", "1.3")),
    ),
)
FRIENDS: Final = {"users": {"includeUsers": ["All"], "excludeGroups": ["friends"]}}
REGISTRATION: Final = {"applications": {"includeUserActions": ["urn:user:registersecurityinfo"]}}
# Of what is proved, of sorts of people, of what is asked for and by which client, a few are tried.
METHODS: Final = ("password", "fido2", "x509CertificateMultiFactor", "recoveryCode", "softwareOath", "deviceBasedPush")
FEW: Final = {
    "sort": ("member", "internalGuest", "b2bCollaborationGuest", "b2bDirectConnectUser", "workloadIdentity"),
    "target": ("app another-app", "action urn:user:registersecurityinfo"),
    "client": ("browser", "other"),
}


def grant(*controls: str, operator: str = "OR", **more: object) -> dict[str, object]:
    return {"builtInControls": [*controls], "operator": operator} | more


def demanding(grant_controls: object, name: str = "policy", **more: object) -> dict[str, object]:
    return graph(name, grantControls=grant_controls, **more)


def frequency(**said: object) -> dict[str, object]:
    return {"sessionControls": {"signInFrequency": {"isEnabled": True, "frequencyInterval": "timeBased"} | said}}


HOURLY: Final = frequency(value=1, type="hours")
SECONDS: Final = frequency(value=4, type="hours", authenticationType="secondaryAuthentication")
EACH_TIME: Final = frequency(frequencyInterval="everyTime")


def kept(**said: object) -> dict[str, object]:
    return graph(sessionControls={key: {"isEnabled": True} | (value or {}) for key, value in said.items()})


SETS: Final[dict[str, list[dict[str, object]]]] = {
    "mfa": [demanding(MFA)],
    "phishing-resistant": [demanding(RESISTANT)],
    "limited": [demanding(grant(authenticationStrength={"id": "limited"}))],
    "compliant": [demanding(grant("compliantDevice"))],
    "joined": [demanding(grant("domainJoinedDevice"))],
    "approved": [demanding(grant("approvedApplication"))],
    "protected": [demanding(grant("compliantApplication"))],
    "remediated": [demanding(grant("riskRemediation"))],
    "terms": [demanding(grant(termsOfUse=["terms"]))],
    "factor": [demanding(grant(customAuthenticationFactors=["token"]))],
    "either": [demanding(grant("compliantDevice", "mfa", termsOfUse=["terms"]))],
    "both": [demanding(grant("mfa", "passwordChange", operator="AND"))],
    "hourly": [demanding(MFA, **HOURLY)],
    "hourly for some": [demanding(MFA), graph("hourly", conditions=FRIENDS, **HOURLY)],
    "hourly alone": [graph(**HOURLY)],
    "second factors": [demanding(MFA, **SECONDS), graph("hourly", **HOURLY)],
    "each time": [demanding(MFA, **EACH_TIME)],
    "blocked for some": [demanding(BLOCK, conditions=FRIENDS)],
    "registering": [demanding(RESISTANT)],
    "registering by a strength": [
        demanding(RESISTANT),
        demanding(grant(authenticationStrength={"id": "limited"}), "registering", conditions=REGISTRATION),
    ],
    "registering by two factors": [demanding(RESISTANT), demanding(MFA, "registering", conditions=REGISTRATION)],
    "bound": [kept(secureSignInSession=None)],
    "restricted": [kept(applicationEnforcedRestrictions=None)],
    "kept": [kept(persistentBrowser={"mode": "never"})],
    "reporting": [demanding(BLOCK, state="enabledForReportingButNotEnforced")],
}


def one_at_a_time(ordinary: Assignment, values: dict[str, tuple[object, ...]]) -> Iterator[Assignment]:
    yield ordinary
    for name, others in values.items():
        for value in others:
            yield {**ordinary, name: value}


# What somebody else can ask for and keep, and our gateway not.
HERE: Final = ("either", "both", "each time", "bound", "restricted", "registering by a strength")
ASKED: Final = (*((case, EVERYTHING) for case in SETS), *((case, GATEWAY) for case in HERE))


@pytest.mark.parametrize(("case", "enforced_by"), ASKED, ids=lambda value: value if isinstance(value, str) else "")
def test_what_is_demanded_is_what_the_engine_demands(case: str, enforced_by: EnforcementPoint) -> None:
    policy_set = replace(read(*SETS[case]), strengths=(LIMITED,))
    compiled = compile_policies(policy_set)
    evidences = evidences_of(compiled.policies)
    vocabulary = vocabulary_of([compiled], evidences)
    meaning = Meaning(compiled, vocabulary, evidences, enforced_by)
    allowed, blocked = meaning.allowed(), meaning.blocked()
    asked = dimensions_of(allowed) | dimensions_of(blocked) | {*FEW}
    tried = (name for name in sorted(asked) if not name.startswith("proof ") or name.split()[1] in METHODS)
    values = {name: FEW.get(name, vocabulary.values(name)) for name in tried}
    nothing = {name: dimension.values[0] for name, dimension in vocabulary.dimensions.items()}
    password = nothing | {"proof password": 0, "device.registered": True}
    everything = password | {name: 0 for name in nothing if name.startswith("proof ")}
    everything |= {name: True for name in nothing if name.startswith(("shown ", "device.isCompliant"))}
    seen = set()
    for ordinary in (nothing, password, everything, everything | {"target": FEW["target"][1]}):
        for found in one_at_a_time(ordinary, values):
            if not all(true_of(term, found) for term in vocabulary.constraints):
                continue
            decision = decided(compiled, document(found, evidences), enforced_by)
            assert decision is not None
            said = (true_of(allowed, found), true_of(blocked, found))
            assert said == (decision.allowed, decision.outcome is Outcome.BLOCK), found
            seen.add(decision.outcome)
    assert len(seen) > 1 or case in ("kept", "reporting", "restricted")

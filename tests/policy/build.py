"""Short ways to say a policy and a request, in the words of the tables."""

import json
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

from assay.policy import (
    AccessRequest,
    AppTarget,
    ClientApp,
    Decision,
    Method,
    Platform,
    Principal,
    Proof,
    SourceFile,
    Target,
    UserKind,
    compile_policies,
    decide,
    import_policies,
)
from assay.policy.definition import ConditionalAccessPolicy, NamedLocation, PolicySet
from assay.values import AppId, GroupId, RoleId, UserId

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ALICE = UserId("a11ce000-0000-4000-8000-000000000001")
WIKI = AppId("00000000-0000-4000-8000-0000000000a1")
MFA = {"builtInControls": ["mfa"], "operator": "OR"}
BLOCK = {"builtInControls": ["block"], "operator": "OR"}
RESISTANT = {"operator": "OR", "authenticationStrength": {"id": "00000000-0000-0000-0000-000000000004"}}


def graph(name: str = "policy", **parts: object) -> dict[str, object]:
    """A policy as Graph writes it: everyone, every app, unless `conditions` says otherwise."""
    conditions = {
        "users": {"includeUsers": ["All"]},
        "applications": {"includeApplications": ["All"]},
        "clientAppTypes": ["all"],
    }
    conditions |= parts.pop("conditions", {})  # type: ignore[arg-type]  # a test's dictionary of JSON
    return {"displayName": name, "id": name, "state": "enabled", "conditions": conditions} | parts


def read(*policies: object, locations: tuple[NamedLocation, ...] = ()) -> PolicySet:
    """The policies, imported; the import must be clean."""
    content = json.dumps(list(policies)).encode()
    result = import_policies([SourceFile(name="test", content=content)], PolicySet(locations=locations))
    assert result.malformed == ()
    return PolicySet(
        policies=tuple(found.policy for found in result.policies),
        locations=(*locations, *result.locations),
        strengths=result.strengths,
    )


def one(policy: object) -> ConditionalAccessPolicy:
    return read(policy).policies[0]


def proof(method: Method, minutes: float = 0) -> Proof:
    """A proof that is so many minutes old."""
    return Proof(method=method, at=NOW - timedelta(minutes=minutes), user_verified=True)


PASSWORD = proof(Method.PASSWORD)
TOTP = proof(Method.SOFTWARE_OATH)
PASSKEY = proof(Method.FIDO2)


def request(
    *proofs: Proof,
    kind: UserKind | None = UserKind.MEMBER,
    groups: tuple[str, ...] = (),
    roles: tuple[str, ...] = (),
    target: Target | None = None,
    client: ClientApp | None = ClientApp.BROWSER,
    platform: Platform | None = Platform.LINUX,
    address: str | None = "198.51.100.7",
    assigned: bool | None = True,
) -> AccessRequest:
    return AccessRequest(
        principal=Principal(
            id=ALICE, kind=kind, groups=frozenset(map(GroupId, groups)), roles=frozenset(map(RoleId, roles))
        ),
        assigned=assigned,
        target=target or AppTarget(app_id=WIKI),
        client_app=client,
        platform=platform,
        address=ip_address(address) if address else None,
        proofs=proofs,
        at=NOW,
    )


def judge(policy_set: PolicySet, asked: AccessRequest) -> Decision:
    compiled = compile_policies(policy_set)
    return decide(compiled, compiled.subject(asked.principal), asked)

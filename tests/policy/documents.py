"""Policies in Graph's JSON and sign-ins as documents, in few words, for the tables of what Microsoft documents.

Each row of test_documented_*.py names its source. D: a document of Microsoft's, S: Graph's schema, X: an example or an
export, I: inferred from those, U: ours where none says it.
"""

import json
from typing import Final, NamedTuple

from assay.policy.graph_json import Json, JsonObject
from assay.policy.importers import SourceFile
from assay.policy.offline import Account, account, read_set, read_sign_in

EXCHANGE: Final = "00000002-0000-0ff1-ce00-000000000000"
AZURE_PORTAL: Final = "c44b4083-3bb0-49c1-b47d-974e53cbdf3c"
AZURE_MANAGEMENT: Final = "797f4846-ba00-4fd7-ba43-dac1f8f63013"
DIRECTORY_GRAPH: Final = "00000002-0000-0000-c000-000000000000"
ADMIN: Final = "62e90394-69f5-4237-9190-012177145e10"
COMPLIANT_NETWORK: Final = "3d46dbda-8382-466a-856d-eb00cbc6b910"
STRENGTHS: Final = {name: f"00000000-0000-0000-0000-00000000000{name}" for name in (2, 3, 4)}
SECURITY_INFO: Final = "urn:user:registersecurityinfo"
REPORT_ONLY: Final = "enabledForReportingButNotEnforced"

OBJECTS: Final[list[Json]] = [
    {"id": "office", "displayName": "Office", "isTrusted": True, "ipRanges": [{"cidrAddress": "198.51.100.0/24"}]},
    {"id": "six", "displayName": "Six", "isTrusted": False, "ipRanges": [{"cidrAddress": "2001:db8::/32"}]},
    {"id": "north", "displayName": "North", "countriesAndRegions": ["NO", "SE"]},
    {"id": "odd", "displayName": "Odd", "countriesAndRegions": ["KP"], "includeUnknownCountriesAndRegions": True},
    {
        "id": "phone",
        "displayName": "Phone",
        "countriesAndRegions": ["NO"],
        "countryLookupMethod": "authenticatorAppGps",
    },
    {
        "id": COMPLIANT_NETWORK,
        "displayName": "Network",
        "compliantNetworkType": "allTenantCompliantNetworks",
        "isTrusted": True,
    },
    {
        "id": "keys",
        "displayName": "Keys",
        "allowedCombinations": ["fido2"],
        "combinationConfigurations": [
            {"allowedAAGUIDs": ["AA-1", "aa-2"], "appliesToCombinations": ["fido2"]},
        ],
    },
    {
        "id": "cards",
        "displayName": "Cards",
        "allowedCombinations": ["x509CertificateMultiFactor"],
        "combinationConfigurations": [{"allowedIssuerSkis": ["0A", "0B"], "allowedPolicyOIDs": ["1.2", "1.3"]}],
    },
    {
        "id": "mixed",
        "displayName": "Mixed",
        "allowedCombinations": ["password,x509CertificateSingleFactor"],
        "combinationConfigurations": [
            {"allowedIssuerSkis": ["AB"], "appliesToCombinations": ["x509CertificateSingleFactor,password"]}
        ],
    },
    {"id": "sms-only", "displayName": "SMS", "allowedCombinations": ["sms"]},
]

MFA: Final[JsonObject] = {"operator": "OR", "builtInControls": ["mfa"]}
BLOCK: Final[JsonObject] = {"operator": "OR", "builtInControls": ["block"]}

COMPANY: Final[JsonObject] = {"deviceId": "d", "isCompliant": True, "trustType": "ServerAD", "model": "Book 3"}
REGISTERED: Final[JsonObject] = {"deviceId": "d", "trustType": "Workplace", "extensionAttribute1": "SAW"}
PASSWORD: Final = "password"


def built_in(*controls: str, operator: str = "OR", **more: Json) -> JsonObject:
    return {"operator": operator, "builtInControls": list(controls), **more}


def strength(number_or_id: int | str) -> JsonObject:
    found = STRENGTHS[number_or_id] if isinstance(number_or_id, int) else number_or_id
    return {"operator": "OR", "authenticationStrength": {"id": found}}


def policy(grant: Json = None, session: Json = None, name: str = "P", state: str = "enabled", **parts: Json) -> Json:
    conditions: JsonObject = {
        "users": {"includeUsers": ["All"]},
        "applications": {"includeApplications": ["All"]},
        "clientAppTypes": ["all"],
        **parts,
    }
    return {
        "id": name,
        "displayName": name,
        "state": state,
        "conditions": conditions,
        "grantControls": grant,
        "sessionControls": session,
    }


def sign_in(app: str | None = "wiki", *, who: JsonObject | None = None, **parts: Json) -> JsonObject:
    """`parts`: signInConditions, but for `satisfied`, `directory` and `context`."""
    conditions: JsonObject = {"clientAppType": "browser", "devicePlatform": "windows", "ipAddress": "203.0.113.7"}
    context = parts.pop("context", None)
    return {
        "signInIdentity": who or {"userId": "ada"},
        "signInContext": context if isinstance(context, dict) else {"includeApplications": [app]},
        "satisfied": parts.pop("satisfied", {}),
        "directory": parts.pop("directory", {}),
        "signInConditions": conditions | parts,
    }


def done(*methods: Json, **more: Json) -> JsonObject:
    return {"authenticationMethods": list(methods), **more}


def guest(kind: str, tenant: str = "contoso") -> JsonObject:
    return {"userId": "gil", "externalUserType": kind, "externalTenantId": tenant}


def users(**parts: Json) -> JsonObject:
    return {"users": parts}


def apps(**parts: Json) -> JsonObject:
    return {"applications": parts}


def guests(types: str, **tenants: Json) -> JsonObject:
    return {"guestOrExternalUserTypes": types, "externalTenants": tenants or {"membershipKind": "all"}}


def locations(*include: str, exclude: tuple[str, ...] = ()) -> JsonObject:
    return {"locations": {"includeLocations": list(include), "excludeLocations": list(exclude)}}


def device_filter(rule: str, mode: str = "include") -> JsonObject:
    return {"devices": {"deviceFilter": {"mode": mode, "rule": rule}}}


def programs(**parts: Json) -> JsonObject:
    return {**users(includeUsers=["None"]), "clientApplications": parts}


def program(directory: JsonObject | None = None, **parts: Json) -> JsonObject:
    known: JsonObject = {"servicePrincipals": [{"id": "robot", **(directory or {})}]}
    return sign_in(who={"servicePrincipalId": "robot"}, directory=known, **parts)


def role(**parts: Json) -> JsonObject:
    return {"roleAssignments": [{"principalId": "ada", "roleDefinitionId": ADMIN, **parts}]}


def app_with(name: str, value: Json) -> JsonObject:
    return {"applications": [{"appId": "wiki", "customSecurityAttributes": {"Set": {name: value}}}]}


def answer(policies: Json, document: JsonObject) -> Account:
    content = json.dumps([policies, OBJECTS]).encode()
    given = read_set([SourceFile(name="set.json", content=content)], {})
    assert {each.kind for each in given.problems} <= {"notDecided"}
    return account(given, read_sign_in(document), lambda reason: reason.code, applied_only=False)


class Case(NamedTuple):
    """The conditions of a policy that blocks, a sign-in, and whether the policy applies."""

    source: str
    conditions: JsonObject
    document: JsonObject
    applies: bool


def check(case: Case) -> None:
    """Held against a policy that blocks everybody under the conditions."""
    found = answer(policy(BLOCK, **case.conditions), case.document)
    assert found.set_problems == ()
    assert found.decision == ("blocked" if case.applies else "granted")

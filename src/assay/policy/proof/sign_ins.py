"""A counterexample as a sign-in document (docs/decide.md), and what the engine itself says of it."""

from collections.abc import Iterator
from typing import Final

from assay.policy.compile import CompiledPolicySet
from assay.policy.conditions.base import ConditionName
from assay.policy.decide import decide
from assay.policy.decision import Decision
from assay.policy.enforcement import EnforcementPoint
from assay.policy.graph_json import Json, JsonObject, MalformedError
from assay.policy.offline.sign_in_document import read_sign_in
from assay.policy.proof.shown import FLAGS, TOKEN_PROTECTION, Evidences, custom_factor, terms_of_use
from assay.policy.proof.solver import Assignment
from assay.policy.symbolic import (
    ACTION,
    ADDRESS,
    AGENT_ACCOUNT,
    AGENT_CONTEXT,
    AGENT_IDENTITY,
    APP,
    APP_ATTRIBUTE,
    CLIENT,
    COMPLIANT_NETWORK,
    CONTEXT,
    COUNTRY,
    GPS_COUNTRY,
    MANAGED,
    PLATFORM,
    PRINCIPAL,
    PRINCIPAL_ATTRIBUTE,
    REGISTERED,
    SEVERAL,
    SORT,
    TARGET,
    TENANT,
    WORKLOAD,
    level,
    one_of_several,
)

ROLE: Final = "role "
GROUP: Final = "group "
APP_GROUP: Final = "appGroup "
FLOW: Final = "flow "
TERMS: Final = terms_of_use("")
FACTOR: Final = custom_factor("")
# The dimension's last word where it is not Graph's name of the property.
DEVICE_INFO: Final = {"deviceOwnership": "ownership"}
RISKS: Final = {
    ConditionName.SIGN_IN_RISK: "signInRiskLevel",
    ConditionName.USER_RISK: "userRiskLevel",
    ConditionName.SERVICE_PRINCIPAL_RISK: "servicePrincipalRiskLevel",
    ConditionName.AGENT_ID_RISK: "agentIdRiskLevel",
    ConditionName.INSIDER_RISK: "insiderRiskLevel",
}


def document(found: Assignment, evidences: Evidences) -> JsonObject:
    """The sign-in that an assignment of the vocabulary says, with the directory that it needs."""
    workload = found[SORT] in (WORKLOAD, AGENT_IDENTITY)
    who = str(found[PRINCIPAL])
    return {
        "signInIdentity": {"servicePrincipalId": who} if workload else {"userId": who},
        "signInContext": _context(found),
        "signInConditions": _conditions(found),
        "satisfied": _satisfied(found, evidences),
        "directory": {
            **({"servicePrincipals": [_program(found)]} if workload else _person(found)),
            **_apps(found),
        },
    }


def decided(compiled: CompiledPolicySet, sign_in: JsonObject, enforced_by: EnforcementPoint) -> Decision | None:
    """What the engine decides; None: the document cannot be read, so nothing was found."""
    try:
        request = read_sign_in(sign_in, enforced_by=enforced_by).request
    except MalformedError:
        return None
    return decide(compiled, compiled.subject(request.principal), request)


def _names(found: Assignment, prefix: str) -> list[Json]:
    """What follows the prefix in the names of the dimensions that are true."""
    return [name.removeprefix(prefix) for name, value in found.items() if name.startswith(prefix) and value is True]


def _person(found: Assignment) -> JsonObject:
    who, sort = str(found[PRINCIPAL]), str(found[SORT])
    user: JsonObject = {"id": who, "userType": "member" if sort == "member" else "guest"}
    if sort not in ("member", "guest"):
        user["externalUserType"] = sort
    if found[TENANT] is not None:
        user["homeTenantId"] = found[TENANT]
    if found[AGENT_ACCOUNT]:
        user["isAgent"] = True
    groups = _names(found, GROUP)
    if groups:
        user["memberOf"] = groups
    roles: list[Json] = [{"principalId": who, "roleDefinitionId": role} for role in _names(found, ROLE)]
    return {"users": [user], "roleAssignments": roles} if roles else {"users": [user]}


def _program(found: Assignment) -> JsonObject:
    return {
        "id": found[PRINCIPAL],
        "isAgent": found[SORT] == AGENT_IDENTITY,
        **_attributes(found, PRINCIPAL_ATTRIBUTE),
    }


def _attributes(found: Assignment, whose: str) -> JsonObject:
    """Graph's customSecurityAttributes: by set and by name."""
    sets: dict[str, JsonObject] = {}
    for dimension, value in found.items():
        if not dimension.startswith(whose) or " " in dimension.removeprefix(whose) or value is None:
            continue
        name, _, attribute = dimension.removeprefix(whose).partition("_")
        several = _names(found, one_of_several(dimension, ""))
        sets.setdefault(name, {})[attribute] = several if value is SEVERAL else value
    return {"customSecurityAttributes": {**sets}} if sets else {}


def _context(found: Assignment) -> JsonObject:
    target, context = str(found[TARGET]), found[CONTEXT]
    if target.startswith(ACTION):
        return {"userAction": target.removeprefix(ACTION)}
    written: JsonObject = {}
    if target.startswith(APP):
        written["includeApplications"] = [target.removeprefix(APP)]
    if context is not None:
        written["authenticationContextValue"] = context
    return written


def _apps(found: Assignment) -> JsonObject:
    groups, target, attributes = _names(found, APP_GROUP), str(found[TARGET]), _attributes(found, APP_ATTRIBUTE)
    if not groups and not attributes:
        return {}
    return {"applications": [{"appId": target.removeprefix(APP), "appGroups": groups, **attributes}]}


def _conditions(found: Assignment) -> JsonObject:
    written: JsonObject = {
        "clientAppType": found[CLIENT] or "all",
        "devicePlatform": found[PLATFORM] or "all",
        "ipAddress": found[ADDRESS],
        "country": found[COUNTRY] or None,
        "gpsCountry": found[GPS_COUNTRY],
        "compliantNetwork": found[COMPLIANT_NETWORK] or None,
        "agentContext": found[AGENT_CONTEXT],
        "deviceInfo": dict(_device(found)) if found[REGISTERED] else None,
    }
    flows = _names(found, FLOW)
    if flows:
        written["authenticationFlow"] = {"transferMethod": ",".join(map(str, flows))}
    for name, key in RISKS.items():
        value = found[level(name)]
        written[key] = None if value == "none" else value
    return {key: value for key, value in written.items() if value is not None}


def _device(found: Assignment) -> Iterator[tuple[str, Json]]:
    """Not managed is written too: a device of which nothing is said would be no registered one."""
    yield "isManaged", bool(found[MANAGED])
    collections: dict[str, list[Json]] = {}
    for dimension, value in found.items():
        if not dimension.startswith("device.") or dimension in (REGISTERED, MANAGED) or value in (None, False):
            if dimension == "device.isCompliant":
                yield "isCompliant", False if value is False else None
            continue
        name, space, text = dimension.removeprefix("device.").partition(" ")
        if space:
            collections.setdefault(name, []).append(text)
        else:
            yield DEVICE_INFO.get(name, name), value
    yield from collections.items()


def _satisfied(found: Assignment, evidences: Evidences) -> JsonObject:
    methods: list[Json] = []
    for each in evidences.every:
        age = found[each.dimension]
        if age is not None:
            said: JsonObject = {
                "minutesAgo": age or None,
                "aaguid": each.proof.aaguid or None,
                "issuerSki": each.proof.issuer_ski or None,
                "policyOids": [*each.proof.policy_oids] or None,
            }
            more = {key: value for key, value in said.items() if value is not None}
            methods.append({"method": each.proof.method.value, **more} if more else each.proof.method.value)
    written: JsonObject = {"authenticationMethods": methods}
    for control, dimension in FLAGS.items():
        if found[dimension]:
            written[control.value] = True
    if found[TOKEN_PROTECTION] is not None:
        written["tokenProtection"] = found[TOKEN_PROTECTION]
    for key, prefix in (("termsOfUse", TERMS), ("customAuthenticationFactors", FACTOR)):
        named = _names(found, prefix)
        if named:
            written[key] = named
    return written

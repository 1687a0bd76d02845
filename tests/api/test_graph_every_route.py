"""Every route of the Graph API against every role, walked over the real table of routes."""

import re

import pytest
from litestar import get

from assay.access.authorize import Permission
from assay.api.graph_api import graph_routes, permission_of, routes_of
from assay.api.graph_door import BETA, PREFIX
from assay.values import AssayError
from tests.access.house import BY
from tests.access.test_authorize import COLUMNS, TABLE
from tests.api.graph_service import ORIGIN, GraphService

# Each route and the permission it needs: a route that is not here fails, and so does a row without a route.
# Conditional Access, below `/beta` as well.
CONDITIONAL_ACCESS = {
    **{
        (method, f"{path}{one}"): needed
        for path in (
            "/identity/conditionalAccess/policies",
            "/identity/conditionalAccess/namedLocations",
            "/identity/conditionalAccess/authenticationStrength/policies",
            "/policies/authenticationStrengthPolicies",
        )
        for method, one, needed in (
            ("GET", "", "Policy.Read.All"),
            ("GET", "/{name:str}", "Policy.Read.All"),
            ("POST", "", "Policy.ReadWrite.ConditionalAccess"),
            ("PATCH", "/{name:str}", "Policy.ReadWrite.ConditionalAccess"),
            ("DELETE", "/{name:str}", "Policy.ReadWrite.ConditionalAccess"),
        )
    },
    **{
        ("POST", f"{path}/{{name:str}}/updateAllowedCombinations"): "Policy.ReadWrite.ConditionalAccess"
        for path in (
            "/identity/conditionalAccess/authenticationStrength/policies",
            "/policies/authenticationStrengthPolicies",
        )
    },
    **{
        ("GET", f"{path}/$count"): "Policy.Read.All"
        for path in (
            "/identity/conditionalAccess/policies",
            "/identity/conditionalAccess/namedLocations",
            "/identity/conditionalAccess/authenticationStrength/policies",
            "/identity/conditionalAccess/authenticationContextClassReferences",
            "/identity/conditionalAccess/templates",
            "/policies/authenticationStrengthPolicies",
        )
    },
    **{
        (method, f"{path}/{{name:str}}/combinationConfigurations{one}"): needed
        for path in (
            "/identity/conditionalAccess/authenticationStrength/policies",
            "/policies/authenticationStrengthPolicies",
        )
        for method, one, needed in (
            ("GET", "", "Policy.Read.All"),
            ("GET", "/{configuration:str}", "Policy.Read.All"),
            ("POST", "", "Policy.ReadWrite.ConditionalAccess"),
            ("PATCH", "/{configuration:str}", "Policy.ReadWrite.ConditionalAccess"),
            ("DELETE", "/{configuration:str}", "Policy.ReadWrite.ConditionalAccess"),
        )
    },
    **{
        ("GET", f"{path}/{{name:str}}/usage()"): "Policy.Read.All"
        for path in (
            "/identity/conditionalAccess/authenticationStrength/policies",
            "/policies/authenticationStrengthPolicies",
        )
    },
    **{
        (method, f"/identity/conditionalAccess/deletedItems/{what}{one}"): needed
        for what in ("policies", "namedLocations")
        for method, one, needed in (
            ("GET", "", "Policy.Read.All"),
            ("GET", "/$count", "Policy.Read.All"),
            ("GET", "/{name:str}", "Policy.Read.All"),
            ("DELETE", "/{name:str}", "Policy.ReadWrite.ConditionalAccess"),
            ("POST", "/{name:str}/restore", "Policy.ReadWrite.ConditionalAccess"),
        )
    },
    ("POST", "/identity/conditionalAccess/evaluate"): "Policy.Read.All",
    ("GET", "/identity/conditionalAccess/templates"): "Policy.Read.All",
    ("GET", "/identity/conditionalAccess/templates/{name:str}"): "Policy.Read.All",
    ("GET", "/identity/conditionalAccess/authenticationContextClassReferences"): "Policy.Read.All",
    **{
        (method, "/identity/conditionalAccess/authenticationContextClassReferences/{name:str}"): needed
        for method, needed in (
            ("GET", "Policy.Read.All"),
            ("PATCH", "Policy.ReadWrite.ConditionalAccess"),
            ("DELETE", "Policy.ReadWrite.ConditionalAccess"),
        )
    },
}
ROWS = {
    **{(method, f"{PREFIX}{path}"): needed for (method, path), needed in CONDITIONAL_ACCESS.items()},
    ("GET", "/v1.0/assay/me"): "User.Read",
    ("GET", "/v1.0/openapi.json"): "User.Read",
    ("GET", "/v1.0/assay/search"): "User.Read",
    ("GET", "/v1.0/users"): "User.Read.All",
    ("GET", "/v1.0/users/{name:str}"): "User.Read.All",
    ("PATCH", "/v1.0/users/{name:str}"): "User.ReadWrite.All",
    ("GET", "/v1.0/users/{name:str}/memberOf"): "Group.Read.All",
    ("GET", "/v1.0/users/{name:str}/authentication/methods"): "User.Read.All",
    ("GET", "/v1.0/users/{name:str}/appRoleAssignments"): "User.Read.All",
    ("POST", "/v1.0/users/{name:str}/revokeSignInSessions"): "User.RevokeSessions.All",
    ("GET", "/v1.0/groups"): "Group.Read.All",
    ("GET", "/v1.0/groups/{name:str}"): "Group.Read.All",
    ("GET", "/v1.0/groups/{name:str}/members"): "Group.Read.All",
    ("GET", "/v1.0/applications"): "Application.Read.All",
    ("GET", "/v1.0/applications/{name:str}"): "Application.Read.All",
    ("GET", "/v1.0/directoryRoleTemplates"): "User.Read",
    ("GET", "/v1.0/directoryRoleTemplates/$count"): "User.Read",
    ("GET", "/v1.0/directoryRoleTemplates/{name:str}"): "User.Read",
    ("GET", "/v1.0/auditLogs/signIns"): "AuditLog.Read.All",
    ("GET", "/v1.0/auditLogs/signIns/{name:str}"): "AuditLog.Read.All",
    ("GET", "/v1.0/auditLogs/directoryAudits"): "AuditLog.Read.All",
    ("GET", "/v1.0/auditLogs/directoryAudits/{name:str}"): "AuditLog.Read.All",
    ("POST", "/v1.0/assay/policies/import"): "Policy.ReadWrite.ConditionalAccess",
    ("POST", "/v1.0/assay/policies/preview"): "Policy.Read.All",
    ("POST", "/v1.0/assay/policies/proofs"): "Policy.Read.All",
    ("POST", "/v1.0/assay/policies/replay"): "Policy.Read.All",
    ("GET", "/v1.0/assay/policies/rollouts"): "Policy.Read.All",
    ("POST", "/v1.0/assay/policies/rollouts"): "Policy.ReadWrite.ConditionalAccess",
    ("GET", "/v1.0/assay/policies/rollouts/{name:str}"): "Policy.Read.All",
    ("POST", "/v1.0/assay/policies/rollouts/{name:str}/advance"): "Policy.ReadWrite.ConditionalAccess",
    ("POST", "/v1.0/assay/policies/rollouts/{name:str}/confirm"): "Policy.ReadWrite.ConditionalAccess",
    ("POST", "/v1.0/assay/policies/rollouts/{name:str}/back"): "Policy.ReadWrite.ConditionalAccess",
    ("GET", "/v1.0/assay/decisions"): "Decision.Read.All",
    ("GET", "/v1.0/assay/decisions/{code:str}"): "Decision.Read.All",
    ("GET", "/v1.0/assay/sessions"): "Session.Read.All",
    ("POST", "/v1.0/assay/sessions/{session_id:str}/revoke"): "Session.Revoke.All",
    ("GET", "/v1.0/assay/overview"): "Organization.Read.All",
    ("GET", "/v1.0/assay/live"): "AuditLog.Read.All",
    ("GET", "/v1.0/assay/log"): "AuditLog.Read.All",
    ("POST", "/v1.0/assay/log/verify"): "AuditLog.Read.All",
}
BETA_ROWS = {(method, f"{BETA}{path}"): needed for (method, path), needed in CONDITIONAL_ACCESS.items()}
ID = "00000000-0000-4000-8000-000000000000"
# A Last-Event-ID that is none keeps the one route that would stream for ever from doing so.
OWN = {"origin": ORIGIN, "sec_fetch_site": "same-origin", "last_event_id": "none"}


def test_every_route_has_its_row_and_declares_what_the_row_says(graph: GraphService) -> None:
    declared = {
        (method, path): permission_of(handler).value
        for method, path, handler in routes_of(graph_routes(graph.flows))
        if path.startswith((PREFIX, BETA))
    }
    assert declared == ROWS | BETA_ROWS


async def test_the_description_has_every_route_and_how_each_is_refused(graph: GraphService) -> None:
    person = await graph.person("mia", "Reports Reader")
    answer = await graph.ask(await graph.assertion(person), "/v1.0/openapi.json")
    assert answer.status_code == 200, answer.text
    described = answer.json()
    routes = {(method, path) for method, path in ROWS if path != "/v1.0/openapi.json"}
    paths = described["paths"]
    assert {(method.upper(), path) for path, item in paths.items() for method in item} == {
        (method, re.sub(r":str\}", "}", path)) for method, path in routes
    }
    for path, item in paths.items():
        for method, operation in item.items():
            refused = {"400", "401", "403", "500", "503"} | ({"404"} if "{" in path else set())
            refused |= {"404", "409", "413", "415"} if method != "get" else set()
            assert refused <= operation["responses"].keys(), (method, path)
            for status in refused:
                content = operation["responses"][status]["content"]["application/json"]
                assert content["schema"] == {"$ref": "#/components/schemas/GraphErrorBody"}
    assert {"GraphErrorBody", "InnerError"} <= described["components"]["schemas"].keys()


def test_a_route_that_declares_no_permission_keeps_the_service_from_starting(graph: GraphService) -> None:
    @get("/forgotten")
    async def forgotten() -> None: ...

    @get("/invented", opt={"permission": "Everything.Write"})
    async def invented() -> None: ...

    for handler in (forgotten, invented):
        with pytest.raises(AssayError, match="declares no permission"):
            graph_routes(graph.flows, [handler])


async def test_each_role_reaches_exactly_its_routes(graph: GraphService) -> None:
    person = await graph.person("mia")
    # The one that administers last: somebody has to hold it from then on.
    for role in sorted(TABLE, key=lambda each: each == "Global Administrator"):
        await graph.house.roles.assign(BY, role, user="mia")
        held = {column for column, mark in zip(COLUMNS, TABLE[role].split(), strict=True) if mark == "x"}
        assertion = await graph.assertion(person)
        for (method, path), permission in ROWS.items():
            answer = await graph.ask(assertion, re.sub(r"\{.*?\}", ID, path), method, **OWN)
            assert (answer.status_code == 403) == (permission not in held), (role, method, path, answer.text)
            if answer.status_code == 403:
                error = answer.json()["error"]
                assert error["code"] == "Authorization_RequestDenied"
                assert error["innerError"]["code"] == "permissionMissing"
        await graph.house.roles.remove(BY, role, user="mia")


async def test_a_role_that_is_taken_opens_no_route_with_the_assertion_of_before(graph: GraphService) -> None:
    person = await graph.person("mia", "Reports Reader")
    assertion = await graph.assertion(person)
    assert (await graph.ask(assertion, "/v1.0/assay/me")).status_code == 200
    await graph.house.roles.remove(BY, "Reports Reader", user="mia")
    for method, path in ROWS:
        answer = await graph.ask(assertion, re.sub(r"\{.*?\}", ID, path), method, **OWN)
        assert answer.status_code == 403, (method, path)
        assert answer.json()["error"]["innerError"]["code"] == "permissionMissing"


def test_no_permission_is_without_a_name(graph: GraphService) -> None:
    del graph
    assert {permission.value for permission in Permission} == set(COLUMNS)

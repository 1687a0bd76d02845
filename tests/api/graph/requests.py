"""Requests as the OpenAPI document describes them, and what is looked at in each answer."""

import json
import re
from base64 import b64encode
from collections.abc import Iterator
from contextlib import suppress
from itertools import cycle

import httpx
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from hypothesis.strategies import SearchStrategy
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.access.admin.graph import policy
from tests.api.graph.company import Company
from tests.api.graph_service import HOST, ORIGIN

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
# What answers without an end is asked for what it refuses, and looked at by `test_live.py`.
ENDLESS = "/v1.0/assay/live"
OFFICE = {
    "@odata.type": "#microsoft.graph.ipNamedLocation",
    "displayName": "Not for long",
    "ipRanges": [{"cidrAddress": "192.0.2.0/24"}],
}


def gathered(strategy: SearchStrategy[Case], examples: int, seeded: int | None) -> list[Case]:
    """So many of them, the same every time for one seed."""
    cases: list[Case] = []

    @given(strategy)
    @settings(
        max_examples=examples,
        derandomize=seeded is None,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def gather(case: Case) -> None:
        cases.append(case)

    # What is without parameters cannot be asked wrongly.
    with suppress(Unsatisfiable):
        (gather if seeded is None else seed(seeded)(gather))()
    return cases


def drawn(document: dict[str, object], examples: int, *, seeded: int | None = None) -> Iterator[Case]:
    """Requests for every operation: such as the document allows, and such as it does not."""
    for found in schemathesis.openapi.from_dict(document).get_all_operations():
        operation = found.ok()
        for mode in GenerationMode:
            yield from gathered(operation.as_strategy(generation_mode=mode), examples, seeded)


async def ask(client: httpx.AsyncClient, case: Case, headers: dict[str, str]) -> httpx.Response:
    """The request as the gateway would hand it on."""
    sent = case.as_transport_kwargs(base_url="http://assay")
    kept = {name: value for name, value in sent["headers"].items() if name.lower() in ("content-type", "accept")}
    return await client.request(
        sent["method"],
        sent["url"],
        params=sent.get("params"),
        json=sent.get("json"),
        content=sent.get("data"),
        headers=kept | headers,
    )


async def known_names(company: Company) -> dict[str, str]:
    """By the path before the name: one of each thing that there is. Bob's session, so that Ada's lives on.

    Below another thing, the names of both with a stroke between; before those that are found by the thing's own path.
    """
    known = (
        {
            f"/v1.0{path}/{{name}}/combinationConfigurations/": await limited(company, path)
            for path in (
                "/identity/conditionalAccess/authenticationStrength/policies",
                "/policies/authenticationStrengthPolicies",
            )
        }
        | {
            "/v1.0/users/": "bob",
            "/v1.0/groups/": "Writers",
            "/v1.0/applications/": "wiki",
            "/v1.0/directoryRoleTemplates/": "Global Reader",
        }
        | {
            f"/v1.0{path}/": str((await company.rows(path))[0]["id"])
            for path in (
                "/auditLogs/signIns",
                "/auditLogs/directoryAudits",
                "/identity/conditionalAccess/policies",
                "/identity/conditionalAccess/authenticationStrength/policies",
                "/policies/authenticationStrengthPolicies",
                "/identity/conditionalAccess/templates",
                "/identity/conditionalAccess/authenticationContextClassReferences",
                "/identity/conditionalAccess/namedLocations",
                "/assay/decisions",
            )
        }
    )
    bobs = [row["id"] for row in await company.rows("/assay/sessions") if row["userPrincipalName"] == "Bob"]
    known["/v1.0/assay/sessions/"] = str(bobs[0])
    known["/v1.0/assay/policies/rollouts/"] = await rolled_out(company)
    for what, body in (("policies", policy(name="Not for long")), ("namedLocations", OFFICE)):
        known[f"/v1.0/identity/conditionalAccess/deletedItems/{what}/"] = await removed(company, what, body)
    return known


def placed(path: str, named: str) -> dict[str, str]:
    """The names in a path; all of them the one, where there is but one."""
    return dict(zip(re.findall(r"{(\w+)}", path), cycle(named.split("/")), strict=False))


async def limited(company: Company, path: str) -> str:
    """The id of a strength, and that of a limit on its keys."""
    limit = {"appliesToCombinations": ["fido2"], "allowedAAGUIDs": ["2fc0579f-8113-47ea-b116-bb5a8db9202a"]}
    body = {"displayName": f"Keys {path}", "allowedCombinations": ["fido2"], "combinationConfigurations": [limit]}
    made = (await company.change("POST", path, body)).json()
    return f"{made['id']}/{made['combinationConfigurations'][0]['id']}"


async def removed(company: Company, what: str, body: dict[str, object]) -> str:
    """The id of one of these that was there."""
    path = f"/identity/conditionalAccess/{what}"
    made = await company.change("POST", path, body)
    gone = await company.change("DELETE", f"{path}/{made.json()['id']}")
    assert gone.status_code == 204, gone.text
    return str(made.json()["id"])


async def rolled_out(company: Company) -> str:
    """The id of a policy that is being rolled out."""
    file = {"name": "new.json", "content": b64encode(json.dumps(policy()).encode()).decode()}
    answer = await company.change("POST", "/assay/policies/rollouts", {"file": file})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["policyId"])


async def own_headers(company: Company) -> dict[str, str]:
    """What a page of the console sends, for Ada."""
    own = {"host": HOST, "origin": ORIGIN, "sec-fetch-site": "same-origin", "last-event-id": "none"}
    own["assay-assertion"] = await company.service.assertion(company.ada)
    return own

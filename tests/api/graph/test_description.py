"""Every operation of the OpenAPI document, asked with what the document allows and with what it does not.

Whatever comes back is documented: its status, its content type, its shape; and nothing fails.
"""

import asyncio
from collections.abc import Iterator
from contextlib import suppress

import httpx
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from hypothesis.strategies import SearchStrategy
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.api.graph.company import Company
from tests.api.graph_service import HOST, ORIGIN

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
# Of each operation and each mode; twice where something is named in the path, once by a name that there is.
EXAMPLES = 2
# What answers without an end is asked for what it refuses, and looked at by `test_live.py`.
ENDLESS = "/v1.0/assay/live"


def gathered(strategy: SearchStrategy[Case], examples: int) -> list[Case]:
    """So many of them, the same every time."""
    cases: list[Case] = []

    @given(strategy)
    @settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def gather(case: Case) -> None:
        cases.append(case)

    # What is without parameters cannot be asked wrongly.
    with suppress(Unsatisfiable):
        gather()
    return cases


def drawn(document: dict[str, object], examples: int) -> Iterator[Case]:
    """Requests for every operation: such as the document allows, and such as it does not."""
    for found in schemathesis.openapi.from_dict(document).get_all_operations():
        operation = found.ok()
        for mode in GenerationMode:
            yield from gathered(operation.as_strategy(generation_mode=mode), examples)


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


async def test_every_operation_keeps_to_its_description(company: Company) -> None:
    document = (await company.get("/openapi.json")).json()
    assert document["openapi"].startswith("3.1")
    known = {
        "/v1.0/users/": "bob",
        "/v1.0/groups/": "Writers",
        "/v1.0/applications/": "wiki",
        "/v1.0/directoryRoleTemplates/": "Global Reader",
    } | {
        f"/v1.0{path}/": str((await company.rows(path))[0]["id"])
        for path in (
            "/auditLogs/signIns",
            "/auditLogs/directoryAudits",
            "/identity/conditionalAccess/policies",
            "/assay/decisions",
        )
    }
    bobs = [row["id"] for row in await company.rows("/assay/sessions") if row["userPrincipalName"] == "Bob"]
    known["/v1.0/assay/sessions/"] = str(bobs[0])
    own = {"host": HOST, "origin": ORIGIN, "sec-fetch-site": "same-origin", "last-event-id": "none"}
    own["assay-assertion"] = await company.service.assertion(company.ada)
    asked: dict[str, set[int]] = {}
    broken: list[str] = []
    cases = await asyncio.to_thread(lambda: list(drawn(document, EXAMPLES)))
    async with company.service.client() as client:
        for case in cases:
            named = next((name for path, name in known.items() if case.path.startswith(f"{path}{{")), None)
            for each in range(1 if named is None else 2):
                if each and named is not None:
                    case.path_parameters = dict.fromkeys(case.path_parameters, named)
                answer = await ask(client, case, own)
                try:
                    case.validate_response(answer, checks=CHECKS)
                except FailureGroup as found:
                    broken.append(f"{case.operation.label} {answer.url}: {found.exceptions} {answer.text[:300]}")
                asked.setdefault(case.operation.label, set()).add(answer.status_code)
    assert broken == []
    operations = {
        f"{method.upper()} {path}" for path, item in document["paths"].items() for method in item if path != ENDLESS
    }
    assert asked.keys() - {f"GET {ENDLESS}"} == operations
    # What changes something needs a body that means something: it has tests of its own.
    never = {
        label
        for label, statuses in asked.items()
        if label.startswith("GET") and label in operations and 200 not in statuses
    }
    assert never == set()

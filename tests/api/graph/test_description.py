"""Every operation of the OpenAPI document, asked with what the document allows and with what it does not.

Whatever comes back is documented: its status, its content type, its shape; and nothing fails.
"""

import asyncio

from schemathesis.core.failures import FailureGroup

from tests.api.graph.company import Company
from tests.api.graph.requests import CHECKS, ENDLESS, ask, drawn, known_names, own_headers, placed

# Of each operation and each mode; twice where something is named in the path, once by a name that there is.
EXAMPLES = 2


async def test_every_operation_keeps_to_its_description(company: Company) -> None:
    document = (await company.get("/openapi.json")).json()
    assert document["openapi"].startswith("3.1")
    known = await known_names(company)
    own = await own_headers(company)
    asked: dict[str, set[int]] = {}
    broken: list[str] = []
    cases = await asyncio.to_thread(lambda: list(drawn(document, EXAMPLES)))
    async with company.service.client() as client:
        for case in cases:
            named = next((name for path, name in known.items() if case.path.startswith(f"{path}{{")), None)
            for each in range(1 if named is None else 2):
                if each and named is not None:
                    case.path_parameters = placed(case.path, named)
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

"""Every request of docs/api.md gets what the page says: it is run as it is written."""

import re
from pathlib import Path

import msgspec

from assay.access.graph_errors import GraphErrorBody
from tests.api.graph.company import Company

PAGE = Path(__file__).parents[3] / "docs" / "api.md"
REQUESTS = re.findall(r"^GET (/(?:v1\.0|beta)/\S.*)$", PAGE.read_text(), re.MULTILINE)
LISTS = {
    "{signIn}": "/auditLogs/signIns",
    "{audit}": "/auditLogs/directoryAudits",
    "{decision}": "/assay/decisions",
    "{policy}": "/identity/conditionalAccess/policies",
}


def test_the_documented_error_has_the_shape_of_every_error() -> None:
    (shown,) = re.findall(r"^```json\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    written = msgspec.json.encode(msgspec.json.decode(shown))
    assert msgspec.json.encode(msgspec.json.decode(shown, type=GraphErrorBody)) == written


async def test_every_documented_request_is_answered(company: Company) -> None:
    assert len(REQUESTS) > 25
    ids = {name: str((await company.rows(path))[0]["id"]) for name, path in LISTS.items()}
    for request in REQUESTS:
        path = request
        for name, found in ids.items():
            path = path.replace(name, found)
        prefix, _, path = path[1:].partition("/")
        path = f"/{path}"
        answer = await company.send("GET", path, prefix=f"/{prefix}")
        assert answer.status_code == 200, (path, answer.text)
        if not path.startswith(("/assay/overview", "/assay/me")):
            assert answer.json().get("value") != [], path

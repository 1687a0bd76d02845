"""The API's edges: shapes in and out, one shape of errors, limits, streams."""

import asyncio
import base64
import json
import os
from hashlib import sha256
from pwd import getpwuid

import httpx
import pytest
from sqlalchemy import text

from tests.access.admin.graph import block, policy
from tests.api.service import AdminService

POLICIES = "/identity/conditionalAccess/policies"
MADE = {"takenAt": "2026-01-01T00:00:00Z", "records": 1, "octets": 1, "sealedFor": "passphrase"}


def file_of(content: object, name: str = "export.json") -> dict[str, str]:
    return {"name": name, "content": base64.b64encode(json.dumps(content).encode()).decode()}


async def test_a_person_from_making_to_forgetting(client: httpx.AsyncClient) -> None:
    made = await client.post("/users", json={"userPrincipalName": "alice@example.com", "userType": "guest"})
    assert made.status_code == 201
    assert set(made.json()) == {"user", "enrolmentUrl", "expiresDateTime"}
    shown = (await client.get("/users/alice@example.com")).json()
    assert shown["user"]["accountEnabled"] is True
    assert shown["user"]["userType"] == "guest"
    changed = await client.patch("/users/alice@example.com", json={"displayName": "Alice"})
    assert changed.json()["displayName"] == "Alice"
    assert (await client.post("/users/alice@example.com/disable")).json()["sessionsEnded"] == 0
    assert (await client.get("/users")).json()["value"][0]["accountEnabled"] is False
    assert (await client.delete("/users/alice@example.com")).status_code == 200
    assert (await client.get("/users")).json() == {"value": [], "next": ""}


async def test_people_come_in_pages(client: httpx.AsyncClient) -> None:
    for name in ("alice", "bob", "carol"):
        await client.post("/users", json={"userPrincipalName": name})
    first = (await client.get("/users", params={"limit": 2})).json()
    rest = (await client.get("/users", params={"limit": 2, "after": first["next"]})).json()
    assert [user["userPrincipalName"] for user in (*first["value"], *rest["value"])] == ["alice", "bob", "carol"]
    assert rest["next"] == ""


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("GET", "/users/nobody", None, 404, "notFound"),
        ("POST", "/users", {"userPrincipalName": "a b"}, 400, "invalidInput"),
        ("POST", "/users", {"userPrincipalName": "alice", "userType": "king"}, 400, "invalidInput"),
        ("POST", "/users", {"userPrincipalName": "alice", "password": "x"}, 400, "badRequest"),
        ("POST", "/users", {"userPrincipalName": 7}, 400, "badRequest"),
        ("POST", "/users", None, 400, "badRequest"),
        ("POST", "/users", {"userPrincipalName": "alice", "linkHours": 1e300}, 400, "invalidInput"),
        ("POST", "/users", {"userPrincipalName": "alice", "linkHours": 0.01}, 409, "passLifetime"),
        ("POST", "/users", {"userPrincipalName": "taken"}, 409, "conflict"),
        ("POST", "/roleAssignments", {"role": "King", "user": "taken"}, 400, "invalidInput"),
        ("POST", "/sessions/revoke", {}, 400, "invalidInput"),
        ("POST", "/apps", {"upstream": "ftp://x", "name": "wiki"}, 400, "invalidInput"),
        ("GET", "/decisions/NOTHING0", None, 404, "notFound"),
        ("GET", "/events?since=2026-01-01T00:00:00", None, 400, "invalidInput"),
        ("GET", "/events?limit=many", None, 400, "badRequest"),
        ("POST", "/keys/assertion/rotate", {"afterSeconds": 10**15}, 400, "invalidInput"),
        ("POST", "/keys/assertion/rotate", {"afterSeconds": -1}, 400, "invalidInput"),
        ("POST", "/backups/made", MADE | {"takenAt": "2026-01-01T00:00:00"}, 400, "badRequest"),
        ("POST", "/backups/made", MADE | {"octets": -1}, 400, "badRequest"),
        ("GET", "/nothing", None, 404, "badRequest"),
        ("PUT", "/users", None, 405, "badRequest"),
    ],
)
async def test_every_error_has_one_shape_and_its_status(
    client: httpx.AsyncClient, method: str, path: str, body: object, status: int, code: str
) -> None:
    await client.post("/users", json={"userPrincipalName": "taken"})
    answer = await client.request(method, path, json=body)
    assert answer.status_code == status, answer.text
    assert set(answer.json()) == {"error"}
    assert answer.json()["error"]["code"] == code
    assert answer.json()["error"]["message"]


async def test_who_takes_a_backup_is_in_the_log_before_any_of_it_leaves(
    client: httpx.AsyncClient, service: AdminService
) -> None:
    header = b'{"format":"assay-backup/1"}\n'
    asked = {"contentKey": base64.b64encode(bytes(32)).decode(), "header": base64.b64encode(header).decode()}
    async with client.stream("POST", "/backups", json=asked) as answer:
        assert answer.status_code == 200
        # Whoever breaks off here, and never says that it was made, is in the log all the same.
        await anext(answer.aiter_bytes())
    found = (await client.get("/events", params={"code": "backup.begun"})).json()["value"]
    assert [each["actor"] for each in found] == [getpwuid(os.getuid()).pw_name], found
    assert sha256(header).hexdigest() in str(found[0])
    assert (await client.post("/backups", json=asked | {"contentKey": "YWJj"})).status_code == 400
    assert len((await client.get("/events", params={"code": "backup.begun"})).json()["value"]) == 1


async def test_bodies_are_limited(client: httpx.AsyncClient) -> None:
    answer = await client.post("/users", json={"userPrincipalName": "a" * 1_100_000})
    assert answer.status_code == 413
    assert answer.json()["error"]["code"] == "badRequest"


async def test_a_refusal_says_why_and_what_to_do(client: httpx.AsyncClient) -> None:
    await client.post("/users", json={"userPrincipalName": "alice"})
    await client.post("/roleAssignments", json={"role": "Global Administrator", "user": "alice"})
    answer = await client.delete("/users/alice")
    assert answer.status_code == 409
    error = answer.json()["error"]
    assert error["code"] == "lastAdministrator"
    assert "Global Administrator" in error["message"]
    assert error["remedy"]


async def test_policies_come_as_graph_writes_them_and_go_as_graph_reads_them(client: httpx.AsyncClient) -> None:
    report = (await client.post(f"{POLICIES}/import", json={"files": [file_of(policy())]})).json()
    assert report["stored"] is True
    assert report["policies"][0] | {"id": ""} == {
        "path": "export.json",
        "id": "",
        "displayName": "Require MFA",
        "effect": "added",
        "wantedState": "enabled",
        "state": "enabled",
        "undecided": [],
        "dangling": [],
        "unenforced": [],
        "rollingOut": False,
        "rolesByName": [],
        "refused": None,
    }
    assert report["published"]["effect"] == "tightens"
    shown = (await client.get(f"{POLICIES}/Require%20MFA")).json()
    assert shown["definition"]["grantControls"]["builtInControls"] == ["mfa"]
    exported = (await client.get(f"{POLICIES}/export")).json()
    assert [each["displayName"] for each in exported["value"]] == ["Require MFA"]
    switched = await client.post(f"{POLICIES}/Require%20MFA/state", json={"state": "disabled"})
    assert switched.json()["state"] == "disabled"
    assert (await client.post(f"{POLICIES}/Require%20MFA/state", json={"state": "maybe"})).status_code == 400
    assert (await client.delete(f"{POLICIES}/Require%20MFA")).json()["displayName"] == "Require MFA"


async def test_a_decision_of_a_sign_in_is_explained(service: AdminService, client: httpx.AsyncClient) -> None:
    house = service.house
    app = await house.app("wiki", assigned=[])
    blocking = block(apps={"includeApplications": [app.id]})
    await client.post(f"{POLICIES}/import", json={"files": [file_of(blocking)]})
    alice = await house.person("alice")
    await client.post("/apps/wiki/assignments", json={"user": "alice"})
    await alice.password()
    await alice.open(app)
    page = (await client.get("/events", params={"code": "sign-in.failed"})).json()
    decision = page["value"][0]["event"]["unmapped"]["decision"]["uid"]
    account = (await client.get(f"/decisions/{decision}")).json()
    assert account["same"] is True
    assert account["outcome"] == "block"
    assert [each["result"] for each in account["policies"]] == ["failure"]
    assert {each["condition"] for each in account["policies"][0]["conditions"]} >= {"users", "application", "location"}


async def test_an_event_that_cannot_be_read_breaks_no_list(service: AdminService, client: httpx.AsyncClient) -> None:
    for name in ("Staff", "Finance"):
        await client.post("/groups", json={"displayName": name})
    damaged = text("UPDATE event SET payload = '{' WHERE leaf_index = 0")
    await service.house.store.write(lambda transaction: transaction.connection.execute(damaged))
    found = (await client.get("/events")).json()["value"]
    assert [(each["number"], each["event"] is None) for each in found] == [(1, False), (0, True)]


async def test_following_the_log_shows_what_happens_next(service: AdminService, client: httpx.AsyncClient) -> None:
    await client.post("/groups", json={"displayName": "Before"})
    seen: list[str] = []
    async with client.stream("GET", "/events/tail", params={"follow": "true", "count": 1}) as stream:
        lines = stream.aiter_lines()
        seen.append(json.loads(await anext(lines))["code"])
        async with service.client() as other:
            await other.post("/users", json={"userPrincipalName": "alice"})
        while len(seen) < 3:
            line = await asyncio.wait_for(anext(lines), 60)
            if line:
                seen.append(json.loads(line)["code"])
    assert seen == ["group.created", "user.created", "enrolment-link.issued"]


async def test_a_service_that_stops_does_not_wait_for_who_follows(service: AdminService) -> None:
    async with service.client() as client, client.stream("GET", "/events/tail", params={"follow": "true"}) as stream:
        lines = stream.aiter_lines()
        await anext(lines)
        await asyncio.wait_for(service.server.stop(), 60)


async def test_the_log_is_exported_verified_and_found_out(service: AdminService, client: httpx.AsyncClient) -> None:
    for name in ("Staff", "Finance"):
        await client.post("/groups", json={"displayName": name})
    await service.checkpointer.tick(now=True)
    exported = (await client.get("/events/export")).text.splitlines()
    assert [json.loads(line)["metadata"]["event_code"] for line in exported] == ["group.created", "group.created"]
    body = {"checkpoints": service.checkpoints.read_text(), "keys": [str(service.verifier)]}
    verdict = (await client.post("/events/verify", json=body)).json()
    assert verdict["ok"] is True
    assert verdict["anchoredOutside"] == verdict["size"] == 2
    assert (await client.post("/events/verify", json={"keys": ["not a key"]})).status_code == 400


async def test_openapi_lists_every_route(client: httpx.AsyncClient) -> None:
    described = (await client.get("/openapi/openapi.json")).json()
    assert "/v1/users/{name}" in described["paths"]
    assert f"/v1{POLICIES}/import" in described["paths"]


async def test_the_service_tells_about_itself(service: AdminService, client: httpx.AsyncClient) -> None:
    here = (await client.get("/installation")).json()
    assert here["data"] == str(service.data)
    assert here["cutMethod"] == "socketReset"
    assert here["checkpointKey"] == str(service.verifier)


async def test_json_nested_too_deep_is_a_bad_request(client: httpx.AsyncClient) -> None:
    refused = await client.post("/users", content=b"[" * 20_000 + b"]" * 20_000)
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "invalidInput")

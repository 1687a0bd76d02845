"""Each resource: Graph's names and shapes, on what flows made; filters, orders and pages; refusals with what to do."""

import asyncio
import base64
import json
import threading

import pytest

from assay.access.first_owner import BASELINE
from assay.api.turns import AT_ONCE, WAITING
from assay.policy import export_policy
from assay.store.database import LIST_READERS
from tests.api.graph.company import OWN, Company

DATES = "2026-11-23T00:00:00Z"
# These change nothing, and share one company.
looks = pytest.mark.asyncio(loop_scope="module")


@looks
async def test_people(standing: Company) -> None:
    answer = (await standing.get("/users?$count=true&$top=2")).json()
    assert answer["@odata.context"] == "https://console.assay.localhost:8443/v1.0/$metadata#users"
    assert answer["@odata.count"] == 3
    assert [row["userPrincipalName"] for row in answer["value"]] == ["ada", "Bob"]
    following = answer["@odata.nextLink"].partition("/v1.0")[2]
    assert [row["userPrincipalName"] for row in await standing.rows(following)] == ["eve"]
    bob = (await standing.get("/users/bob")).json()
    assert bob["userType"] == "Member"
    assert bob["accountEnabled"] is True
    assert bob["signInActivity"]["lastSignInDateTime"].endswith("Z")
    assert bob["assay"]["methods"] == {
        "password": True, "totp": True, "passkeys": 0, "recoveryCodes": 10, "phishingResistant": False,
    }  # fmt: skip
    assert bob["assay"]["openSessions"] == 1
    ada = (await standing.get("/users/ada?$select=displayName,assay")).json()
    assert set(ada) == {"@odata.context", "displayName", "assay"}
    assert ada["assay"]["roles"] == [
        {"id": "62e90394-69f5-4237-9190-012177145e10", "displayName": "Global Administrator"}
    ]


FILTERED_PEOPLE = (
    ("$filter=accountEnabled eq false", ["eve"]),
    ("$filter=userPrincipalName eq 'BOB'", ["Bob"]),
    ("$filter=startswith(userPrincipalName,'b') or startswith(displayName,'a')", ["ada", "Bob"]),
    ("$filter=userType in ('Guest')", []),
    ("$filter=not(userPrincipalName eq 'ada')&$orderby=userPrincipalName desc", ["eve", "Bob"]),
    (f"$filter=createdDateTime ge {DATES}", ["ada", "Bob", "eve"]),
    ('$search="EV"', ["eve"]),
)


@looks
async def test_people_are_filtered_ordered_and_searched(standing: Company) -> None:
    for query, names in FILTERED_PEOPLE:
        assert [row["userPrincipalName"] for row in await standing.rows(f"/users?{query}")] == names, query


@looks
async def test_what_hangs_on_a_person(standing: Company) -> None:
    assert [row["displayName"] for row in await standing.rows("/users/bob/memberOf")] == ["Writers"]
    assert await standing.rows("/users/bob/memberOf?$filter=startswith(displayName,'x')") == []
    first = (await standing.get("/users/bob/authentication/methods?$top=2")).json()
    link = first["@odata.nextLink"].partition("/v1.0")[2]
    methods = [*first["value"], *await standing.rows(link)]
    assert len({row["id"] for row in methods}) == len(methods) == 3, "a page goes on where the one before ended"
    kinds = {row["@odata.type"] for row in await standing.rows("/users/bob/authentication/methods")}
    assert "#microsoft.graph.softwareOathAuthenticationMethod" in kinds
    given = await standing.rows("/users/bob/appRoleAssignments")
    assert [(row["principalDisplayName"], row["resourceDisplayName"]) for row in given] == [("Writers", "wiki")]


async def test_switching_somebody_off_and_ending_sessions(company: Company) -> None:
    answer = await company.change("PATCH", "/users/bob", {"accountEnabled": False, "displayName": "Robert"})
    assert answer.status_code == 200, answer.text
    assert (answer.json()["accountEnabled"], answer.json()["displayName"]) == (False, "Robert")
    assert answer.json()["assay"]["openSessions"] == 0
    nameless = await company.change("PATCH", "/users/bob", {"displayName": " "})
    assert nameless.status_code == 400
    assert "a display name has at least one character" in nameless.json()["error"]["message"]
    unknown = await company.change("PATCH", "/users/bob", {"jobTitle": "x"})
    assert unknown.status_code == 400
    assert "jobTitle" in unknown.json()["error"]["message"]
    before = (await company.get("/users/ada")).json()["displayName"]
    last = await company.change("PATCH", "/users/ada", {"accountEnabled": False, "displayName": "Nobody"})
    assert last.status_code == 409, last.text
    assert (await company.get("/users/ada")).json()["displayName"] == before, "what is refused changes nothing"
    revoked = await company.change("POST", "/users/ada/revokeSignInSessions")
    assert revoked.status_code == 200
    assert revoked.json()["value"] is True
    assert revoked.json()["assay"]["sessions"] >= 1


@looks
async def test_groups_and_applications(standing: Company) -> None:
    roles = await standing.rows(
        "/directoryRoleTemplates?$filter=assay/privileged eq false and contains(displayName,'reader')"
    )
    assert "Reports Reader" in {row["displayName"] for row in roles}
    reports = (await standing.get("/directoryRoleTemplates/Reports Reader")).json()
    assert reports["assay"]["permissions"] == [
        "AuditLog.Read.All", "Decision.Read.All", "Organization.Read.All", "User.Read",
    ]  # fmt: skip
    assert (await standing.get("/directoryRoleTemplates/King")).status_code == 404
    (group,) = await standing.rows("/groups")
    assert (group["displayName"], group["description"], group["assay"]) == (
        "Writers", "who write", {"memberCount": 1},
    )  # fmt: skip
    members = await standing.rows(f"/groups/{group['id']}/members")
    assert [row["userPrincipalName"] for row in members] == ["Bob"]
    paged = (await standing.get("/groups/Writers/members?$top=1&$count=true&$select=id,displayName")).json()
    assert paged["@odata.count"] == 1
    assert [set(row) for row in paged["value"]] == [{"id", "displayName"}]
    assert "@odata.nextLink" not in paged
    (wiki,) = await standing.rows("/applications?$filter=assay/name eq 'wiki'")
    assert wiki["id"] == wiki["appId"] == standing.wiki.id
    assert wiki["web"] == {"homePageUrl": "https://wiki.assay.localhost:8443/"}
    assert [each["displayName"] for each in wiki["assay"]["assignedGroups"]] == ["Writers"]  # type: ignore[index]
    assert (await standing.get("/applications/nothing")).status_code == 404


@looks
async def test_sign_ins(standing: Company) -> None:
    rows = await standing.rows("/auditLogs/signIns?$filter=userPrincipalName eq 'bob'")
    outcomes = [(row["assay"]["outcome"], row["status"]["errorCode"]) for row in rows]  # type: ignore[index]
    assert ("failed", 50126) in outcomes
    assert ("stepUp", 50074) in outcomes
    assert outcomes[0][0] == "allow"
    newest = next(row for row in rows if row["appDisplayName"] == "wiki")
    assert newest["conditionalAccessStatus"] == "success"
    assert newest["authenticationRequirement"] == "multiFactorAuthentication"
    assert newest["authenticationMethodsUsed"] == ["password", "softwareOath"]
    (applied,) = newest["appliedConditionalAccessPolicies"]  # type: ignore[misc]
    assert (applied["displayName"], applied["enforcedGrantControls"]) == (BASELINE.display_name, ["Mfa"])
    assert newest["deviceDetail"]["browser"] == "Chrome 156"  # type: ignore[index]
    one = (await standing.get(f"/auditLogs/signIns/{newest['id']}")).json()
    assert one.pop("@odata.context").endswith("/$metadata#auditLogs/signIns/$entity")
    assert one == newest


FILTERED_SIGN_INS = (
    ("status/errorCode eq 50126", 1),
    ("status/errorCode eq 0 and appDisplayName eq 'WIKI'", 1),
    ("assay/outcome in ('failed','throttled')", 1),
    ("contains(userPrincipalName,'o') and assay/outcome eq 'failed'", 1),
    ("startswith(deviceDetail/browser,'Firefox')", 0),
    ("conditionalAccessStatus eq 'failure' and createdDateTime lt 2026-01-01", 0),
)


@looks
async def test_sign_ins_are_filtered(standing: Company) -> None:
    for condition, count in FILTERED_SIGN_INS:
        answer = (await standing.get(f"/auditLogs/signIns?$count=true&$filter={condition}")).json()
        assert answer["@odata.count"] == len(answer["value"]) == count, condition


@looks
async def test_changes(standing: Company) -> None:
    rows = await standing.rows("/auditLogs/directoryAudits?$filter=activityDisplayName eq 'Disable account'")
    assert len(rows) == 1
    target = rows[0]["targetResources"][0]  # type: ignore[index]
    assert (target["type"], target["userPrincipalName"]) == ("User", "eve")
    assert {"displayName": "enabled", "oldValue": "true", "newValue": "false"} in target["modifiedProperties"]
    assert rows[0]["initiatedBy"]["app"]["displayName"] == "root"  # type: ignore[index]
    policies = await standing.rows("/auditLogs/directoryAudits?$filter=category eq 'Policy'&$orderby=activityDateTime")
    assert {"Add conditional access policy"} <= {row["activityDisplayName"] for row in policies}
    one = (await standing.get(f"/auditLogs/directoryAudits/{rows[0]['id']}")).json()
    assert one["activityDisplayName"] == "Disable account"


async def test_policies(company: Company) -> None:
    (policy,) = await company.rows("/identity/conditionalAccess/policies")
    assert (policy["state"], policy["assay"]["version"]) == ("enabled", 1)  # type: ignore[index]
    assert policy["assay"]["changedBy"] == "root"  # type: ignore[index]
    assert policy["assay"]["sentence"].startswith("For everybody")  # type: ignore[index]
    assert policy["assay"]["affectedUsers"] == 2, "Ada and Bob, and not Eve, who was switched off"  # type: ignore[index]
    for query, count in (
        ("$filter=state eq 'enabled'", 1),
        ("$filter=state eq 'disabled' or startswith(displayName,'x')", 0),
    ):
        answer = (await company.get(f"/identity/conditionalAccess/policies?$count=true&{query}")).json()
        assert answer["@odata.count"] == len(answer["value"]) == count
        alone = await company.get(f"/identity/conditionalAccess/policies/$count?{query}")
        assert (alone.text, alone.headers["content-type"].partition(";")[0]) == (str(count), "text/plain")
    assert (await company.get("/identity/conditionalAccess/policies/$count?$select=x")).status_code == 400
    assert await company.rows(
        "/identity/conditionalAccess/policies?$select=id&$orderby=assay/changedDateTime desc"
    ) == [{"id": policy["id"]}]
    path = f"/identity/conditionalAccess/policies/{policy['id']}"
    off = await company.change("PATCH", path, {"state": "disabled"})
    assert (off.json()["state"], off.json()["assay"]["version"]) == ("disabled", 2)
    assert off.json()["assay"]["changedBy"] == "ada"
    wrong = await company.change("PATCH", path, {"state": "perhaps"})
    assert wrong.status_code == 400
    assert "enabledForReportingButNotEnforced" in wrong.json()["error"]["message"]
    strengths = await company.rows("/identity/conditionalAccess/authenticationStrength/policies")
    assert [row["displayName"] for row in strengths][:1] == ["Multifactor authentication"]
    path = "/identity/conditionalAccess/authenticationStrength/policies?$filter=contains(displayName,'resistant')"
    assert [row["policyType"] for row in await company.rows(path)] == ["builtIn"]
    path = "/identity/conditionalAccess/authenticationStrength/policies?$top=2&$orderby=displayName desc"
    page = (await company.get(path)).json()
    assert [row["displayName"] for row in page["value"]] == ["Phishing-resistant MFA", "Passwordless MFA"]
    following = await company.rows(page["@odata.nextLink"].partition("/v1.0")[2])
    assert [row["displayName"] for row in following] == ["Multifactor authentication"]
    (office,) = await company.rows("/identity/conditionalAccess/namedLocations")
    assert (office["displayName"], office["isTrusted"]) == ("Office", False)


async def test_policies_are_imported(company: Company) -> None:
    exported = {**export_policy(BASELINE), "id": "11111111-0000-4000-8000-000000000001", "displayName": "Second"}
    content = base64.b64encode(json.dumps(exported).encode()).decode()
    body = {"files": [{"name": "second.json", "content": content}], "dryRun": True}
    tried = await company.change("POST", "/assay/policies/import", body)
    assert tried.status_code == 200, tried.text
    assert (tried.json()["stored"], tried.json()["policies"][0]["effect"]) == (False, "added")
    done = await company.change("POST", "/assay/policies/import", body | {"dryRun": False})
    assert done.json()["stored"] is True
    assert len(await company.rows("/identity/conditionalAccess/policies")) == 2


@looks
async def test_a_policy_that_is_being_written_is_looked_at_and_not_stored(standing: Company) -> None:
    path = "/assay/policies/preview"
    policies = await standing.rows("/identity/conditionalAccess/policies")
    (stored,) = [row for row in policies if row["state"] == "enabled"]
    people = await standing.rows("/users")
    bob = next(row for row in people if row["userPrincipalName"] == "Bob")
    draft = export_policy(BASELINE) | {"id": stored["id"], "novelty": {"a": 1}}
    draft["conditions"] = {
        **draft["conditions"],
        "users": {"includeUsers": [bob["id"]], "excludeGroups": ["22222222-0000-4000-8000-000000000002"]},
        "locations": {"includeLocations": ["All"], "excludeLocations": ["AllTrusted"]},
    }
    found = (await standing.change("POST", path, {"policy": draft})).json()
    assert found["stored"] is True
    assert found["malformed"] == []
    assert found["undecided"] == ["novelty.a"]
    assert [(each["kind"], each["path"]) for each in found["dangling"]] == [("group", "conditions.users.excludeGroups")]
    assert found["policy"]["novelty"] == {"a": 1}
    assert found["sentence"].startswith("For Bob except group 22222222")
    named = {"id": bob["id"], "displayName": bob["displayName"], "userPrincipalName": "Bob"}
    assert found["affected"]["now"] == {"count": 1, "people": [named]}
    assert found["affected"]["joining"] == {"count": 0, "people": []}
    # Eve is disabled: only who can sign in counts.
    assert [each["userPrincipalName"] for each in found["affected"]["leaving"]["people"]] == ["ada"]
    new = {key: value for key, value in draft.items() if key != "id"}
    found = (await standing.change("POST", path, {"policy": new})).json()
    assert (found["stored"], found["affected"]["joining"]) == (False, None)
    block = {**export_policy(BASELINE), "grantControls": {"operator": "OR", "builtInControls": ["block"]}}
    found = (await standing.change("POST", path, {"policy": block | {"state": "disabled"}})).json()
    assert "no Global Administrator could reach the console" in found["refused"]
    assert found["contradiction"] is None
    block["grantControls"] = {"operator": "OR", "builtInControls": ["block", "mfa"]}
    found = (await standing.change("POST", path, {"policy": block})).json()
    assert "block" in found["contradiction"]
    block["conditions"] = {**block["conditions"], "users": {"includeUsers": "All"}}
    found = (await standing.change("POST", path, {"policy": block})).json()
    assert found["malformed"] == [
        {
            "where": "conditions.users.includeUsers",
            "code": "notAListOfStrings",
            "message": 'this must be a list of texts, such as ["All"]',
            "parameters": {"example": '["All"]'},
        }
    ]
    assert found["policy"] is None
    assert (await standing.change("POST", path, {"policy": {}})).json()["malformed"][0]["code"] == "notAPolicy"
    assert len(await standing.rows("/identity/conditionalAccess/policies")) == len(policies)


@looks
async def test_decisions(standing: Company) -> None:
    rows = await standing.rows("/assay/decisions?$filter=reason eq 'notAssigned'")
    assert rows
    assert {(row["outcome"], row["userPrincipalName"], row["appDisplayName"]) for row in rows} == {
        ("block", "eve", "wiki")
    }
    assert rows[0]["reasons"] == [{"code": "notAssigned", "message": "The person is not assigned to the app"}]
    named = "/assay/decisions?$top=1&$count=true&$filter=userPrincipalName"
    of_eve = (await standing.get(f"{named} eq 'EVE'")).json()
    assert of_eve["value"][0]["userPrincipalName"] == "eve"
    assert of_eve["@odata.count"] > 0
    assert (await standing.get(f"{named} eq 'nobody at all'")).json()["@odata.count"] == 0
    assert {row["userPrincipalName"] for row in await standing.rows(f"{named} in ('bob')")} == {"Bob"}
    account = (await standing.get(f"/assay/decisions/{rows[0]['code']}")).json()
    assert account["same"] is True
    assert account["id"] == rows[0]["id"]


async def test_sessions(company: Company) -> None:
    rows = await company.rows("/assay/sessions")
    assert {row["userPrincipalName"] for row in rows} == {"ada", "Bob"}
    bob = next(row for row in rows if row["userPrincipalName"] == "Bob")
    assert [app["displayName"] for app in bob["apps"]] == ["wiki"]  # type: ignore[attr-defined]
    assert bob["acr"] == "aal2"
    assert bob["kind"] == "browser"
    assert await company.rows("/assay/sessions?$filter=kind eq 'commandLine'") == []
    by_end = await company.rows("/assay/sessions?$orderby=endsDateTime")
    ends = [str(row["endsDateTime"]) for row in by_end]
    assert ends == sorted(ends)
    found = await company.rows(f"/assay/sessions?$filter=endsDateTime le {ends[0]}")
    assert by_end[0] in found, "it is filtered by what is shown"
    ended = await company.change("POST", f"/assay/sessions/{bob['id']}/revoke")
    assert ended.json() == {"connectionsCut": 0, "connectionsOpen": 0, "milliseconds": 0.0}
    assert {row["userPrincipalName"] for row in await company.rows("/assay/sessions")} == {"ada"}
    assert (await company.change("POST", f"/assay/sessions/{bob['id']}/revoke")).status_code == 404


@looks
async def test_overview(standing: Company) -> None:
    seen = (await standing.get("/assay/overview")).json()
    assert seen["signIns"]["failure"]["count"] >= 1
    assert sum(bucket["notAssigned"] for bucket in seen["decisions"]["buckets"]) >= 1
    assert seen["topRefusals"][0]["reason"] == "notAssigned"
    listed = await standing.rows(f"/assay/decisions?$filter={seen['topRefusals'][0]['filter']}")
    assert sum(int(str(row["count"])) for row in listed) == seen["topRefusals"][0]["count"]
    assert seen["methodStrength"]["people"] == {"passwordOnly": 0, "mfa": 2, "phishingResistant": 0, "nothing": 0}
    assert seen["methodStrength"]["signIns"]["mfa"]["count"] > 0
    assert seen["openSessions"] == {"count": 2, "href": "/sessions"}
    assert seen["policies"] == {"on": 1, "reportOnly": 0, "off": 0}
    assert seen["log"]["size"] > 10
    for query in ("from=yesterday", "to=0001-01-01T00:00:00Z", "from=2026-11-23T10:00:00Z&to=2026-11-23T09:00:00Z"):
        assert (await standing.get(f"/assay/overview?{query}")).status_code == 400


@looks
async def test_search(standing: Company) -> None:
    async def hits(text: str) -> set[tuple[object, object]]:
        return {(row["kind"], row["title"]) for row in await standing.rows(f"/assay/search?q={text}")}

    assert ("user", "Bob") in await hits("bo")
    assert ("application", "wiki") in await hits("WIK")
    assert ("group", "Writers") in await hits("writ")
    assert any(kind == "policy" for kind, _ in await hits(BASELINE.display_name[:6]))
    code = str((await standing.rows("/assay/decisions"))[0]["code"])
    assert ("decision", code) in await hits(code.lower())
    assert await hits("") == set()


@looks
async def test_the_log(standing: Company) -> None:
    state = (await standing.get("/assay/log")).json()
    assert state["size"] > 10
    verdict = await standing.change("POST", "/assay/log/verify")
    assert verdict.json()["ok"] is True
    assert verdict.json()["size"] >= state["size"]


@looks
async def test_refusals_are_graphs(standing: Company) -> None:
    answer = await standing.get("/auditLogs/signIns?$filter=riskState eq 'atRisk'")
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert error["code"] == "Request_UnsupportedQuery"
    assert "these can: id, createdDateTime, userId" in error["message"]
    assert error["innerError"]["request-id"] == answer.headers["request-id"]
    for part in ("/groups/Writers/members", "/users/bob/appRoleAssignments", "/users/bob/authentication/methods"):
        short = (await standing.get(f"{part}?$filter=id eq 'x'")).json()["error"]
        assert short["code"] == "Request_UnsupportedQuery"
        assert "these can: none" in short["message"]
    templates = "/identity/conditionalAccess/templates?$select=id"
    every = [row["id"] for row in await standing.rows(f"{templates}&$top=999")]
    page = (await standing.get(f"{templates}&$skip=1&$top=2&$count=true")).json()
    assert ([row["id"] for row in page["value"]], page["@odata.count"]) == (every[1:3], len(every))
    after = (await standing.get(page["@odata.nextLink"].partition("/v1.0")[2])).json()
    assert [row["id"] for row in after["value"]] == every[3:5], "what was passed over is behind it"
    assert (await standing.rows(f"{templates}&$skip=999")) == []
    for query in ("$skip=-1", "$skip=x", "$skip=1&$skip=2"):
        assert (await standing.get(f"{templates}&{query}")).status_code == 400
    for query in ("$skip=1", "$top=0", "$skiptoken=xx", "$orderby=status", "$select=nothing"):
        assert (await standing.get(f"/auditLogs/signIns?{query}")).status_code == 400


async def test_lists_keep_no_sign_in_waiting_and_one_at_a_time_verifies_the_log(company: Company) -> None:
    service, house, go_on = company.service, company.service.house, threading.Event()
    assertion = await service.assertion(company.ada)
    held = [asyncio.ensure_future(house.store.read_list(lambda _: go_on.wait(60))) for _ in range(LIST_READERS)]
    held += [asyncio.ensure_future(house.store.read_long(lambda _: go_on.wait(60)))]
    try:
        listed = asyncio.ensure_future(service.ask(assertion, "/v1.0/auditLogs/signIns"))
        async with asyncio.timeout(30):
            assert await house.sign_in.session(company.ada.visitor) is not None
            assert (await service.ask(assertion, "/v1.0/assay/me")).status_code == 200
            more = [
                asyncio.ensure_future(service.ask(assertion, "/v1.0/auditLogs/signIns"))
                for _ in range(AT_ONCE + WAITING)
            ]
            (beyond,), _ = await asyncio.wait(more, return_when=asyncio.FIRST_COMPLETED)
            assert beyond.result().status_code == 429, "with the first these are one more than a caller may ask"
            assert beyond.result().headers["retry-after"] == "1"
            for path in ("/v1.0/assay/policies/preview", "/v1.0//assay//policies/preview/"):
                late = await service.ask(assertion, path, "POST", **OWN)
                assert late.status_code == 429, "a question in a body is one more, however its path is written"
            asked = [
                asyncio.ensure_future(service.ask(assertion, "/v1.0/assay/log/verify", "POST", **OWN)) for _ in range(2)
            ]
            (refused,), _ = await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
        assert refused.result().status_code == 429
        assert refused.result().json()["error"]["code"] == "TooManyRequests"
        assert refused.result().headers["retry-after"] == "30"
        assert not listed.done()
    finally:
        go_on.set()
    await asyncio.gather(*held)
    assert (await listed).status_code == 200
    assert sorted([each.status_code for each in await asyncio.gather(*more)]) == [*[200] * (AT_ONCE + WAITING - 1), 429]
    assert sorted([each.status_code for each in await asyncio.gather(*asked)]) == [200, 429]

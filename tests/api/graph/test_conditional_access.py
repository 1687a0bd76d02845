"""Conditional Access as Graph's clients write it and ask it: policies, locations, strengths and `evaluate`."""

import json
from typing import Final

import httpx

from assay.access.policy_history import PolicyHistory
from assay.policy import PolicyState
from tests.access.admin.conftest import Record
from tests.access.house import BY
from tests.api.graph.company import Company
from tests.api.graph_service import ORIGIN

BASE: Final = "/identity/conditionalAccess"
MFA: Final = {"operator": "OR", "builtInControls": ["mfa"]}


def policy(name: str = "Wiki needs more", **more: object) -> dict[str, object]:
    """A body as Graph's clients send it."""
    body: dict[str, object] = {
        "displayName": name,
        "state": "enabled",
        "conditions": {
            "users": {"includeUsers": ["All"]},
            "applications": {"includeApplications": ["All"]},
            "clientAppTypes": ["all"],
        },
        "grantControls": MFA,
    }
    return body | more


def code(answer: httpx.Response) -> tuple[int, str]:
    """What a refusal is, for people's programs."""
    return answer.status_code, answer.json()["error"]["innerError"]["code"]


async def test_policies_are_made_changed_in_part_and_removed(company: Company) -> None:
    made = await company.change("POST", f"{BASE}/policies", policy(id="mine", templateId="t", assay={"version": 9}))
    assert made.status_code == 201, made.text
    row = made.json()
    assert row["id"] != "mine"
    assert made.headers["location"] == f"{ORIGIN}/v1.0{BASE}/policies/{row['id']}"
    assert (row["state"], row["templateId"], row["assay"]["version"]) == ("enabled", "t", 1)
    times = row["createdDateTime"], row["modifiedDateTime"]
    assert times == (row["assay"]["changedDateTime"], None)
    selected = await company.rows(f"{BASE}/policies?$select=id,createdDateTime,modifiedDateTime")
    assert {"id": row["id"], "createdDateTime": times[0], "modifiedDateTime": times[1]} in [
        {key: value for key, value in each.items() if key[0] != "@"} for each in selected
    ]
    etag = made.headers["etag"]
    assert (row["@odata.etag"], etag[:3]) == (etag, 'W/"')
    path = f"{BASE}/policies/{row['id']}"
    again = await company.get(path, if_none_match=etag)
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)

    ada = (await company.get("/users/ada")).json()["id"]
    part = {"conditions": {"users": {"excludeUsers": [ada]}}, "description": "but Ada"}
    changed = await company.change("PATCH", path, part, if_match=etag)
    assert changed.status_code == 200, changed.text
    users = changed.json()["conditions"]["users"]
    assert (users["includeUsers"], users["excludeUsers"]) == (["All"], [ada])
    assert changed.json()["assay"]["version"] == 2
    assert changed.json()["createdDateTime"] == times[0]
    assert changed.json()["modifiedDateTime"] == changed.json()["assay"]["changedDateTime"]
    assert changed.headers["etag"] != etag
    for rubbish in ("nothing", f"{etag}, nothing", f"*, {etag}", '"open'):
        unread = await company.change("PATCH", path, part, if_match=rubbish)
        assert code(unread) == (400, "invalidInput"), rubbish
    empty = await company.change("PATCH", path, None, if_match=etag)
    assert (empty.status_code, empty.json()["error"]["message"]) == (400, "there is no body; send the fields as JSON")
    for method, body in (("PATCH", part), ("PATCH", {"state": "disabled"}), ("DELETE", None)):
        stale = await company.change(method, path, body, if_match=etag)
        assert code(stale) == (412, "changedMeanwhile"), method
    off = await company.change("PATCH", path, {"state": "disabled"}, if_match=changed.headers["etag"])
    assert off.json()["state"] == "disabled"
    gone = await company.change("DELETE", path, if_match=off.headers["etag"])
    assert (gone.status_code, gone.content) == (204, b"")
    assert (await company.get(path)).status_code == 404
    names = [str(row["activityDisplayName"]) for row in await company.rows("/auditLogs/directoryAudits?$top=9")]
    # Beside them what was proved of each, some of it later.
    made = [name for name in names if name.endswith("conditional access policy")][:4]
    assert made == [f"{verb} conditional access policy" for verb in ("Delete", "Update", "Update", "Add")]


async def test_what_may_not_be_on_is_kept_back_and_what_contradicts_itself_refused(company: Company) -> None:
    elsewhere = "99999999-9999-4999-8999-999999999999"
    users = {
        "users": {"includeUsers": ["All"], "excludeGroups": [elsewhere]},
        "applications": {"includeApplications": ["All"]},
    }
    hello = {"displayName": "Hello", "allowedCombinations": ["windowsHelloForBusiness", "password,sms"]}
    strength = (await company.change("POST", "/policies/authenticationStrengthPolicies", hello)).json()["id"]
    demanded = {"operator": "OR", "authenticationStrength": {"id": strength}}
    for more, key, found in (
        ({"grantControls": demanded}, "unenforced", f"grantControls.authenticationStrength.{strength}"),
        ({"conditions": users}, "dangling", "conditions.users.excludeGroups"),
        ({"grantControls": {"builtInControls": ["compliantDevice"]}}, "unenforced", "grantControls.builtInControls"),
        ({"grantControls": {"builtInControls": ["telepathy"]}}, "undecided", "grantControls.builtInControls.telepathy"),
    ):
        made = (await company.change("POST", f"{BASE}/policies", policy(**more))).json()
        assert made["state"] == "enabledForReportingButNotEnforced", more
        assert found in str(made["assay"][key])
    bound = (
        "https://graph.microsoft.com/v1.0/policies/authenticationStrengthPolicies/00000000-0000-0000-0000-000000000004"
    )
    strong = policy(grantControls={"operator": "OR", "authenticationStrength@odata.bind": bound}, state="disabled")
    made = (await company.change("POST", f"{BASE}/policies", strong)).json()
    assert made["grantControls"]["authenticationStrength"]["id"].endswith("0004")
    for grant, reason in (
        ({"operator": "AND", "builtInControls": ["block", "mfa"]}, "blockAndMore"),
        ({"builtInControls": ["mfa"], "authenticationStrength": {"id": bound[-36:]}}, "mfaAndStrength"),
        ({"operator": "AND", "builtInControls": ["mfa", "passwordChange"]}, "passwordChangeLoose"),
    ):
        refused = await company.change("POST", f"{BASE}/policies", policy(grantControls=grant))
        assert refused.status_code == 400, reason
        assert refused.json()["error"]["code"] == "Request_BadRequest"
    block = await company.change("POST", f"{BASE}/policies", policy(grantControls={"builtInControls": ["block"]}))
    assert code(block) == (409, "wouldLockOut")
    for body in ({}, {"displayName": "x"}, {"displayName": "x", "state": "on"}, policy(conditions={"users": 7})):
        assert (await company.change("POST", f"{BASE}/policies", body)).status_code == 400, body
    twice = await company.send("POST", f"{BASE}/policies", b'{"displayName": "a", "displayName": "b"}')
    assert "twice" in twice.json()["error"]["message"]


async def test_a_state_alone_is_one_whatever_the_client_writes_beside_it(company: Company) -> None:
    made = (await company.change("POST", f"{BASE}/policies", policy(state="disabled"))).json()
    path, kind = f"{BASE}/policies/{made['id']}", {"@odata.type": "#microsoft.graph.conditionalAccessPolicy"}
    on = await company.change("PATCH", path, {**kind, "id": made["id"], "state": "enabled"})
    assert (on.status_code, on.json().get("state")) == (200, "enabled"), on.text
    both = await company.send("PATCH", path, b'{"state": "disabled", "State": "enabled"}')
    assert (await company.get(path)).json()["state"] == "enabled", both.text
    assert (both.status_code, "twice: State" in both.text) == (400, True)
    await company.change("DELETE", path)


async def test_what_is_on_is_never_switched_off_by_a_change_of_something_else(company: Company) -> None:
    elsewhere = "99999999-9999-4999-8999-999999999999"
    conditions = {
        "users": {"includeUsers": ["All"], "excludeGroups": [elsewhere]},
        "applications": {"includeApplications": ["All"]},
    }
    made = (await company.change("POST", f"{BASE}/policies", policy(conditions=conditions))).json()
    path = f"{BASE}/policies/{made['id']}"
    assert code(await company.change("PATCH", path, {"state": "enabled"})) == (409, "policyDangling")
    await company.service.house.policies.set_state(BY, made["id"], PolicyState.ENABLED, waived=(elsewhere,))
    renamed = await company.change("PATCH", path, {"displayName": "Renamed"})
    assert (renamed.json()["displayName"], renamed.json()["state"]) == ("Renamed", "enabled")
    for part, reason in (
        ({"conditions": {"users": {"excludeUsers": [elsewhere]}}}, "policyDangling"),
        ({"grantControls": {"builtInControls": ["telepathy"]}}, "policyUndecided"),
        ({"grantControls": {"operator": "AND", "builtInControls": ["mfa", "compliantDevice"]}}, "policyUnenforced"),
    ):
        assert code(await company.change("PATCH", path, part)) == (409, reason)
    assert (await company.get(path)).json()["state"] == "enabled"
    await company.change("DELETE", path)


async def test_locations_are_made_changed_and_kept_while_named(company: Company) -> None:
    kind = "#microsoft.graph.ipNamedLocation"
    office = {"@odata.type": kind, "displayName": "Branch", "isTrusted": True}
    ranges = [{"@odata.type": "#microsoft.graph.iPv4CidrRange", "cidrAddress": "192.0.2.0/24"}]
    made = await company.change("POST", f"{BASE}/namedLocations", office | {"ipRanges": ranges})
    assert made.status_code == 201, made.text
    path = f"{BASE}/namedLocations/{made.json()['id']}"
    assert (await company.get(f"{BASE}/namedLocations/Branch")).json()["id"] == made.json()["id"]
    changed = await company.change(
        "PATCH", path, {"@odata.type": kind, "isTrusted": False}, if_match=made.headers["etag"]
    )
    assert (changed.json()["isTrusted"], changed.json()["ipRanges"]) == (False, ranges)
    assert code(await company.change("DELETE", path, if_match=made.headers["etag"])) == (412, "changedMeanwhile")
    north = {"@odata.type": "#microsoft.graph.countryNamedLocation", "displayName": "North"}
    other = north | {"ipRanges": None, "countriesAndRegions": ["NO"]}
    for body in (other, {key: other[key] for key in ("ipRanges", "countriesAndRegions")}):
        assert (await company.change("PATCH", path, body)).status_code == 400, "of one kind it stays"
    country = await company.change("POST", f"{BASE}/namedLocations", north | {"countriesAndRegions": ["NO"]})
    assert country.json()["countriesAndRegions"] == ["NO"]
    for body, status in (
        (office | {"ipRanges": ranges}, 409),  # the name is taken
        (office | {"displayName": "x"}, 400),
        (north | {"displayName": "x", "ipRanges": ranges}, 400),
        (office | {"displayName": "x", "ipRanges": [{"cidrAddress": "everywhere"}]}, 400),
        (office | {"displayName": "x", "ipRanges": ranges, "planet": "Mars"}, 400),
    ):
        refused = await company.change("POST", f"{BASE}/namedLocations", body)
        assert refused.status_code == status, (body, refused.text)
    conditions = {
        "users": {"includeUsers": ["All"]},
        "applications": {"includeApplications": ["All"]},
        "locations": {"includeLocations": ["All"], "excludeLocations": [made.json()["id"]]},
    }
    named = (await company.change("POST", f"{BASE}/policies", policy(conditions=conditions))).json()
    assert code(await company.change("DELETE", path)) == (409, "locationInUse")
    await company.change("DELETE", f"{BASE}/policies/{named['id']}")
    await company.change("PATCH", path, {"@odata.type": kind, "isTrusted": True})
    assert code(await company.change("DELETE", path)) == (409, "locationTrusted")
    await company.change("PATCH", path, {"@odata.type": kind, "isTrusted": False})
    assert (await company.change("DELETE", path)).status_code == 204


async def test_strengths_are_made_changed_and_kept_while_demanded(company: Company) -> None:
    body = {
        "displayName": "Keys",
        "description": "of the house",
        "allowedCombinations": ["fido2", "password,softwareOath"],
    }
    made = await company.change("POST", "/policies/authenticationStrengthPolicies", body)
    assert made.status_code == 201, made.text
    keys = made.json()
    assert (keys["policyType"], keys["description"]) == ("custom", "of the house")
    path = f"{BASE}/authenticationStrength/policies/{keys['id']}"
    assert (await company.get(path)).json()["allowedCombinations"] == body["allowedCombinations"]
    grant = {"operator": "OR", "authenticationStrength": {"id": keys["id"]}}
    of_wiki = {"users": {"includeUsers": ["All"]}, "applications": {"includeApplications": [company.wiki.id]}}
    demanding = policy(grantControls=grant, conditions=of_wiki)
    named = (await company.change("POST", f"{BASE}/policies", demanding)).json()
    assert named["state"] == "enabled"
    usage = (await company.get(f"{path}/usage()")).json()
    assert ([each["id"] for each in usage["mfa"]], usage["none"]) == ([named["id"]], [])
    assert usage["@odata.context"].endswith("$metadata#microsoft.graph.authenticationStrengthUsage")
    assert (await company.get(f"{path[:-36]}nobody/usage()")).status_code == 404
    action = await company.change(
        "POST", f"{path}/updateAllowedCombinations", {"allowedCombinations": ["password,softwareOath"]}
    )
    assert action.status_code == 200, action.text
    assert action.json()["previousCombinations"] == body["allowedCombinations"]
    assert action.json()["currentCombinations"] == ["password,softwareOath"]
    assert action.json()["conditionalAccessReferences"] == [named["id"]]
    stale = await company.change(
        "POST",
        f"{path}/updateAllowedCombinations",
        {"allowedCombinations": ["fido2"]},
        if_match=made.headers["etag"],
    )
    assert code(stale) == (412, "changedMeanwhile")
    unmet = await company.change(
        "POST", f"{path}/updateAllowedCombinations", {"allowedCombinations": ["x509CertificateMultiFactor"]}
    )
    assert code(unmet) == (409, "policyUnenforced"), "the policy that demands it is on"
    renamed = await company.change("PATCH", path, {"displayName": "House keys"})
    assert renamed.json()["displayName"] == "House keys"
    assert code(await company.change("DELETE", path)) == (409, "strengthInUse")
    for method, where, sent in (
        ("PATCH", path, {"allowedCombinations": ["fido2"]}),
        ("PATCH", f"{path[:-36]}00000000-0000-0000-0000-000000000002", {"displayName": "Mine"}),
        ("DELETE", f"{path[:-36]}00000000-0000-0000-0000-000000000002", None),
        ("POST", f"{path}/updateAllowedCombinations", {"allowedCombinations": ["telepathy"]}),
        ("POST", path[:-37], {"displayName": "None", "allowedCombinations": []}),
    ):
        assert (await company.change(method, where, sent)).status_code == 400, (method, sent)
    await company.change("DELETE", f"{BASE}/policies/{named['id']}")
    assert (await company.change("DELETE", path)).status_code == 204


async def test_evaluate_says_of_each_policy_whether_it_would_apply_to_somebody_here(company: Company) -> None:
    (writers,) = await company.rows("/groups?$filter=displayName eq 'Writers'")
    conditions = {
        "users": {"includeGroups": [writers["id"]]},
        "applications": {"includeApplications": [company.wiki.id]},
    }
    made = (await company.change("POST", f"{BASE}/policies", policy("Writers", conditions=conditions))).json()
    bob = (await company.get("/users/bob")).json()["id"]
    ada = (await company.get("/users/ada")).json()["id"]

    async def asked(user: str, prefix: str = "/v1.0", **more: object) -> dict[str, tuple[bool, str]]:
        body = {
            "signInIdentity": {"@odata.type": "#microsoft.graph.userSignIn", "userId": user},
            "signInContext": {
                "@odata.type": "#microsoft.graph.applicationContext",
                "includeApplications": [company.wiki.id],
            },
            "signInConditions": {"clientAppType": "browser", "devicePlatform": "all"},
        }
        answer = await company.send("POST", f"{BASE}/evaluate", json.dumps(body | more).encode(), prefix=prefix)
        assert answer.status_code == 200, answer.text
        found = answer.json()
        assert found["@odata.context"] == (
            f"{ORIGIN}{prefix}/$metadata#Collection(microsoft.graph.whatIfAnalysisResult)"
        )
        return {row["displayName"]: (row["policyApplies"], row["analysisReasons"]) for row in found["value"]}

    assert (await asked(bob))["Writers"] == (True, "notSet")
    assert (await asked(ada))["Writers"] == (False, "users")
    assert "Writers" not in await asked(ada, appliedPoliciesOnly=True)
    assert (await asked(bob, "/beta"))["Writers"] == (True, "notSet")
    await company.change("PATCH", f"{BASE}/policies/{made['id']}", {"state": "disabled"})
    assert (await asked(bob))["Writers"] == (False, "policyNotEnabled")
    for more in (
        {"directory": {"users": []}},
        {"satisfied": {"authenticationMethods": ["password"]}},
        {"signInIdentity": {"userId": "nobody"}},
        {"signInIdentity": {"servicePrincipalId": "nothing"}},
        {"signInContext": {}},
        {"unknown": 1},
    ):
        body = {"signInIdentity": {"userId": bob}, "signInContext": {"includeApplications": ["x"]}} | more
        refused = await company.change("POST", f"{BASE}/evaluate", body)
        assert refused.status_code == 400, (more, refused.text)


async def test_contexts_are_named_and_templates_are_policies_to_begin_with(company: Company) -> None:
    path = f"{BASE}/authenticationContextClassReferences"
    (payments,) = await company.rows(path)
    assert (payments["id"], payments["displayName"], payments["isAvailable"]) == ("c1", "Payments", False)
    etag = (await company.get(f"{path}/c1")).headers["etag"]
    shown = await company.change("PATCH", f"{path}/c1", {"isAvailable": True}, if_match=etag)
    assert (shown.json()["displayName"], shown.json()["isAvailable"]) == ("Payments", True)
    assert code(await company.change("DELETE", f"{path}/c1", if_match=etag)) == (412, "changedMeanwhile")
    for name, body in (("c100", {"displayName": "x"}), ("c2", {"isAvailable": True}), ("c1", {"colour": "red"})):
        assert (await company.change("PATCH", f"{path}/{name}", body)).status_code == 400, name
    templates = await company.rows(f"{BASE}/templates")
    assert len(templates) > 8
    for template in templates:
        details = template["details"]
        assert isinstance(details, dict)
        body = policy(str(template["name"]), state="enabledForReportingButNotEnforced", templateId=template["id"])
        made = (await company.change("POST", f"{BASE}/policies", body | details)).json()
        kept_back = [made["assay"][key] for key in ("undecided", "dangling", "unenforced")]
        assert kept_back == [[], [], []], template["name"]
    whole = {"displayName": "x", "state": "disabled", "details": templates[0]["details"]}
    stateless = {key: value for key, value in policy().items() if key != "state"}
    alone = policy(conditions={"users": {"includeUsers": "All"}, "applications": {"includeApplications": ["All"]}})
    for body, words in (
        (whole, "details: this is a template"),
        (stateless, "state: one of these must be given: enabled, disabled, enabledForReportingButNotEnforced"),
        (alone, 'conditions.users.includeUsers: this must be a list of texts, such as ["All"]'),
    ):
        refused = await company.change("POST", f"{BASE}/policies", body)
        assert refused.status_code == 400
        assert words in refused.json()["error"]["message"]
    about = {
        "users": {"includeUsers": ["All"]},
        "applications": {"includeAuthenticationContextClassReferences": ["c1"]},
    }
    await company.change("POST", f"{BASE}/policies", policy("Payments", conditions=about))
    assert code(await company.change("DELETE", f"{path}/c1")) == (409, "contextInUse")


async def test_beta_has_the_same_resources_and_links_below_itself(company: Company) -> None:
    for path in (f"{BASE}/policies", f"{BASE}/namedLocations", "/policies/authenticationStrengthPolicies"):
        answer = await company.send("GET", f"{path}?$top=1", prefix="/beta")
        assert answer.status_code == 200, path
        assert answer.json()["@odata.context"] == f"{ORIGIN}/beta/$metadata#{path[1:]}"
    link = answer.json()["@odata.nextLink"]
    assert link.startswith(f"{ORIGIN}/beta/policies/authenticationStrengthPolicies?")
    assert (await company.send("GET", "/users", prefix="/beta")).status_code == 404


async def test_what_is_larger_than_one_thing_can_be_is_not_read(company: Company) -> None:
    large = b'{"displayName": "' + b"x" * (1024 * 1024) + b'"}'
    for path in (
        f"{BASE}/policies",
        f"{BASE}/namedLocations",
        f"{BASE}/authenticationStrength/policies",
        f"{BASE}/evaluate",
        "/assay/policies/preview",
        "/assay/policies/proofs",
    ):
        assert (await company.send("POST", path, large)).status_code == 413, path
    contexts = "/authenticationContextClassReferences/c1"
    for path in ("/policies/x", "/namedLocations/x", "/authenticationStrength/policies/x", contexts):
        assert (await company.send("PATCH", f"{BASE}{path}", large)).status_code == 413, path


async def test_what_could_not_be_changed_any_more_is_not_stored(company: Company) -> None:
    """An event holds what was and what is: a policy that fills one alone could not even be switched off."""
    made = await company.change("POST", f"{BASE}/policies", policy())
    path = f"{BASE}/policies/{made.json()['id']}"
    several = [f"{number}{'x' * 4_000}" for number in range(100)]
    users = {"includeUsers": ["All"], "excludeUsers": several}
    refused = await company.change("PATCH", path, {"conditions": {"users": users}, "state": "disabled"})
    assert code(refused) == (409, "definitionTooLarge"), refused.text[:300]
    users["excludeUsers"] = several[:98]
    large = await company.change("PATCH", path, {"conditions": {"users": users}, "state": "disabled"})
    assert large.status_code == 200, "as large as may be"
    assert (await company.change("PATCH", path, {"displayName": "Renamed"})).status_code == 200


async def test_a_policy_that_was_removed_is_found_and_comes_back_as_it_was(company: Company) -> None:
    deleted = f"{BASE}/deletedItems/policies"
    made = (await company.change("POST", f"{BASE}/policies", policy(grantControls=MFA))).json()
    path = f"{deleted}/{made['id']}"
    assert (await company.get(path)).status_code == 404, "it is there"
    assert code(await company.change("POST", f"{path}/restore", {})) == (404, "notFound")
    await company.change("DELETE", f"{BASE}/policies/{made['id']}")
    (row,) = await company.rows(deleted)
    shown = (await company.get(path)).json()
    assert (row["id"], shown["displayName"], shown["conditions"]) == (
        made["id"],
        made["displayName"],
        made["conditions"],
    )
    assert shown["deletedDateTime"] == row["deletedDateTime"]
    assert await company.rows(f"{deleted}?$filter=deletedDateTime lt 2020-01-01T00:00:00Z") == []
    other = (await company.change("POST", f"{BASE}/policies", policy(displayName="Another"))).json()["id"]
    await company.change("DELETE", f"{BASE}/policies/{other}")
    for each in (made["id"], other):
        assert (await company.get(f"{deleted}/{each}")).json()["id"] == each
    back = await company.change("POST", f"{path}/restore", {})
    assert back.status_code == 200, back.text
    parts = ("id", "displayName", "state", "conditions", "grantControls")
    assert [back.json()[each] for each in parts] == [made[each] for each in parts]
    assert back.json()["assay"]["version"] == 3
    assert back.headers["publication-effect"] == "tightens"
    assert [each["id"] for each in await company.rows(deleted)] == [other]
    assert code(await company.change("DELETE", path)) == (404, "notFound"), "it is not removed"
    gone = await company.change("DELETE", f"{deleted}/{other}")
    assert (gone.status_code, gone.content) == (204, b"")
    assert await company.rows(deleted) == []
    for method, suffix in (("DELETE", ""), ("POST", "/restore")):
        assert code(await company.change(method, f"{deleted}/{other}{suffix}", {})) == (404, "notFound")
    (event, *_) = await Record(company.service.house).of("policy.removed")
    assert (event.entity.uid, event.unmapped.reason.code) == (other, "deletedForGood")
    history = await PolicyHistory(company.service.house.premises).versions(other)
    assert [each.policy is None for each in history] == [True, True, False], "who changed what is still known"


async def test_a_location_that_was_removed_is_found_and_comes_back_as_it_was(company: Company) -> None:
    here, deleted = f"{BASE}/namedLocations", f"{BASE}/deletedItems/namedLocations"
    made = {}
    for name, kind in (
        ("Branch", {"ipRanges": [{"cidrAddress": "192.0.2.0/24"}]}),
        ("North", {"countriesAndRegions": ["NO"]}),
    ):
        answer = await company.change("POST", here, {"displayName": name} | kind)
        made[name] = answer.json()
        await company.change("PATCH", f"{here}/{made[name]['id']}", {"displayName": f"{name} 2"})
        assert (await company.get(f"{deleted}/{made[name]['id']}")).status_code == 404, "it is there"
        assert (await company.change("DELETE", f"{here}/{made[name]['id']}")).status_code == 204
        company.service.house.clock.advance(seconds=1)
    rows = await company.rows(deleted)
    assert [row["displayName"] for row in rows] == ["North 2", "Branch 2"]
    assert rows[1]["ipRanges"] == made["Branch"]["ipRanges"]
    assert (await company.get(f"{deleted}/$count?$filter=startswith(displayName,'bra')")).text == "1"
    branch, north = (f"{deleted}/{made[name]['id']}" for name in ("Branch", "North"))
    assert (await company.get(branch)).json()["deletedDateTime"] == rows[1]["deletedDateTime"]
    back = await company.change("POST", f"{branch}/restore")
    assert (back.status_code, back.json()["id"], back.json()["displayName"]) == (200, made["Branch"]["id"], "Branch 2")
    assert back.headers["publication-effect"] == "unchanged"
    assert (await company.get(f"{here}/{made['Branch']['id']}")).headers["etag"] == back.headers["etag"]
    await company.change("POST", here, {"displayName": "North 2", "countriesAndRegions": ["SE"]})
    assert code(await company.change("POST", f"{north}/restore")) == (409, "conflict"), "the name is taken"
    assert (await company.change("DELETE", north)).status_code == 204
    assert await company.rows(deleted) == []
    for method, path in (("POST", f"{north}/restore"), ("DELETE", north), ("DELETE", branch), ("GET", north)):
        answer = await company.get(path) if method == "GET" else await company.change(method, path)
        assert code(answer) == (404, "notFound"), (method, path)


async def test_a_name_never_stands_in_for_the_id_of_something_else(company: Company) -> None:
    """Whoever may make a location or strength must not have others change or remove it in the place of theirs."""
    office = {"@odata.type": "#microsoft.graph.ipNamedLocation", "ipRanges": [{"cidrAddress": "192.0.2.0/24"}]}
    for path, body in (
        (f"{BASE}/namedLocations", office),
        ("/policies/authenticationStrengthPolicies", {"allowedCombinations": ["fido2"]}),
    ):
        meant = (await company.change("POST", path, body | {"displayName": "z"})).json()["id"]
        # The one with the name comes first, whether they are in order of names or of ids.
        for _ in range(3):
            made = await company.change("POST", path, body | {"displayName": meant})
            assert (await company.get(f"{path}/{meant}")).json()["displayName"] == "z"
            await company.change("DELETE", f"{path}/{made.json()['id']}")
        await company.change("POST", path, body | {"displayName": meant})
        assert (await company.change("DELETE", f"{path}/{meant}")).status_code == 204
        assert (await company.get(f"{path}/{meant}")).json()["displayName"] == meant, "now that is all it can mean"


async def test_limits_of_a_strength_are_a_collection_of_its_own(company: Company) -> None:
    yubikey, other = "2fc0579f-8113-47ea-b116-bb5a8db9202a", "ee882879-721c-4913-9775-3dfcce97072a"
    strengths = f"{BASE}/authenticationStrength/policies"
    of_keys = {"appliesToCombinations": ["fido2"], "allowedAAGUIDs": [yubikey.upper()]}
    keys = {
        "displayName": "Keys",
        "allowedCombinations": ["fido2", "x509CertificateMultiFactor", "password,softwareOath"],
        "combinationConfigurations": [of_keys],
    }
    strength = (await company.change("POST", strengths, keys)).json()
    path = f"{strengths}/{strength['id']}/combinationConfigurations"
    (first,) = await company.rows(path)
    assert first == strength["combinationConfigurations"][0]
    assert first["@odata.type"] == "#microsoft.graph.fido2CombinationConfiguration"
    assert first["allowedAAGUIDs"] == [yubikey]
    certificates = {
        "@odata.type": "#microsoft.graph.x509CertificateCombinationConfiguration",
        "appliesToCombinations": ["x509CertificateMultiFactor"],
        "allowedPolicyOIDs": ["1.2.3.4"],
    }
    made = await company.change("POST", path, certificates)
    assert made.status_code == 201, made.text
    second = made.json()
    assert (second["allowedPolicyOIDs"], second["allowedIssuerSkis"]) == (["1.2.3.4"], [])
    assert made.headers["location"].endswith(f"{path}/{second['id']}")
    one = f"{path}/{first['id']}"
    changed = await company.change("PATCH", one, {"allowedAAGUIDs": [yubikey, other]})
    assert changed.json()["allowedAAGUIDs"] == [yubikey, other]
    assert (await company.get(one)).json()["allowedAAGUIDs"] == [yubikey, other]
    # The same below Graph's other path, and beside what else the strength says.
    assert (
        len(await company.rows(f"/policies/authenticationStrengthPolicies/{strength['id']}/combinationConfigurations"))
        == 2
    )
    assert len((await company.get(f"{strengths}/{strength['id']}")).json()["combinationConfigurations"]) == 2
    for method, where, sent, said in (
        ("POST", path, {"appliesToCombinations": ["fido2"]}, "one of these must be given"),
        ("POST", path, {"allowedAAGUIDs": [yubikey]}, "must be given"),
        ("POST", path, of_keys | {"allowedAAGUIDs": ["mine"]}, "no AAGUID"),
        ("POST", path, of_keys | {"appliesToCombinations": ["windowsHelloForBusiness"]}, "no combination of this"),
        ("POST", path, of_keys | {"appliesToCombinations": ["password,softwareOath"]}, "no combination of this"),
        ("POST", path, of_keys | {"appliesToCombinations": ["telepathy"]}, "no word that is known"),
        ("POST", path, of_keys | {"allowedPolicyOIDs": ["1.2"]}, "limit keys by allowedAAGUIDs, or"),
        ("PATCH", one, {"@odata.type": certificates["@odata.type"]}, "limit keys by allowedAAGUIDs, or"),
        ("PATCH", one, {"allowedAAGUIDs": []}, "one of these must be given"),
    ):
        refused = await company.change(method, where, sent)
        assert (refused.status_code, said in refused.text) == (400, True), (sent, refused.text)
    # No sign-in here says of which model its passkey is: what is on and demands that would refuse everybody.
    alone = (await company.change("POST", strengths, {"displayName": "Alone", "allowedCombinations": ["fido2"]})).json()
    grant = {"operator": "OR", "authenticationStrength": {"id": alone["id"]}}
    of_wiki = {"users": {"includeUsers": ["All"]}, "applications": {"includeApplications": [company.wiki.id]}}
    assert (
        await company.change("POST", f"{BASE}/policies", policy(grantControls=grant, conditions=of_wiki))
    ).is_success
    limited = await company.change("POST", f"{strengths}/{alone['id']}/combinationConfigurations", of_keys)
    assert code(limited) == (409, "policyUnenforced")
    built_in = f"{strengths}/00000000-0000-0000-0000-000000000002/combinationConfigurations"
    assert await company.rows(built_in) == []
    assert (await company.change("POST", built_in, of_keys)).status_code == 400
    assert (await company.get(f"{path}/nothing")).status_code == 404
    gone = await company.change("DELETE", f"{path}/{second['id']}")
    assert (gone.status_code, gone.content) == (204, b"")
    assert [each["id"] for each in await company.rows(path)] == [first["id"]]

"""A policy that is being written, held against what was decided."""

import pytest

from assay.access.first_owner import BASELINE
from assay.policy import export_policy
from tests.api.graph.company import Company

pytestmark = pytest.mark.asyncio(loop_scope="module")

PATH = "/assay/policies/replay"


async def test_a_draft_says_what_it_would_have_changed(standing: Company) -> None:
    people = await standing.rows("/users")
    bob = next(row for row in people if row["userPrincipalName"] == "Bob")
    draft = {
        **export_policy(BASELINE),
        "displayName": "Nothing for Bob",
        "state": "enabledForReportingButNotEnforced",
        "grantControls": {"operator": "OR", "builtInControls": ["block"]},
    }
    draft.pop("id")
    draft["conditions"] = {
        "users": {"includeUsers": [bob["id"]]},
        "applications": {"includeApplications": ["All"]},
        "clientAppTypes": ["all"],
    }
    answer = await standing.change("POST", PATH, {"policy": draft})
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert not found["superseded"]
    changes = {each["change"]: each for each in found["changes"]}
    refused = changes.pop("refused")
    # The baseline was switched on after some had been let in: that is no effect of the draft.
    assert all(each["count"] == each["already"] for each in changes.values())
    counted = refused["count"] + sum(each["count"] for each in changes.values())
    assert found["decisions"] == found["unchanged"] + counted + found["unknown"]
    assert [(each["id"], each["name"]) for each in refused["people"]] == [(bob["id"], "Bob")]
    assert {each["name"] for each in refused["apps"]} >= {"wiki"}
    example = refused["people"][0]["example"]
    assert (await standing.get(f"/assay/decisions/{example}")).json()["id"] == example


async def test_what_cannot_be_read_is_not_replayed(standing: Company) -> None:
    answer = await standing.change("POST", PATH, {"policy": {"displayName": "nothing else"}})
    assert answer.status_code == 400

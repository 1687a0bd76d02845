"""Proofs of a policy that is being written: by another process, about every sign-in there can be with it on."""

from assay.access.first_owner import BASELINE
from assay.policy import export_policy
from tests.api.graph.company import Company

PATH = "/assay/policies/proofs"
EVERYWHERE = {
    "users": {"includeUsers": ["All"]},
    "applications": {"includeApplications": ["All"]},
    "clientAppTypes": ["all"],
}


async def test_what_a_draft_would_do_is_proved_or_refuted_by_sign_ins(company: Company) -> None:
    (stored,) = [row for row in await company.rows("/identity/conditionalAccess/policies") if row["state"] == "enabled"]
    loosened = export_policy(BASELINE) | {"id": stored["id"], "state": "enabledForReportingButNotEnforced"}
    loosened["conditions"] = {**EVERYWHERE, "platforms": {"includePlatforms": ["android"]}}
    blocked = export_policy(BASELINE) | {"grantControls": {"operator": "OR", "builtInControls": ["block"]}}
    blocked.pop("id")
    begun = await company.change("POST", PATH, {"policy": loosened})
    newest = await company.change("POST", PATH, {"policy": blocked})
    assert begun.status_code == newest.status_code == 200, (begun.text, newest.text)
    answers = {each["question"]: each for each in begun.json()["value"]}
    assert answers["tightening"]["result"] == "refuted"
    assert answers["tightening"]["findings"][0]["shown"][0]["decision"] == "granted"
    assert answers["dead"]["result"] == "proved"
    answers = {each["question"]: each for each in newest.json()["value"]}
    assert answers.keys() == {"lock-out", "tightening", "contradictory", "dead", "shadowed"}
    assert answers["lock-out"]["result"] == "refuted"
    assert answers["tightening"]["result"] == "proved"


async def test_what_cannot_be_read_is_not_proved(company: Company) -> None:
    answer = await company.change("POST", PATH, {"policy": {"displayName": "nothing else"}})
    assert answer.status_code == 400
    assert "preview" in answer.json()["error"]["message"]

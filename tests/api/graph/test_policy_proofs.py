"""Proofs of a policy that is being written: by another process, about every sign-in there can be with it on."""

import asyncio
from collections.abc import Callable

import pytest

from assay.access.first_owner import BASELINE
from assay.policy import export_policy
from tests.access.provers import provers
from tests.api.graph.company import Company

pytestmark = pytest.mark.asyncio(loop_scope="module")

PATH = "/assay/policies/proofs"
PROVER = "prove_in_process"
EVERYWHERE = {
    "users": {"includeUsers": ["All"]},
    "applications": {"includeApplications": ["All"]},
    "clientAppTypes": ["all"],
}


async def test_what_a_draft_would_do_is_proved_or_refuted_by_sign_ins(standing: Company) -> None:
    policies = await standing.rows("/identity/conditionalAccess/policies")
    (stored,) = [row for row in policies if row["state"] == "enabled"]
    loosened = export_policy(BASELINE) | {"id": stored["id"], "state": "enabledForReportingButNotEnforced"}
    loosened["conditions"] = {**EVERYWHERE, "platforms": {"includePlatforms": ["android"]}}
    blocked = export_policy(BASELINE) | {"grantControls": {"operator": "OR", "builtInControls": ["block"]}}
    blocked.pop("id")
    begun = await standing.change("POST", PATH, {"policy": loosened})
    newest = await standing.change("POST", PATH, {"policy": blocked})
    assert begun.status_code == newest.status_code == 200, (begun.text, newest.text)
    answers = {each["question"]: each for each in begun.json()["value"]}
    assert answers["tightening"]["result"] == "refuted"
    assert answers["tightening"]["findings"][0]["shown"][0]["decision"] == "granted"
    assert answers["dead"]["result"] == "proved"
    answers = {each["question"]: each for each in newest.json()["value"]}
    assert answers.keys() == {"lock-out", "tightening", "contradictory", "dead", "shadowed"}
    assert answers["lock-out"]["result"] == "refuted"
    assert answers["tightening"]["result"] == "proved"


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(120):
        while not holds():  # noqa: ASYNC110  processes of the kernel's, which tell no event
            await asyncio.sleep(0.01)


async def test_a_proof_ends_when_its_caller_asks_anew_or_leaves(standing: Company) -> None:
    draft = export_policy(BASELINE)
    # What was published before is proved by such processes too, one after the other: between two there is none.
    await standing.service.house.premises.publications.close()
    await until(lambda: not provers(PROVER))
    first = asyncio.create_task(standing.change("POST", PATH, {"policy": draft}))
    await until(lambda: bool(provers(PROVER)))
    (process,) = provers(PROVER)
    newer = asyncio.create_task(standing.change("POST", PATH, {"policy": draft | {"displayName": "newer"}}))
    assert (await first).json()["superseded"]
    await until(lambda: bool(provers(PROVER) - {process}))
    assert process not in provers(PROVER)
    newer.cancel()
    await until(lambda: not provers(PROVER))


async def test_a_key_that_stands_twice_is_refused_as_where_it_is_stored(standing: Company) -> None:
    twice = b'{"policy": {"displayName": "one", "displayName": "two", "conditions": {}}}'
    for path in (PATH, "/assay/policies/preview", "/assay/policies/replay"):
        answer = await standing.send("POST", path, twice)
        assert answer.status_code == 400, path
        assert "displayName" in answer.text


async def test_what_cannot_be_read_is_not_proved(standing: Company) -> None:
    answer = await standing.change("POST", PATH, {"policy": {"displayName": "nothing else"}})
    assert answer.status_code == 400
    assert "preview" in answer.json()["error"]["message"]

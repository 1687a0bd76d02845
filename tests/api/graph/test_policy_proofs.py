"""Proofs of a policy that is being written: by another process, about every sign-in there can be with it on."""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

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


def provers() -> set[str]:
    """The processes that prove for this one."""
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    return {each for each in children if b"prove_in_process" in Path(f"/proc/{each}/cmdline").read_bytes()}


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not holds():  # noqa: ASYNC110  processes of the kernel's, which tell no event
            await asyncio.sleep(0.01)


async def test_a_proof_ends_when_its_caller_asks_anew_or_leaves(company: Company) -> None:
    draft = export_policy(BASELINE)
    first = asyncio.create_task(company.change("POST", PATH, {"policy": draft}))
    await until(lambda: bool(provers()))
    (process,) = provers()
    newer = asyncio.create_task(company.change("POST", PATH, {"policy": draft | {"displayName": "newer"}}))
    assert (await first).json()["superseded"]
    await until(lambda: bool(provers() - {process}))
    assert process not in provers()
    newer.cancel()
    await until(lambda: not provers())


async def test_a_key_that_stands_twice_is_refused_as_where_it_is_stored(company: Company) -> None:
    twice = b'{"policy": {"displayName": "one", "displayName": "two", "conditions": {}}}'
    for path in (PATH, "/assay/policies/preview", "/assay/policies/replay"):
        answer = await company.send("POST", path, twice)
        assert answer.status_code == 400, path
        assert "displayName" in answer.text


async def test_what_cannot_be_read_is_not_proved(company: Company) -> None:
    answer = await company.change("POST", PATH, {"policy": {"displayName": "nothing else"}})
    assert answer.status_code == 400
    assert "preview" in answer.json()["error"]["message"]

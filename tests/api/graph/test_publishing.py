"""What is told of a publication over the API, and who may break an invariant of the owner by one."""

import base64
import json
from pathlib import Path
from urllib.parse import quote

from assay.access.first_owner import BASELINE
from assay.access.proving import Proving
from assay.policy import export_policy
from assay.values import Reason
from tests.access.admin.conftest import Record
from tests.access.admin.test_invariants import TWO_FACTORS
from tests.api.graph.company import Company
from tests.api.graph.test_conditional_access import BASE, MFA, code, policy

REASON = "the network team works on it, until Friday"


async def test_each_change_says_what_became_of_who_is_let_in(company: Company) -> None:
    made = await company.change("POST", f"{BASE}/policies", policy())
    path = f"{BASE}/policies/{made.json()['id']}"
    assert made.headers["publication-effect"] == "tightens"
    assert made.json()["assay"]["effect"] == "tightens"
    renamed = await company.change("PATCH", path, {"displayName": "Wiki needs two"})
    assert renamed.headers["publication-effect"] == "unchanged"
    at_once = await company.change("PATCH", path, {"grantControls": {"operator": "OR", "builtInControls": ["block"]}})
    assert at_once.status_code == 409, "it would lock everybody out"
    assert "publication-effect" not in at_once.headers
    narrowed = {"conditions": {"platforms": {"includePlatforms": ["android"]}}}
    # The baseline demands as much, so nobody gets in by this alone: the solver finds that out.
    waited = await company.change("PATCH", path, narrowed, prefer="respond-async, wait=20")
    assert waited.headers["publication-effect"] in ("tightens", "beingProved"), "twenty seconds at most"
    gone = await company.change("DELETE", path)
    assert (gone.status_code, gone.content) == (204, b"")
    assert gone.headers["publication-effect"] == "beingProved"


async def test_each_step_of_a_rollout_says_it_too(company: Company) -> None:
    path = "/assay/policies/rollouts"
    file = {"name": "new.json", "content": base64.b64encode(json.dumps(policy()).encode()).decode()}
    begun = await company.change("POST", path, {"file": file})
    assert begun.json()["published"]["effect"] == "unchanged", "report-only decides nothing"
    of = f"{path}/{begun.json()['policyId']}"
    company.service.house.clock.advance(seconds=1)
    on = await company.change("POST", f"{of}/advance", {"everyone": True})
    assert on.json()["published"]["effect"] == "tightens"
    assert {"lock-out", "tightening"} <= {proof["question"] for proof in on.json()["published"]["proofs"]}
    # Whoever looked at the step before, when that was the last, means that one and not this.
    before = quote(begun.json()["since"])
    moved = [await company.change("POST", f"{of}/{act}?since={before}") for act in ("confirm", "back")]
    assert [code(each) for each in moved] == [(409, "rolloutMoved")] * 2
    assert (await company.change("POST", f"{of}/back?since=yesterday")).status_code == 400
    back = await company.change("POST", f"{of}/back?since={quote(on.json()['since'])}")
    assert back.json()["published"]["effect"] == "beingProved"


async def test_an_invariant_is_broken_by_who_may_and_says_why(company: Company, tmp_path: Path) -> None:
    file = tmp_path / "invariants.yaml"
    file.write_text(TWO_FACTORS)
    house = company.service.house
    made = await company.change("POST", f"{BASE}/policies", policy(grantControls=MFA))
    path = f"{BASE}/policies/{made.json()['id']}"
    baseline = [row for row in await company.rows(f"{BASE}/policies") if row["displayName"] == BASELINE.display_name]
    await company.change("DELETE", f"{BASE}/policies/{baseline[0]['id']}")
    house.premises.proving = Proving(file)
    refused = await company.change("DELETE", path)
    assert code(refused) == (409, "invariantBroken")
    sam = Company(company.service, await company.service.person("sam", "Security Administrator"), company.wiki)
    override = f"?override={quote(REASON)}"
    files = [{"name": "one.json", "content": base64.b64encode(json.dumps(export_policy(BASELINE)).encode()).decode()}]
    for answer in (
        await sam.change("DELETE", path + override),
        await sam.change("PATCH", path + override, {"state": "disabled"}),
        await sam.change("POST", "/assay/policies/import", {"files": files, "override": REASON}),
        await sam.change("POST", "/assay/policies/rollouts", {"file": files[0], "override": REASON}),
        await sam.change("POST", "/assay/policies/rollouts/any/advance", {"everyone": True, "override": REASON}),
    ):
        assert answer.status_code == 403
        assert "Policy.OverrideInvariants.All" in answer.text
    too_long = await company.change("DELETE", f"{path}?override={'x' * 501}")
    assert too_long.status_code == 400
    off = await company.change("PATCH", path + override, {"state": "disabled"})
    assert (off.status_code, off.json()["state"]) == (200, "disabled"), off.text
    (event, *_) = await Record(house).of("policy.changed")
    assert event.unmapped.reason == Reason.of("byOverride", why=REASON)

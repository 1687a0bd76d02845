"""Explanation: a recorded decision comes out the same to the bit, also after everything changed."""

import pytest

from assay.access.explain import Decisions
from assay.access.import_policies import ImportOptions
from assay.access.steps import Refused
from assay.access.visitor import Destination
from assay.policy import PolicyResult
from assay.values import NotFoundError
from tests.access.admin.graph import block, location, policy, source
from tests.access.house import BY, House


async def refused_code(house: House, destination: Destination) -> str:
    alice = await house.person("alice")
    await alice.password()
    step = (await house.sign_in.start(alice.visitor, destination)).step
    assert isinstance(step, Refused)
    return step.short_code


async def test_a_refusal_is_explained_from_its_short_code(house: House) -> None:
    app = await house.app("wiki", assigned=[])
    elsewhere = block(
        apps={"includeApplications": [app.id]},
        locations={"includeLocations": ["All"], "excludeLocations": ["33333333-3333-4333-8333-333333333333"]},
    )
    files = (source(policy(state="disabled")), source(elsewhere, "b"), source(location(network="198.51.100.0/24"), "c"))
    await house.policies.import_files(BY, files, ImportOptions())
    code = await refused_code(house, Destination(app=app.id, path="/", state="s" * 43))
    account = await Decisions(house.premises).explain(code.lower())
    assert account.same is True
    assert (account.user_name, account.app_name, account.record.outcome) == ("alice", "wiki", "block")
    results = {each.display_name: each.result for each in account.explanation.policies}
    assert results == {"Block": PolicyResult.FAILURE, "Require MFA": PolicyResult.NOT_ENABLED}
    found = next(each for each in account.explanation.policies if each.display_name == "Block")
    assert {each.condition.value: each.value for each in found.conditions}["location"]
    assert all(each.satisfied for each in found.conditions)


async def test_it_comes_out_the_same_after_policies_people_and_locations_changed(house: House) -> None:
    app = await house.app("wiki", assigned=[])
    await house.policies.import_files(BY, (source(block(apps={"includeApplications": [app.id]})),), ImportOptions())
    code = await refused_code(house, Destination(app=app.id, path="/", state="s" * 43))
    before = await Decisions(house.premises).explain(code)
    await house.policies.remove(BY, "Block")
    await house.apps.remove(BY, "wiki")
    await house.people.remove(BY, "alice")
    after = await Decisions(house.premises).explain(before.record.uid)
    assert after.same is True
    assert after.explanation == before.explanation
    assert after.app_name == ""


async def test_what_was_decided_before_anything_was_published_is_explained_too(house: House) -> None:
    app = await house.app("wiki", assigned=[])
    code = await refused_code(house, Destination(app=app.id, path="/", state="s" * 43))
    account = await Decisions(house.premises).explain(code)
    assert account.same is True
    assert account.explanation.policies == ()


async def test_an_unknown_code_is_not_found(house: House) -> None:
    with pytest.raises(NotFoundError):
        await Decisions(house.premises).explain("ZZZZ-ZZZZ")

"""The owner's invariants before policies are published: really proved, in a process of its own."""

import asyncio
from pathlib import Path

import pytest
from msgspec.structs import replace

from assay.access.attempt import NotDone
from assay.access.import_policies import ImportOptions
from assay.access.policy_history import PolicyHistory
from assay.access.proving import Proving
from assay.access.publications import Receipt
from assay.access.publish_policy import Imported
from assay.policy import PolicyState
from tests.access.admin.conftest import Record
from tests.access.admin.graph import policy, source
from tests.access.house import BY, House
from tests.access.provers import kill_provers

TWO_FACTORS = "invariants: [{name: two factors, who: everyone, reaches: any, requires: {strength: mfa}}]"
RESISTANT = "00000000-0000-0000-0000-000000000004"
NOTHING = ImportOptions()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "invariants.yaml"
    path.write_text(TWO_FACTORS)
    return path


async def held(house: House, file: Path) -> None:
    """The policy that makes the invariant hold, and from then on it is held."""
    stored = await house.policies.import_files(BY, (source(policy()),), NOTHING)
    assert isinstance(stored, Imported)
    house.premises.proving = Proving(file)


async def test_what_breaks_an_invariant_is_not_saved_unless_somebody_says_why(
    house: House, record: Record, file: Path
) -> None:
    await held(house, file)
    refused = await house.policies.set_state(BY, "Require MFA", PolicyState.DISABLED)
    assert isinstance(refused, NotDone)
    assert refused.reason.code == "invariantBroken"
    assert "two factors (" in dict(refused.reason.parameters)["invariants"]
    assert (await house.policies.show("Require MFA")).policy.state is PolicyState.ENABLED
    narrower = policy(users={"includeUsers": ["All"], "excludeGroups": ["55555555-5555-4555-8555-555555555555"]})
    waived = ImportOptions(waived=("55555555-5555-4555-8555-555555555555",))
    again = await house.policies.import_files(BY, (source(narrower),), waived)
    assert isinstance(again, NotDone)
    assert "in the group 55555555" in dict(again.reason.parameters)["invariants"]
    dry = await house.policies.import_files(BY, (source(narrower),), replace(waived, dry_run=True))
    assert isinstance(dry, Imported)
    assert dry.refusal == again.reason, "a dry run asks the same"
    # What only tightens is saved; so is what somebody answers for, and the event says why.
    stronger = policy(grant={"operator": "OR", "authenticationStrength": {"id": RESISTANT}})
    assert isinstance(await house.policies.import_files(BY, (source(stronger),), NOTHING), Imported)
    receipt = Receipt()
    overriding = replace(BY, override="the network team works on it", receipt=receipt)
    done = await house.policies.set_state(overriding, "Require MFA", PolicyState.DISABLED)
    assert not isinstance(done, NotDone)
    (event,) = [each for each in await record.of("policy.changed") if "network team" in str(each)]
    assert "byOverride" in str(event)
    assert await receipt.within(60) is not None
    (told, *_) = await record.of("policy.proved")
    assert b"overridden: the network team" in bytes(told.unmapped.after)
    # Broken already, it refuses nothing, and mends.
    mended = await house.policies.set_state(BY, "Require MFA", PolicyState.REPORT_ONLY)
    assert not isinstance(mended, NotDone)


async def test_what_is_not_answered_refuses(house: House, file: Path) -> None:
    await held(house, file)
    trying, killed = asyncio.create_task(house.policies.set_state(BY, "Require MFA", PolicyState.REPORT_ONLY)), 0
    while not trying.done():
        killed += kill_provers("prove_aside")
        await asyncio.wait([trying], timeout=0.005)
    refused = await trying
    assert killed, "both sets are proved by processes of their own"
    assert isinstance(refused, NotDone)
    assert refused.reason.code == "invariantNotKnown"
    # That says nothing of the policies: who asks again gets the answer.
    both = [
        house.policies.set_state(BY, "Require MFA", state) for state in (PolicyState.DISABLED, PolicyState.REPORT_ONLY)
    ]
    for again in await asyncio.gather(*both):
        assert isinstance(again, NotDone)
        assert again.reason.code == "invariantBroken"


async def test_a_removal_and_a_version_of_before_are_refused_and_overridden_alike(house: House, file: Path) -> None:
    await held(house, file)
    overriding, history = replace(BY, override="it is replaced by another today"), PolicyHistory(house.premises)
    assert not isinstance(await house.policies.set_state(overriding, "Require MFA", PolicyState.DISABLED), NotDone)
    assert not isinstance(await house.policies.set_state(BY, "Require MFA", PolicyState.ENABLED), NotDone)
    refused = (await house.policies.remove(BY, "Require MFA"), await history.restore(BY, "Require MFA", 2))
    assert [each.reason.code for each in refused if isinstance(each, NotDone)] == ["invariantBroken"] * 2
    assert not isinstance(await history.restore(overriding, "Require MFA", 2), NotDone)
    assert not isinstance(await house.policies.remove(overriding, "Require MFA"), NotDone)


async def test_a_file_that_cannot_be_read_refuses_and_says_so(house: House, file: Path, tmp_path: Path) -> None:
    await held(house, file)
    odd = tmp_path / "odd.yaml"
    odd.write_text("invariants: {")
    for each in (tmp_path / "none.yaml", odd):
        house.premises.proving = Proving(each)
        refused = await house.policies.set_state(BY, "Require MFA", PolicyState.REPORT_ONLY)
        assert isinstance(refused, NotDone)
        assert refused.reason.code == "invariantNotKnown"
        assert "the file of invariants" in dict(refused.reason.parameters)["invariants"]
    override = replace(BY, override="the file is being written")
    assert not isinstance(await house.policies.set_state(override, "Require MFA", PolicyState.REPORT_ONLY), NotDone)

"""What is proved of each publication, told to whoever made it and kept: really proved, by a process of its own."""

import asyncio

from msgspec.structs import replace

from assay.access.attempt import By, NotDone
from assay.access.import_policies import ImportOptions
from assay.access.named_locations import NamedLocations
from assay.access.policy_history import PolicyHistory
from assay.access.publications import Published, Receipt
from assay.governance.records import policies
from assay.policy import PolicyState
from assay.policy.effect import Effect
from assay.values import PolicyId
from tests.access.admin.conftest import Record
from tests.access.admin.graph import policy, source
from tests.access.admin.test_policies import administered
from tests.access.house import BY, NOW, House
from tests.access.provers import kill_provers

MFA = "11111111-1111-4111-8111-111111111111"


def asking() -> tuple[By, Receipt]:
    """Somebody who waits for what is proved."""
    receipt = Receipt()
    return replace(BY, receipt=receipt), receipt


async def told(receipt: Receipt) -> Published:
    found = await receipt.within(60)
    assert found is not None
    return found


async def imported(house: House, *policies: object) -> Published:
    by, receipt = asking()
    assert not isinstance(await house.policies.import_files(by, (source([*policies]),), ImportOptions()), NotDone)
    return await told(receipt)


async def switched(house: House, state: PolicyState) -> Published:
    by, receipt = asking()
    house.clock.advance(seconds=60)
    assert not isinstance(await house.policies.set_state(by, "Require MFA", state), NotDone)
    return await told(receipt)


async def test_a_change_whose_proof_fails_is_made_and_said_to_be() -> None:
    async def failing() -> Published:
        raise RuntimeError("no answer")

    made = Published(at=NOW, effect=Effect.BEING_PROVED, replaced="", policy_set_hash="", versions={}, proofs=())
    receipt = Receipt()
    receipt.tell(made, asyncio.create_task(failing()))
    assert await receipt.within(20) is made


async def test_each_publication_says_what_was_proved_of_it_and_versions_keep_it(house: House, record: Record) -> None:
    await administered(house)
    added = await imported(house, policy())
    assert added.effect is Effect.TIGHTENS, "a policy that is added lets nobody in"
    assert {(each.question, each.result) for each in added.proofs} == {
        ("lock-out", "proved"),
        ("break-glass", "notKnown"),
        ("tightening", "proved"),
    }
    assert [each.why for each in added.proofs if each.question == "lock-out"] == [("for example: alice",)]
    off = await switched(house, PolicyState.DISABLED)
    assert off.effect is Effect.LOOSENS
    (tightening,) = [each for each in off.proofs if each.question == "tightening"]
    assert tightening.findings[0].policies == ("Require MFA",)
    assert tightening.findings[0].shown[0].decision == "granted"
    assert (await switched(house, PolicyState.REPORT_ONLY)).effect is Effect.UNCHANGED
    every = await house.store.read(lambda reader: policies.versions(reader, PolicyId(MFA)))
    last = await house.store.read(lambda reader: policies.versions(reader, PolicyId(MFA), newest=2))
    assert (len(every), last) == (3, every[-2:])
    events = [each.unmapped.reason for each in await record.of("policy.proved")]
    assert [dict(each.parameters) for each in events if each is not None] == [
        {"effect": "loosens"},
        {"effect": "tightens"},
    ]
    versions = await PolicyHistory(house.premises).versions("Require MFA")
    assert [each.told.effect for each in versions] == [None, Effect.LOOSENS, Effect.TIGHTENS]
    assert versions[1].told.published == off


async def test_a_place_that_is_trusted_loosens_and_says_where(house: House) -> None:
    added = await imported(house, policy(locations={"includeLocations": ["All"], "excludeLocations": ["AllTrusted"]}))
    (lock_out,) = [each for each in added.proofs if each.question == "lock-out"]
    assert (lock_out.result, lock_out.why) == ("notKnown", ("no administrator has a sign-in method yet",))
    by, receipt = asking()
    added = await NamedLocations(house.premises).add(by, name="Office", ranges=("192.0.2.0/24",), trusted=True)
    assert not isinstance(added, NotDone)
    found = await told(receipt)
    assert found.effect is Effect.LOOSENS
    assert "Office" in found.proofs[-1].findings[0].words


async def test_what_the_solver_does_not_answer_is_not_known_and_was_published_all_the_same(
    house: House, record: Record
) -> None:
    await imported(house, policy())
    by, receipt = asking()
    assert not isinstance(await house.policies.set_state(by, "Require MFA", PolicyState.DISABLED), NotDone)
    assert (await house.policies.show("Require MFA")).policy.state is PolicyState.DISABLED, "before it is proved"
    at_once = await receipt.within(0)
    assert at_once is not None
    assert at_once.effect is Effect.BEING_PROVED
    waiting, killed = asyncio.create_task(told(receipt)), 0
    while not waiting.done():
        killed += kill_provers("prove_in_process")
        await asyncio.wait([waiting], timeout=0.005)
    assert killed
    assert (await waiting).effect is Effect.NOT_KNOWN
    (event, _) = await record.of("policy.proved")
    assert b"did not answer" in bytes(event.unmapped.after)
    (version, _) = await PolicyHistory(house.premises).versions(MFA)
    assert version.told.effect is Effect.NOT_KNOWN


async def test_what_a_node_was_still_asking_when_it_stopped_is_not_known(house: House) -> None:
    await imported(house, policy())
    by, receipt = asking()
    await house.policies.remove(by, "Require MFA")
    await house.premises.publications.close()
    left = await receipt.within(60)
    assert left is not None
    assert left.effect is Effect.BEING_PROVED
    (version, _) = await PolicyHistory(house.premises).versions(MFA)
    assert version.told.effect is Effect.NOT_KNOWN

"""A rollout is found by every name that its policy has in some stage of it, and by ids where names are not enough."""

import pytest

from assay.access.roll_out import Draft, RollOuts, Wish
from assay.governance.rollouts import Stage
from assay.values import ConflictError, NotFoundError
from tests.access.admin.graph import block, policy, source
from tests.access.house import BY, House
from tests.access.rolling import imported, took


async def test_a_text_with_another_name_is_found_by_either_in_every_stage(house: House, roll_outs: RollOuts) -> None:
    """What is printed says the old name: whoever types that must not be told that there is none, and lose the step."""
    await imported(house, policy(name="Old"))
    took(await roll_outs.start(BY, Draft(of="Old", file=source(block()))))
    for stage in (Stage.REPORT_ONLY, Stage.ON):
        for name in ("Old", "block", "Block (rollout)"):
            shown = (await roll_outs.show(name)).rollout
            assert shown is not None, name
            assert shown.step.stage is stage
        await roll_outs.advance(BY, "Old", Wish())
    assert took(await roll_outs.confirm(BY, "Old")).rollout is None


async def test_a_name_that_reads_like_an_id_stands_for_nothing_with_that_id(house: House, roll_outs: RollOuts) -> None:
    """Else whoever may name policies has what is confirmed of one by its id confirmed of theirs, or neither."""
    (mine, theirs), mark = (f"44444444-4444-4444-8444-44444444444{each}" for each in (4, 5)), " with a space "
    took(await roll_outs.start(BY, Draft(file=source(policy(mine, mark)))))
    took(await roll_outs.start(BY, Draft(file=source(policy(theirs, mine)))))
    assert (await roll_outs.show(mine)).policy_id == mine
    assert (await roll_outs.show(mark)).policy_id == mine, "as it is typed and as it is stored"
    took(await roll_outs.back(BY, mine))
    assert (await roll_outs.show(mine)).policy_id == theirs, "there is no other by now"
    await imported(house, policy(mine, mark))
    assert (await house.policies.show("WITH a space")).policy.id == mine
    with pytest.raises(NotFoundError):
        await roll_outs.show(mine)


async def test_a_name_of_several_rollouts_is_none(house: House, roll_outs: RollOuts) -> None:
    for policy_id in ("44444444-4444-4444-8444-444444444444", "44444444-4444-4444-8444-444444444445"):
        took(await roll_outs.start(BY, Draft(file=source(policy(policy_id, "Same")))))
    with pytest.raises(ConflictError):
        await roll_outs.show("Same")
    took(await roll_outs.back(BY, "44444444-4444-4444-8444-444444444444"))
    took(await roll_outs.back(BY, "Same"))

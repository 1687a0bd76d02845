"""What a step from a cohort to everybody does to who is let in, as its answer says it: of the people there are."""

from msgspec.structs import replace

from assay.access.groups import Groups
from assay.access.publications import Receipt
from assay.access.roll_out import Draft, RollOuts, Wish
from assay.policy.effect import Effect
from tests.access.admin.graph import block, source
from tests.access.house import BY, House
from tests.access.rolling import took


async def effect_of_everyone(roll_outs: RollOuts) -> Effect | None:
    receipt = Receipt()
    took(await roll_outs.advance(replace(BY, receipt=receipt), "Block", Wish()))
    published = await receipt.within(0)
    return None if published is None else published.effect


async def test_who_is_in_the_cohort_is_judged_as_before_and_nobody_is_let_in(house: House, roll_outs: RollOuts) -> None:
    """The solver knows nobody's groups: for it somebody of the list could be in none, and be let in now."""
    groups = Groups(house.premises)
    staff = await groups.add(BY, name="Staff")
    for name in ("alice", "bob"):
        await house.people.add(BY, user_name=name)
        await groups.add_member(BY, "Staff", user=name)
    took(await roll_outs.start(BY, Draft(file=source(block(users={"includeGroups": [staff.id]})))))
    took(await roll_outs.advance(BY, "Block", Wish(group="Staff")))
    took(await roll_outs.confirm(BY, "Block"))
    assert await effect_of_everyone(roll_outs) is Effect.TIGHTENS
    took(await roll_outs.back(BY, "Block"))
    # Whoever left since is let in by the step, and that has to be found out.
    await groups.remove_member(BY, "Staff", user="alice")
    assert await effect_of_everyone(roll_outs) is Effect.BEING_PROVED
    took(await roll_outs.back(BY, "Block"))
    await house.people.remove(BY, "alice")
    assert await effect_of_everyone(roll_outs) is Effect.TIGHTENS

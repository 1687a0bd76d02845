"""Lock-out with many locations: the one place from where an administrator gets in is found among all of them."""

from assay.access.lock_out import LockOut, lock_out
from assay.policy import ConditionalAccessPolicy, NamedLocation, PolicySet, PolicyState
from assay.policy.condition_set import Applications, ConditionSet, Locations, Users
from assay.policy.definition import BuiltInControl, GrantControls, Operator
from assay.store import Reader
from assay.values import LocationId, PolicyId
from tests.access.house import BY, House

PLACES = tuple(
    NamedLocation(id=LocationId(f"place {number}"), display_name=f"{number}", ranges=(f"10.0.{number}.0/24",))
    for number in range(200)
)


def blocked(policy_id: str, user: str, places: Locations) -> ConditionalAccessPolicy:
    return ConditionalAccessPolicy(
        id=PolicyId(policy_id),
        display_name=policy_id,
        state=PolicyState.ENABLED,
        conditions=ConditionSet(
            users=Users(include_users=(user,)),
            applications=Applications(include_applications=("All",)),
            locations=places,
        ),
        grant_controls=GrantControls(operator=Operator.OR, built_in_controls=(BuiltInControl.BLOCK,)),
    )


async def test_the_one_place_from_where_somebody_gets_in_is_found(house: House) -> None:
    for name in ("owner", "other"):
        await house.person(name)
        await house.roles.assign(BY, "Global Administrator", user=name)
    other = (await house.people.show("other")).user.id
    last = PLACES[-1].id
    but_there = blocked("but there", "All", Locations(include_locations=("All",), exclude_locations=(last,)))
    there = blocked("there", other, Locations(include_locations=(last,)))
    everywhere = blocked("everywhere", "All", Locations(include_locations=(last,)))

    async def judged(*policies: ConditionalAccessPolicy) -> LockOut:
        def look(reader: Reader) -> LockOut:
            return lock_out(reader, PolicySet(), PolicySet(policies=policies, locations=PLACES), house.clock.now())

        return await house.store.read(look)

    assert (await judged(but_there)).enters == "other"
    assert (await judged(but_there, blocked("anywhere", "All", Locations(include_locations=("All",))))).refused
    assert (await judged(but_there, there)).enters == "owner"
    assert (await judged(but_there, everywhere)).refused is not None

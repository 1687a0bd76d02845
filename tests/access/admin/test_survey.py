"""What doctor asks of everybody: who is told nothing, and of whose groups apps are told not all."""

from assay.access.assertion import GROUPS_LIMIT
from assay.access.attempt import NotDone
from assay.access.survey import Survey
from assay.identities.records import groups, users
from assay.store import Transaction
from tests.access.house import BY, House
from tests.identities.people import group


async def test_people_who_are_told_less_than_they_should_be_are_named(house: House) -> None:
    made = [await house.people.add(BY, user_name=name, email=f"{name}@example.com") for name in ("ann", "bob", "eve")]
    ann, bob, _ = (each.user for each in made if not isinstance(each, NotDone))

    def as_it_became(transaction: Transaction) -> None:
        rows = users.users.update().where(users.users.c.id == bob.id)
        # A release before took it in.
        transaction.connection.execute(rows.values(email='"bob"@example.com'))
        for number in range(GROUPS_LIMIT + 1):
            inside = group(f"group {number}")
            groups.insert(transaction, inside)
            groups.add_member(transaction, inside.id, ann.id)
            if number < GROUPS_LIMIT:
                groups.add_member(transaction, inside.id, bob.id)

    await house.store.write(as_it_became)
    found = await Survey(house.premises).look()
    assert (found.untold, found.untold_people) == (("bob",), 1)
    assert (found.many_groups, found.many_groups_people) == (("ann",), 1)

"""What an app is told of a person's groups: at most so many, and whether there are more."""

from assay.access.assertion import GROUPS_LIMIT
from assay.identities.records import groups
from assay.store import Transaction
from tests.access.house import House
from tests.identities.people import group


async def test_who_is_in_more_groups_than_fit_is_said_to_be(house: House) -> None:
    alice = await house.person("alice")
    await alice.sign_in()
    wiki = await house.app("wiki", assigned=["alice"])
    user_id = await alice.user_id()

    async def join(*names: str) -> dict[str, object]:
        def act(transaction: Transaction) -> None:
            for name in names:
                made = group(name)
                groups.insert(transaction, made)
                groups.add_member(transaction, made.id, user_id)

        await house.store.write(act)
        return house.claims(await alice.open(wiki))

    names = [f"group {number:03}" for number in range(GROUPS_LIMIT)]
    just_fit = await join(*names)
    assert just_fit["groups"] == names
    assert "hasgroups" not in just_fit
    cut = await join("administrators")
    assert cut["groups"] == ["administrators", *names[:-1]]
    assert cut["hasgroups"] is True

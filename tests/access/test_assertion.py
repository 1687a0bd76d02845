"""What an app is told of a person's groups: at most so many, and whether there are more."""

from collections.abc import Sequence

import pytest

from assay.access.assertion import GROUPS_BYTES_LIMIT, GROUPS_LIMIT, groups_that_fit
from assay.access.exchange import Allow
from assay.identities.groups import MAX_NAME
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


@pytest.mark.parametrize(
    ("names", "fit"),
    [
        ((), 0),
        (["x"] * GROUPS_LIMIT, GROUPS_LIMIT),
        (["x"] * (GROUPS_LIMIT + 1), GROUPS_LIMIT),
        (["x" * 253] * 16, 16),
        (["x" * 253] * 17, 16),
        (["\N{SNOWMAN}" * 100] * 14, 13),
        (["x" * GROUPS_BYTES_LIMIT, "x"], 0),
    ],
)
def test_groups_are_said_by_number_and_by_size(names: Sequence[str], fit: int) -> None:
    assert groups_that_fit(names) == tuple(names[:fit])


async def test_the_longest_names_leave_the_assertion_below_what_servers_read_of_a_header(house: House) -> None:
    alice = await house.person("alice")
    await alice.sign_in()
    wiki = await house.app("wiki", assigned=["alice"])
    user_id = await alice.user_id()

    long = "\N{SNOWMAN}" * (MAX_NAME - 4)

    def join(transaction: Transaction) -> None:
        for number in range(GROUPS_LIMIT):
            made = group(f"{number:03} {long}")
            groups.insert(transaction, made)
            groups.add_member(transaction, made.id, user_id)

    await house.store.write(join)
    allowed = await alice.open(wiki)
    assert isinstance(allowed, Allow)
    assert house.claims(allowed)["hasgroups"] is True
    assert len(dict(allowed.headers)["Assay-Assertion"]) < 8_000

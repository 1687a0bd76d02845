"""The policy pack as it is shipped: all of it is read, and every group of it means a group of the company."""

import pytest

from assay.policy import import_policies
from assay.simulator.baseline import GROUPS, HELD_BACK, OTHERS, read_pack
from assay.simulator.company import plan_company
from assay.simulator.departments import EXCLUSIONS


def test_every_policy_is_read() -> None:
    sources, _ = read_pack()
    found = import_policies(sources)
    assert (len(found.policies), len(found.locations)) == (36, 3)
    assert (found.malformed, found.ignored) == ((), ())


def test_every_group_of_the_pack_means_a_group_of_the_company() -> None:
    sources, mapping = read_pack()
    mapped, groups = dict(mapping), {group.name for group in plan_company(1).groups}
    assert {*GROUPS.values(), EXCLUSIONS} <= groups
    for imported in import_policies(sources).policies:
        users = imported.policy.conditions.users
        for group in (*users.include_groups, *users.exclude_groups):
            assert mapped[group] in groups, imported.policy.display_name


@pytest.mark.parametrize("number", sorted(HELD_BACK))
def test_what_is_held_back_is_in_the_pack(number: str) -> None:
    names = [imported.policy.display_name for imported in import_policies(read_pack()[0]).policies]
    assert any(name.startswith(f"{number}-") for name in names)


def test_what_is_mapped_beside_groups_is_named_by_a_policy() -> None:
    text = b"".join(source.content.replace(b"\0", b"") for source in read_pack()[0]).decode("latin-1")
    assert [old for old, _ in OTHERS if old not in text] == []

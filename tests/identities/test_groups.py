"""Groups in groups: the rules, and the same by the database."""

import asyncio
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.identities.groups import MAX_DEPTH, canonical_group_name, group_refusal, nesting_refusal, transitive_groups
from assay.identities.records import groups
from assay.store import Change, Store, Topic
from assay.values import ConflictError, GroupId, InvalidInputError, NotFoundError, UserId
from tests.identities.people import group, stored_group, stored_person

IDS = [GroupId(letter) for letter in "abcdefgh"]
# An edge from a later to an earlier letter: whatever is drawn has no cycle.
EDGES = st.lists(
    st.tuples(st.integers(0, 7), st.integers(0, 7)).filter(lambda pair: pair[0] < pair[1]), max_size=15, unique=True
)


def parents_of(edges: list[tuple[int, int]]) -> dict[GroupId, list[GroupId]]:
    found: dict[GroupId, list[GroupId]] = {}
    for parent, child in edges:
        found.setdefault(IDS[child], []).append(IDS[parent])
    return found


def reaches(start: GroupId, goal: GroupId, parents: dict[GroupId, list[GroupId]]) -> bool:
    """The slow, obvious answer."""
    return start == goal or any(reaches(parent, goal, parents) for parent in parents.get(start, []))


def longest(start: GroupId, edges: dict[GroupId, list[GroupId]]) -> int:
    return 1 + max((longest(reached, edges) for reached in edges.get(start, [])), default=0)


@given(EDGES, st.sets(st.sampled_from(IDS)))
def test_transitive_groups_are_those_that_can_be_reached(edges: list[tuple[int, int]], direct: set[GroupId]) -> None:
    parents = parents_of(edges)
    expected = {goal for goal in IDS if any(reaches(start, goal, parents) for start in direct)}
    assert transitive_groups(direct, parents) == expected


@given(EDGES, st.sampled_from(IDS), st.sampled_from(IDS))
def test_a_nesting_is_refused_exactly_when_it_would_close_a_cycle(
    edges: list[tuple[int, int]], parent: GroupId, child: GroupId
) -> None:
    parents = parents_of(edges)
    refusal = nesting_refusal(parent, child, parents)
    assert (refusal is not None and refusal.code == "groupCycle") is reaches(parent, child, parents)


def chain(count: int, start: int = 0) -> dict[GroupId, list[GroupId]]:
    return {GroupId(f"{child}"): [GroupId(f"{parent}")] for parent, child in pairwise(range(start, start + count))}


@pytest.mark.parametrize(
    ("above", "below", "good"), [(5, 5, True), (6, 5, False), (1, 9, True), (1, 10, False), (9, 1, True)]
)
def test_nesting_ends_at_the_depth_limit(above: int, below: int, good: bool) -> None:
    parents = chain(above) | chain(below, start=100)
    refusal = nesting_refusal(GroupId(f"{above - 1}"), GroupId("100"), parents)
    assert (refusal is None) is good
    assert MAX_DEPTH == 10
    assert refusal is None or refusal.code == "groupTooDeep"


def test_a_wide_lattice_is_judged_without_walking_every_path() -> None:
    width, depth = 20, MAX_DEPTH - 1
    parents = {
        GroupId(f"{level}.{child}"): [GroupId(f"{level - 1}.{parent}") for parent in range(width)]
        for level in range(1, depth)
        for child in range(width)
    }
    assert nesting_refusal(GroupId(f"{depth - 1}.0"), GroupId("new"), parents) is None


@pytest.mark.parametrize("name", ["", "  ", "x" * 257, "staff\u202e", "a\nb"])
def test_group_names_that_are_refused(name: str) -> None:
    assert group_refusal(group(name)) is not None


@pytest.mark.parametrize(
    ("description", "good"), [("two\nlines\tand more", True), ("", True), ("nul\x00", False), ("x" * 1025, False)]
)
def test_descriptions(description: str, good: bool) -> None:
    described = msgspec.structs.replace(group("staff"), description=description)
    assert (group_refusal(described) is None) is good


def test_group_names_are_the_same_in_any_case_and_spacing() -> None:
    assert canonical_group_name(" All  STAFF") == canonical_group_name("all staff")


async def test_a_group_is_found_changed_and_removed(store: Store) -> None:
    staff = await stored_group(store, "Staff")
    assert await store.read(lambda r: groups.by_name(r, "STAFF ")) == staff
    renamed = msgspec.structs.replace(staff, name="Crew", description="everyone aboard")
    await store.write(lambda t: groups.update(t, renamed))
    assert await store.read(groups.all_groups) == (renamed,)
    with pytest.raises(ConflictError):
        await stored_group(store, "crew")
    with pytest.raises(InvalidInputError):
        await stored_group(store, "")
    await store.write(lambda t: groups.delete(t, staff.id))
    assert await store.read(lambda r: groups.get(r, staff.id)) is None
    for act in (lambda t: groups.delete(t, staff.id), lambda t: groups.update(t, renamed)):
        with pytest.raises(NotFoundError):
            await store.write(act)


async def test_membership_goes_through_groups_and_the_feed_hears_of_it(store: Store) -> None:
    ada = await stored_person(store)
    inner, middle, outer = [await stored_group(store, name) for name in ("inner", "middle", "outer")]
    heard: list[Change] = []
    store.feed.follow(lambda _reader, changes: changes, heard.extend)
    assert await store.write(lambda t: groups.add_member(t, inner.id, ada.id))
    assert not await store.write(lambda t: groups.add_member(t, inner.id, ada.id))
    assert heard == [Change(topic=Topic.GROUP, key=inner.id), Change(topic=Topic.USER, key=ada.id)]
    heard.clear()
    assert await store.write(lambda t: groups.nest(t, middle.id, inner.id)) is None
    assert await store.write(lambda t: groups.nest(t, outer.id, middle.id)) is None
    assert [change.key for change in heard] == [middle.id, inner.id, outer.id, middle.id]
    everything = frozenset({inner.id, middle.id, outer.id})
    assert await store.read(lambda r: groups.effective_groups(r, ada.id)) == everything
    assert await store.read(groups.effective_groups_of_all) == {ada.id: everything}
    assert await store.read(lambda r: groups.effective_members(r, outer.id)) == {ada.id}
    assert await store.read(lambda r: groups.direct_members(r, outer.id)) == frozenset()
    assert await store.read(lambda r: groups.child_groups(r, outer.id)) == {middle.id}

    assert await store.write(lambda t: groups.unnest(t, outer.id, middle.id))
    assert not await store.write(lambda t: groups.unnest(t, outer.id, middle.id))
    assert await store.read(lambda r: groups.effective_groups(r, ada.id)) == {inner.id, middle.id}
    heard.clear()
    await store.write(lambda t: groups.delete(t, middle.id))
    assert [change.key for change in heard] == [middle.id, inner.id]
    assert await store.read(lambda r: groups.effective_groups(r, ada.id)) == {inner.id}
    assert await store.write(lambda t: groups.remove_member(t, inner.id, ada.id))
    assert not await store.write(lambda t: groups.remove_member(t, inner.id, ada.id))
    assert await store.read(groups.effective_groups_of_all) == {}


async def test_a_cycle_is_refused_with_its_reason(store: Store) -> None:
    one, two = await stored_group(store, "one"), await stored_group(store, "two")
    assert await store.write(lambda t: groups.nest(t, one.id, two.id)) is None
    assert await store.write(lambda t: groups.nest(t, one.id, two.id)) is None
    for parent, child in ((two, one), (one, one)):
        refusal = await store.write(lambda t, parent=parent, child=child: groups.nest(t, parent.id, child.id))
        assert refusal is not None
        assert refusal.code == "groupCycle"
    assert await store.read(lambda r: groups.child_groups(r, two.id)) == frozenset()


async def test_who_or_what_does_not_exist_cannot_be_a_member(store: Store) -> None:
    staff = await stored_group(store, "staff")
    for act in (
        lambda t: groups.add_member(t, staff.id, UserId("nobody")),
        lambda t: groups.nest(t, staff.id, GroupId("nothing")),
        lambda t: groups.nest(t, GroupId("nothing"), staff.id),
    ):
        with pytest.raises(NotFoundError):
            await store.write(act)


async def test_two_nodes_cannot_close_a_cycle_together(store: Store, other_node: Store) -> None:
    for number in range(10):
        one, two = await stored_group(store, f"one {number}"), await stored_group(store, f"two {number}")
        results = await asyncio.gather(
            store.write(lambda t, one=one, two=two: groups.nest(t, one.id, two.id)),
            other_node.write(lambda t, one=one, two=two: groups.nest(t, two.id, one.id)),
        )
        assert sorted("" if result is None else result.code for result in results) == ["", "groupCycle"]


@given(EDGES)
def test_pure_and_summed_membership_agree(edges: list[tuple[int, int]]) -> None:
    parents = parents_of(edges)
    for start in IDS:
        union = frozenset().union(*(transitive_groups((above,), parents) for above in parents.get(start, [])))
        assert transitive_groups((start,), parents) == union | {start}
    assert all(longest(start, parents) <= len(IDS) for start in IDS)

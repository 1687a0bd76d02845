"""When a new key is used and when an old one may go, as a table."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from assay.access.assertion import KEYS_KEPT
from assay.access.nodes import NodeState
from assay.access.rotation_rules import (
    LEAD,
    SHORTEST_LEAD,
    assertion_lead,
    lead_of,
    master_lead,
    refuse_while_sealing,
)
from assay.store.records.nodes import Node
from assay.values import InvalidInputError
from tests.access.house import NOW

MINUTE = timedelta(minutes=1)


def node(name: str, *, seals_with: str, missed: bool = False) -> NodeState:
    made = Node(
        name=name,
        instance=name,
        version="0.1",
        started_at=NOW,
        beat_at=NOW,
        sequence=0,
        skew_milliseconds=0,
        in_rotation=True,
        says="",
        seals_with=seals_with,
    )
    return NodeState(node=made, behind=0, missed=missed)


def test_a_key_of_assertions_is_published_for_longer_than_apps_keep_the_set() -> None:
    assert KEYS_KEPT < SHORTEST_LEAD < LEAD
    assert assertion_lead(None, at_once=False) == LEAD
    assert assertion_lead(SHORTEST_LEAD, at_once=False) == SHORTEST_LEAD
    assert assertion_lead(None, at_once=True) == timedelta(0), "a theft does not wait"


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda: assertion_lead(SHORTEST_LEAD - timedelta(seconds=1), at_once=False), "--in 6m or longer, or --now"),
        (lambda: assertion_lead(LEAD, at_once=True), "use one of them"),
        (lambda: master_lead(None, at_once=False, others=("b",)), "--write-to FILE"),
        (lambda: master_lead(None, at_once=True, others=("b",)), "--write-to FILE"),
        (lambda: master_lead(timedelta(seconds=59), at_once=False, others=("b",)), "--write-to FILE"),
        (lambda: lead_of(0), "or --now"),
        (lambda: lead_of(-300), "or --now"),
        (lambda: lead_of(10**15), "closer"),
        (lambda: lead_of(30 * 86_400 + 1), "closer"),
    ],
)
def test_what_would_fail_somebody_is_refused_with_what_to_do(act: Callable[[], object], words: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        act()
    assert words in caught.value.remedy


def test_where_nobody_else_works_a_master_key_seals_at_once() -> None:
    assert master_lead(None, at_once=False, others=()) == timedelta(0)
    assert master_lead(MINUTE, at_once=False, others=("b",)) == MINUTE
    assert lead_of(30 * 86_400) == timedelta(days=30)


@pytest.mark.parametrize(
    ("nodes", "after", "words"),
    [
        ((node("a", seals_with="old"),), 0, None),
        ((node("a", seals_with="new"), node("b", seals_with="new")), 60, None),
        ((node("a", seals_with="new"), node("b", seals_with="new")), 59, "09:01:00Z"),
        ((node("a", seals_with="new"), node("b", seals_with="old")), 3_600, "give it the key file"),
        ((node("a", seals_with="new"), node("b", seals_with="")), 3_600, "give it the key file"),
        ((node("a", seals_with="new"), node("b", seals_with="new", missed=True)), 0, None),
        # It may only be cut off, and seal with the file of before when it is back.
        ((node("a", seals_with="new"), node("b", seals_with="old", missed=True)), 3_600, "--gone NAME"),
        ((node("a", seals_with="new"), node("b", seals_with="", missed=True)), 3_600, "--gone NAME"),
        ((node("a", seals_with="new"), node("dead", seals_with="old", missed=True)), 3_600, None),
        # Who says that it is there is waited for, whatever somebody says of it.
        ((node("a", seals_with="new"), node("dead", seals_with="old")), 3_600, "give it the key file"),
        ((node("dead", seals_with="old", missed=True), node("b", seals_with="old", missed=True)), 60, "--gone NAME"),
    ],
)
def test_no_master_key_goes_while_another_node_may_seal_with_it(
    nodes: tuple[NodeState, ...], after: int, words: str | None
) -> None:
    at, gone = NOW + timedelta(seconds=after), [each.node.name for each in nodes if each.node.name == "dead"]

    def ask() -> None:
        refuse_while_sealing(nodes, newest="new", seals_from=NOW, this="a", at=at, gone=gone)

    if words is None:
        ask()
        return
    with pytest.raises(InvalidInputError) as caught:
        ask()
    assert words in caught.value.remedy


def test_only_a_node_that_there_is_can_be_said_to_be_gone() -> None:
    for nodes in ((), (node("a", seals_with="new"),)):
        with pytest.raises(InvalidInputError, match="no other node named a"):
            refuse_while_sealing(nodes, newest="new", seals_from=NOW, this="a", at=NOW, gone=("a",))

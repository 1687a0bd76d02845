"""The log's two tables read side by side: each leaf with the decisions that it vouches for."""

from collections.abc import Iterable, Iterator

from assay.events.records.decisions import DecisionRow, stream_decisions
from assay.events.records.log import Leaf, stream_leaves
from assay.store import Reader
from assay.values import Value


class Logged(Value, frozen=True, kw_only=True):
    """A leaf and the decisions up to it; those of a lower batch belong to no leaf, as all do where `leaf` is None."""

    leaf: Leaf | None
    decisions: tuple[DecisionRow, ...] = ()


def stream_log(reader: Reader) -> Iterator[Logged]:
    """The whole log in order, a thousand rows in memory at a time (and one batch of decisions)."""
    return pair(stream_leaves(reader), stream_decisions(reader))


def pair(leaves: Iterable[Leaf], decisions: Iterable[DecisionRow]) -> Iterator[Logged]:
    """Each leaf with its decisions; both in order. What is left over comes last, its first row alone."""
    rows = iter(decisions)
    row = next(rows, None)
    for leaf in leaves:
        taken: list[DecisionRow] = []
        while row is not None and row.batch <= leaf.leaf_index:
            taken.append(row)
            row = next(rows, None)
        yield Logged(leaf=leaf, decisions=tuple(taken))
    if row is not None:
        yield Logged(leaf=None, decisions=(row,))
        for _ in rows:  # to the end, which closes the server's cursor
            pass

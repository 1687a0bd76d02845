"""The nodes on this database, as administrators see them."""

from datetime import datetime, timedelta
from typing import Final

from assay.access.premises import Premises
from assay.store import Reader
from assay.store.records import changes, nodes
from assay.values import Value

# Three beats of five seconds.
MISSED_AFTER: Final = timedelta(seconds=15)


class NodeState(Value, frozen=True, kw_only=True):
    """One node: `behind`, how many commits it had not taken over when it last said so; `missed`: it says nothing."""

    node: nodes.Node
    behind: int
    missed: bool


class Nodes:
    """The flow behind `assay nodes`."""

    def __init__(self, premises: Premises, *, name: str) -> None:
        self.name = name
        self._premises = premises

    async def every(self) -> tuple[NodeState, ...]:
        """All nodes, by name, this one among them."""
        # By the database's clock, as far as each node knows it: no clock of a node is held against another's.
        skew = self._premises.store.contact.skew or timedelta(0)
        return await self._premises.store.read(lambda reader: _states(reader, self._premises.now() - skew))


def _states(reader: Reader, at: datetime) -> tuple[NodeState, ...]:
    head = changes.head(reader).sequence
    return tuple(
        NodeState(
            node=node,
            behind=max(0, head - node.sequence),
            missed=at - node.beat_at + timedelta(milliseconds=node.skew_milliseconds) > MISSED_AFTER,
        )
        for node in nodes.every(reader)
    )

"""/v1/nodes."""

from typing import Final

from litestar import get
from litestar.di import NamedDependency

from assay.access.nodes import NodeState
from assay.api.flows import AdminFlows
from assay.api.shapes.nodes import NodeList, NodeShape


@get("/nodes")
async def list_nodes(flows: NamedDependency[AdminFlows]) -> NodeList:
    """The service processes on this database."""
    return NodeList(value=tuple(_node(state, flows.nodes.name) for state in await flows.nodes.every()))


ROUTES: Final = (list_nodes,)


def _node(found: NodeState, this: str) -> NodeShape:
    node = found.node
    state = "missed" if found.missed else "inRotation" if node.in_rotation else "out"
    return NodeShape(
        name=node.name,
        version=node.version,
        state=state,
        reason=node.says,
        behind=found.behind,
        skew_milliseconds=node.skew_milliseconds,
        started_date_time=node.started_at,
        last_beat_date_time=node.beat_at,
        this=node.name == this,
    )

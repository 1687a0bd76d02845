"""What doctor says of nodes, for every state that one can be in."""

from datetime import UTC, datetime

import msgspec
import pytest

from assay.api.shapes.nodes import NodeList, NodeShape
from assay.cli.doctor_findings import Severity
from assay.cli.doctor_nodes import node_findings

NOW = datetime(2026, 11, 23, tzinfo=UTC)
NODE = NodeShape(
    name="a",
    version="1",
    state="inRotation",
    reason="",
    behind=0,
    skew_milliseconds=0,
    started_date_time=NOW,
    last_beat_date_time=NOW,
    this=True,
)


@pytest.mark.parametrize(
    ("changed", "severity", "words"),
    [
        ({}, Severity.GOOD, "in rotation"),
        ({"state": "missed"}, Severity.WARNING, "last heard of"),
        ({"state": "out", "reason": "nodeClock"}, Severity.ERROR, "clock"),
        ({"state": "out", "reason": "nodeReplaced"}, Severity.ERROR, "same name"),
        ({"state": "out", "reason": "somethingNew"}, Severity.ERROR, "somethingNew"),
        ({"skew_milliseconds": -20_000}, Severity.WARNING, "-20 s"),
        ({"behind": 5_000}, Severity.WARNING, "5000 changes"),
    ],
)
def test_a_node(changed: dict[str, object], severity: Severity, words: str) -> None:
    (finding,) = node_findings(NodeList(value=(msgspec.structs.replace(NODE, **changed),)))
    assert finding.severity is severity
    assert words in finding.message
    assert finding.fix or severity is Severity.GOOD

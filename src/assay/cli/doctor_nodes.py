"""What doctor makes of the nodes on one database, and of a database that does not answer."""

from collections.abc import Iterator
from typing import Final

from assay.api.shapes.installation import InstallationShape
from assay.api.shapes.nodes import NodeList, NodeShape
from assay.cli.doctor_findings import Finding, Severity, good

# Half of what takes a node out of rotation.
SKEW_MILLISECONDS: Final = 15_000
# A node is told of a change within milliseconds, and looks every second by itself.
BEHIND: Final = 1_000

_WORDS: Final = {
    "nodeClock": ("its clock is more than 30 s from the database's", "set its clock, and keep it by NTP"),
    "nodeReplaced": (
        "another process runs under the same name",
        "stop one of them, or give each its own name under [node] in assay.toml",
    ),
    "otherRelease": (
        "the database is of a release that this node may not work beside",
        "stop it, and start it with the release of the others",
    ),
    "historyLost": ("it ends all sessions, because the database lost commits", "wait; see docs/nodes.md"),
}


def outage_finding(here: InstallationShape) -> Finding:
    """The database is gone, or another release's: what goes on, and on what."""
    if here.other_release:
        _, fix = _WORDS["otherRelease"]
        return Finding(check="database", severity=Severity.ERROR, message=f"{here.outage}; nothing is granted", fix=fix)
    since = "" if here.known_at is None else f"; decisions are made on what was known at {here.known_at:%H:%M:%SZ}"
    return Finding(
        check="database",
        severity=Severity.ERROR,
        message=f"{here.outage}; nobody can sign in{since}",
        fix="start the database, or mend the way to it; the service goes on by itself",
    )


def node_findings(nodes: NodeList) -> Iterator[Finding]:
    """Each node: whether it is there and in rotation, how its clock goes, whether it keeps up."""
    for node in nodes.value:
        yield _node(node)


def _node(node: NodeShape) -> Finding:
    check = f"node {node.name}"
    if node.state == "missed":
        return Finding(
            check=check,
            severity=Severity.WARNING,
            message=f"it was last heard of {node.last_beat_date_time:%Y-%m-%d %H:%M:%SZ}",
            fix="start it again, or let it be: it is forgotten after a week",
        )
    if node.reason:
        message, fix = _WORDS.get(node.reason, (node.reason, "see its log"))
        return Finding(check=check, severity=Severity.ERROR, message=f"out of rotation: {message}", fix=fix)
    if abs(node.skew_milliseconds) > SKEW_MILLISECONDS:
        message = f"its clock is {node.skew_milliseconds / 1_000:+.0f} s from the database's"
        return Finding(check=check, severity=Severity.WARNING, message=message, fix="keep all clocks by NTP")
    if node.behind > BEHIND:
        message = f"it is {node.behind} changes behind"
        return Finding(check=check, severity=Severity.WARNING, message=message, fix="look at its load and its log")
    return good(check, "in rotation")

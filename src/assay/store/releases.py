"""Which releases may work on one database at the same time, so that nodes can be upgraded one after another.

A release is known by its newest schema. A migration that only adds, so that the code of an earlier schema goes on
working beside it, says so: `works_from = "0016"`, the oldest schema whose code may. One that says nothing ends that:
no node of an earlier schema may be running, and one that was cut off meanwhile serves nothing when it comes back.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Final

from sqlalchemy import Connection, inspect, text

from assay.store.errors import StoreUnavailableError
from assay.values import AssayError, Value

# As in `assay nodes list`: three beats of five seconds.
ALIVE: Final = timedelta(seconds=15)
_RUNNING: Final = (
    "SELECT name, {schema}, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint"
    " - (beat_at - skew_milliseconds * 1000) FROM node ORDER BY name"
)


class RunningNode(Value, frozen=True, kw_only=True):
    """A node as it last said of itself, `ago`; `schema`: its release's, "" for one before it was said."""

    name: str
    schema: str
    ago: timedelta


class OtherReleaseError(StoreUnavailableError):
    """The database is of a release that this one may not work beside."""


class NodesRunningError(AssayError):
    """Nodes of an earlier release still work on the database."""


def may_work(ours: str, *, schema: str, oldest: str | None) -> bool:
    """Whether the release of schema `ours` may work on a database with this schema and this floor."""
    return ours == schema or (ours < schema and oldest is not None and oldest <= ours)


def floor(steps: Iterable[str], works_from: Mapping[str, str], before: str | None) -> str | None:
    """The oldest release that may work after these steps; `before`: that of the database as it was."""
    return max((*(works_from.get(step, step) for step in steps), *(() if before is None else (before,))), default=None)


def refuse_running(running: Sequence[RunningNode], oldest: str) -> None:
    """Raises NodesRunningError where one of these still works with the code of a release that may not go on."""
    for node in running:
        if node.schema < oldest and node.ago < ALIVE:
            raise NodesRunningError(
                f"node {node.name} of an earlier release works on this database (heard of {node.ago.seconds} s ago)",
                remedy="stop every node of the earlier release first; one that was killed is not waited for after 15 s",
            )


def running_nodes(connection: Connection) -> tuple[RunningNode, ...]:
    """The nodes of a PostgreSQL database, whatever its schema; how long ago is by the database's clock."""
    found = inspect(connection)
    if not found.has_table("node"):
        return ()
    said = any(column["name"] == "schema" for column in found.get_columns("node"))
    rows = connection.execute(text(_RUNNING.format(schema="schema" if said else "''")))
    return tuple(
        RunningNode(name=name, schema=schema, ago=max(timedelta(0), timedelta(microseconds=ago)))
        for name, schema, ago in rows
    )


def other_release(schema: str) -> OtherReleaseError:
    """What a node says that finds the database changed under it."""
    return OtherReleaseError(
        f"the database has schema {schema}, which this release may not work on",
        remedy="stop this node, and start it with the release of the others",
    )

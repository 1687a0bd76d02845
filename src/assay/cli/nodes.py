"""`assay nodes`: the service processes on one database."""

import click

from assay.api.shapes.nodes import NodeList
from assay.cli.client import Client
from assay.cli.options import talks_to_service
from assay.cli.output import Output, when


@click.group()
def nodes() -> None:
    """See the nodes that share the database."""


@nodes.command("list")
@talks_to_service
def list_nodes(client: Client, output: Output) -> None:
    """List nodes: whether each is in rotation, when it was last heard of, how far behind it was, how its clock goes."""
    found, raw = client.get("/nodes", NodeList)
    output.table(
        raw,
        ("NODE", "STATE", "LAST HEARD OF", "BEHIND", "CLOCK", "VERSION", "SINCE"),
        (
            (
                f"{each.name} (this)" if each.this else each.name,
                f"{each.state} ({each.reason})" if each.reason else each.state,
                when(each.last_beat_date_time),
                str(each.behind),
                f"{each.skew_milliseconds / 1_000:+.1f} s",
                each.version,
                when(each.started_date_time),
            )
            for each in found.value
        ),
        empty="no node has said that it is there",
    )

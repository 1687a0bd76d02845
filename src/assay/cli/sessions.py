"""`assay sessions`: see who is signed in, and end it."""

import click

from assay.api.shapes.sessions import RevocationShape, Revoke, SessionList
from assay.cli import elsewhere
from assay.cli.client import Client
from assay.cli.options import talks_to_either, talks_to_service
from assay.cli.output import Output, when
from assay.cli.told_cut import tell_cut


@click.group()
def sessions() -> None:
    """See who is signed in, and end it."""


@sessions.command("list")
@click.option("--user", help="Only this person's.")
@talks_to_service
def list_sessions(client: Client, output: Output, user: str | None) -> None:
    """List sessions that are alive, newest first."""
    found, raw = client.get("/sessions", SessionList, user=user)
    output.table(
        raw,
        ("USER", "STARTED", "LAST SEEN", "ADDRESS", "METHODS", "LEVEL", "ID"),
        (
            (
                each.user,
                when(each.started_date_time),
                when(each.last_seen_date_time),
                each.address,
                "+".join(each.methods),
                each.acr.upper(),
                each.id,
            )
            for each in found.value
        ),
        empty="nobody is signed in",
    )


@sessions.command("revoke")
@click.argument("session", required=False)
@click.option("--user", help="End every session of this person.")
@click.option("--all", "everybody", is_flag=True, help="End every session there is.")
@talks_to_either(elsewhere.revoke)
def revoke(client: Client, output: Output, session: str | None, user: str | None, everybody: bool) -> None:
    """End SESSION, or all of a person, or all; return when what was open is cut."""
    body = Revoke(session=session, user=user, all=everybody)
    done, raw = client.post("/sessions/revoke", RevocationShape, body)
    tell_cut(
        output,
        raw,
        sessions=done.sessions,
        connections_cut=done.connections_cut,
        connections_open=done.connections_open,
        milliseconds=done.milliseconds,
    )

"""`assay tokens`: secrets by which scripts use the API."""

import click

from assay.api.shapes.api_tokens import ApiTokenList, IssuedApiToken, NewApiToken, RevokedApiToken
from assay.cli.client import Client, segment
from assay.cli.durations import HOURS
from assay.cli.options import talks_to_service
from assay.cli.output import Output, when


@click.group()
def tokens() -> None:
    """Make, list and revoke secrets by which scripts use the API.

    A script sends `Authorization: Bearer assay_…` to https://api.<base>/v1.0/. It may what the one role of its token
    may, which is never Global Administrator.
    """


@tokens.command("add")
@click.argument("name")
@click.option("--role", required=True, help="The directory role whose permissions it has, such as 'Reports Reader'.")
@click.option("--expires", "hours", type=HOURS, help="How long it works: 30m, 24h, 90d (90d).")
@click.option("--location", "locations", multiple=True, help="A named location it works from; again. Without: all.")
@talks_to_service
def add(client: Client, output: Output, name: str, role: str, hours: float | None, locations: tuple[str, ...]) -> None:
    """Make a token called NAME; its secret is printed this once."""
    body = NewApiToken(name=name, role=role, lifetime_hours=hours, locations=locations)
    made, raw = client.post("/tokens", IssuedApiToken, body)
    output.said(raw, made.secret, f"{made.name}, {made.role}, until {when(made.expires_date_time)}; shown this once")


@tokens.command("list")
@talks_to_service
def list_tokens(client: Client, output: Output) -> None:
    """List tokens, those that died in the last weeks too; never their secrets."""
    found, raw = client.get("/tokens", ApiTokenList)
    output.table(
        raw,
        ("TOKEN", "ROLE", "STATE", "EXPIRES", "LAST USED", "FROM", "ID"),
        (
            (
                each.name,
                each.role,
                each.state,
                when(each.expires_date_time),
                when(each.last_used_date_time) or "never",
                ", ".join(each.locations) or "everywhere",
                each.id,
            )
            for each in found.value
        ),
        empty="no tokens; make one with: assay tokens add reports --role 'Reports Reader'",
    )


@tokens.command("revoke")
@click.argument("name")
@talks_to_service
def revoke(client: Client, output: Output, name: str) -> None:
    """Make a token (by name or id) worthless now, and cut what is open by it."""
    gone, raw = client.delete(f"/tokens/{segment(name)}", RevokedApiToken)
    stuck = f"; {gone.still_open} COULD NOT BE CUT, see assay doctor" if gone.still_open else ""
    output.said(raw, f"{gone.name} opens nothing more", f"connections cut: {gone.cut}{stuck}")

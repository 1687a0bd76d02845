"""`assay apps credentials`: secrets of programs that use one app."""

import click

from assay.api.shapes.app_access import (
    AppCredentialList,
    AppCredentialShape,
    IssuedCredential,
    NewAppCredential,
    RevokedCredentialShape,
    Rotation,
)
from assay.cli.client import Client, segment
from assay.cli.durations import HOURS
from assay.cli.options import talks_to_service
from assay.cli.output import Output, when


@click.group()
def credentials() -> None:
    """Make, list, rotate and revoke secrets by which programs use one app.

    A program sends `Authorization: Bearer assay_…`; the app never sees it.
    """


@credentials.command("add")
@click.argument("app")
@click.option("--name", required=True, help="What it is for, such as ci.")
@click.option("--expires", "hours", type=HOURS, help="How long it works: 30m, 24h, 90d (90d).")
@click.option("--methods", multiple=True, help="An HTTP method it may use; again for each. Without: all.")
@click.option("--paths", multiple=True, help="A path, or a prefix that ends in a slash; again for each. Without: all.")
@click.option("--location", "locations", multiple=True, help="A named location it works from; again. Without: all.")
@talks_to_service
def add(
    client: Client,
    output: Output,
    app: str,
    name: str,
    hours: float | None,
    methods: tuple[str, ...],
    paths: tuple[str, ...],
    locations: tuple[str, ...],
) -> None:
    """Make a credential of a service for APP; its secret is printed this once."""
    body = NewAppCredential(
        name=name, lifetime_hours=hours, methods=_listed(methods), paths=_listed(paths), locations=locations
    )
    made, raw = client.post(f"/apps/{segment(app)}/credentials", IssuedCredential, body)
    output.said(raw, made.secret, f"{made.name} for {made.app}, until {when(made.expires_date_time)}; shown this once")


@credentials.command("list")
@click.argument("app")
@talks_to_service
def list_credentials(client: Client, output: Output, app: str) -> None:
    """List the credentials of APP, those that died in the last weeks too; never their secrets."""
    found, raw = client.get(f"/apps/{segment(app)}/credentials", AppCredentialList)
    output.table(
        raw,
        ("CREDENTIAL", "STATE", "EXPIRES", "LAST USED", "MAY", "ID"),
        (
            (
                each.name,
                each.state,
                when(each.expires_date_time),
                when(each.last_used_date_time) or "never",
                _restrictions(each),
                each.id,
            )
            for each in found.value
        ),
        empty=f"no credentials; make one with: assay apps credentials add {app} --name ci",
    )


@credentials.command("rotate")
@click.argument("app")
@click.argument("name")
@click.option("--expires", "hours", type=HOURS, help="How long the new secret works (90d).")
@talks_to_service
def rotate(client: Client, output: Output, app: str, name: str, hours: float | None) -> None:
    """Put a new secret in the place of the old one, which is dead at once with what is open by it."""
    path = f"/apps/{segment(app)}/credentials/{segment(name)}/rotate"
    made, raw = client.post(path, IssuedCredential, Rotation(lifetime_hours=hours))
    output.said(
        raw,
        made.secret,
        f"{made.name} for {made.app}, until {when(made.expires_date_time)}; the old secret is dead",
        _cut(made.cut, made.still_open),
    )


@credentials.command("revoke")
@click.argument("app")
@click.argument("name")
@talks_to_service
def revoke(client: Client, output: Output, app: str, name: str) -> None:
    """Make a credential (by name or id) worthless now, and cut what is open by it."""
    gone, raw = client.delete(f"/apps/{segment(app)}/credentials/{segment(name)}", RevokedCredentialShape)
    output.said(raw, f"{gone.name} opens {gone.app} no more", _cut(gone.cut, gone.still_open))


def _cut(count: int, still_open: int) -> str:
    stuck = f"; {still_open} COULD NOT BE CUT, see assay doctor" if still_open else ""
    return f"connections cut: {count}{stuck}"


def _listed(values: tuple[str, ...]) -> tuple[str, ...]:
    """Given again and again, or once with commas."""
    return tuple(part.strip() for value in values for part in value.split(",") if part.strip())


def _restrictions(shape: AppCredentialShape) -> str:
    parts = (
        ",".join(shape.methods) if shape.methods is not None else "",
        " ".join(shape.paths) if shape.paths is not None else "",
        f"from {', '.join(shape.locations)}" if shape.locations else "",
    )
    return " ".join(filter(None, parts)) or "everything"

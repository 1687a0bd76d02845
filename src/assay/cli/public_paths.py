"""`assay apps public-paths`: where an app answers anybody."""

import click

from assay.api.shapes.app_access import (
    ClosedPathShape,
    NewPublicPath,
    PublicPathChange,
    PublicPathList,
    PublicPathShape,
)
from assay.cli.client import Client, segment
from assay.cli.durations import HOURS
from assay.cli.options import talks_to_service
from assay.cli.output import Output, when

EVERYTHING = "/ is the whole app: nobody needs to sign in for any page that these methods reach"


@click.group("public-paths")
def public_paths() -> None:
    """Open paths of an app to everybody, as nobody: no assertion, none of our cookies, every request in the log."""


@public_paths.command("add")
@click.argument("app")
@click.argument("path")
@click.option("--name", required=True, help="What it is, such as assets.")
@click.option("--reason", required=True, help="Why everybody may.")
@click.option("--method", "methods", multiple=True, help="An HTTP method; again for each. Without: GET and HEAD.")
@click.option("--expires", "hours", type=HOURS, help="How long: 30m, 24h, 7d. Without: until it is removed.")
@talks_to_service
def add(
    client: Client,
    output: Output,
    app: str,
    path: str,
    name: str,
    reason: str,
    methods: tuple[str, ...],
    hours: float | None,
) -> None:
    """Open PATH of APP to everybody: one path (/health), or all below a prefix that ends in a slash (/assets/)."""
    body = NewPublicPath(name=name, path=path, reason=reason, methods=methods, lifetime_hours=hours)
    added, raw = client.post(f"/apps/{segment(app)}/publicPaths", PublicPathShape, body)
    _said(output, raw, added)


@public_paths.command("list")
@click.argument("app")
@talks_to_service
def list_public_paths(client: Client, output: Output, app: str) -> None:
    """List the public paths of APP with who opened them, and why."""
    found, raw = client.get(f"/apps/{segment(app)}/publicPaths", PublicPathList)
    output.table(
        raw,
        ("NAME", "PATH", "METHODS", "VERSION", "UNTIL", "OPENED BY", "REASON", "ID"),
        (
            (
                each.name,
                each.path,
                ",".join(each.methods),
                str(each.version),
                _until(each),
                f"{each.modified_by}, {when(each.modified_date_time)}",
                each.reason,
                each.id,
            )
            for each in found.value
        ),
        empty="no public paths: everybody signs in",
    )


@public_paths.command("edit")
@click.argument("app")
@click.argument("name")
@click.option("--path", help="The path or prefix in place of the old one.")
@click.option("--reason", required=True, help="Why it is changed.")
@click.option("--method", "methods", multiple=True, help="Methods in place of those there are; again for each.")
@click.option("--expires", "hours", type=HOURS, help="How long from now.")
@talks_to_service
def edit(
    client: Client,
    output: Output,
    app: str,
    name: str,
    path: str | None,
    reason: str,
    methods: tuple[str, ...],
    hours: float | None,
) -> None:
    """Make a new version of a public path (by name or id); what is open under the old one is cut."""
    body = PublicPathChange(reason=reason, path=path, methods=methods, lifetime_hours=hours)
    url = f"/apps/{segment(app)}/publicPaths/{segment(name)}"
    edited, raw = client.patch(url, PublicPathShape, body)
    _said(output, raw, edited)


@public_paths.command("remove")
@click.argument("app")
@click.argument("name")
@talks_to_service
def remove(client: Client, output: Output, app: str, name: str) -> None:
    """Close a public path (by name or id), and cut what is open by it."""
    gone, raw = client.delete(f"/apps/{segment(app)}/publicPaths/{segment(name)}", ClosedPathShape)
    output.said(raw, f"{gone.path} is public no more", f"connections cut: {gone.cut}")


def _said(output: Output, raw: bytes, path: PublicPathShape) -> None:
    warning = (f"WARNING: {EVERYTHING}",) if path.path == "/" else ()
    output.said(
        raw, f"{path.path} is public for {', '.join(path.methods)}, version {path.version}, {_until(path)}", *warning
    )


def _until(path: PublicPathShape) -> str:
    if path.expires_date_time is None:
        return "until it is removed"
    return f"{'expired' if path.expired else 'until'} {when(path.expires_date_time)}"

"""`assay apps`: put apps behind the gateway, and say who may use them."""

import click

from assay.api.shapes.apps import AppChange, AppList, AppShape, AssignmentShape, NewApp, RemovedApp
from assay.api.shapes.people import NameHolder
from assay.cli.app_credentials import credentials
from assay.cli.client import Client, segment
from assay.cli.options import talks_to_service
from assay.cli.output import Output, when
from assay.cli.public_paths import public_paths
from assay.cli.reach_words import REACH


@click.group()
def apps() -> None:
    """Put apps behind the gateway, and say who may use them.

    An app is named by its label (wiki) or id.
    """


apps.add_command(credentials)
apps.add_command(public_paths)


@apps.command("protect")
@click.argument("upstream", required=False, default="")
@click.option("--proxy", help="Instead of UPSTREAM: the proxy of yours that it stands behind (assay proxies).")
@click.option("--name", required=True, help="The label below the base domain, such as wiki.")
@click.option("--title", default="", help="The name that people read; else the label.")
@click.option("--owner", help="Who is assigned; else everybody who holds Global Administrator.")
@talks_to_service
def protect(
    client: Client, output: Output, upstream: str, proxy: str | None, name: str, title: str, owner: str | None
) -> None:
    """Put what listens at UPSTREAM (http://HOST:PORT, https://…, unix:///PATH) behind the gateway.

    Nobody but the owner may use it until somebody is assigned.
    """
    if bool(upstream) == bool(proxy):
        raise click.UsageError("name either UPSTREAM, for Assay's own gateway, or --proxy NAME, for a proxy of yours")
    new = NewApp(upstream=upstream, name=name, display_name=title, owner=owner, proxy=proxy)
    app, raw = client.post("/apps", AppShape, new)
    assigned = ", ".join(holder.name for holder in app.assigned) or "nobody yet: assay apps assign"
    output.said(raw, app.url, f"assigned: {assigned}", f"around the gateway: {REACH.get(app.reach, app.reach)}")


@apps.command("list")
@talks_to_service
def list_apps(client: Client, output: Output) -> None:
    """List every app."""
    found, raw = client.get("/apps", AppList)
    output.table(
        raw,
        ("APP", "URL", "UPSTREAM", "AROUND THE GATEWAY", "ASSIGNED"),
        ((app.name, app.url, _where(app), app.reach, str(len(app.assigned))) for app in found.value),
        empty="no apps; protect one with: assay apps protect http://127.0.0.1:3000 --name wiki",
    )


@apps.command("show")
@click.argument("name")
@talks_to_service
def show(client: Client, output: Output, name: str) -> None:
    """Show one app with who is assigned."""
    app, raw = client.get(f"/apps/{segment(name)}", AppShape)
    output.facts(raw, _facts(app))


@apps.command("edit")
@click.argument("name")
@click.option("--upstream", help="Where it listens now.")
@click.option("--title", help="A new name that people read.")
@talks_to_service
def edit(client: Client, output: Output, name: str, upstream: str | None, title: str | None) -> None:
    """Move an app to another upstream, or give it another title."""
    app, raw = client.patch(f"/apps/{segment(name)}", AppShape, AppChange(upstream=upstream, display_name=title))
    output.facts(raw, _facts(app))


@apps.command("origins")
@click.argument("name")
@click.option(
    "--allow", multiple=True, help="An origin whose scripts may use it, such as https://other.example; again."
)
@click.option("--remove", "disallow", multiple=True, help="An origin that may no more; again for each.")
@talks_to_service
def origins(client: Client, output: Output, name: str, allow: tuple[str, ...], disallow: tuple[str, ...]) -> None:
    """List, allow or take away origins whose scripts may use an app with the session of whoever is signed in.

    Once there is one, the gateway answers for the app's CORS. Nobody is let in by it: each request is judged.
    """
    if allow or disallow:
        change = AppChange(allow_origins=allow, disallow_origins=disallow)
        app, raw = client.patch(f"/apps/{segment(name)}", AppShape, change)
    else:
        app, raw = client.get(f"/apps/{segment(name)}", AppShape)
    output.said(raw, *(app.allowed_origins or (f"no origin but {app.name}'s own",)))


@apps.command("remove")
@click.argument("name")
@talks_to_service
def remove(client: Client, output: Output, name: str) -> None:
    """Take an app from behind the gateway, with every assignment to it."""
    app, raw = client.delete(f"/apps/{segment(name)}", RemovedApp)
    output.said(raw, f"{app.name} is not behind the gateway any more")


@apps.command("assign")
@click.argument("name")
@click.option("--user", help="The person who may use it.")
@click.option("--group", help="The group whose people may use it.")
@talks_to_service
def assign(client: Client, output: Output, name: str, user: str | None, group: str | None) -> None:
    """Let a person or a group use an app; policies say on which conditions."""
    body = NameHolder(user=user, group=group)
    made, raw = client.post(f"/apps/{segment(name)}/assignments", AssignmentShape, body)
    output.said(raw, f"{made.holder.name} may use {made.app}" + ("" if made.changed else " already"))


@apps.command("unassign")
@click.argument("name")
@click.option("--user", help="The person who loses it.")
@click.option("--group", help="The group whose people lose it.")
@talks_to_service
def unassign(client: Client, output: Output, name: str, user: str | None, group: str | None) -> None:
    """Take an app from a person or a group; what they have open is cut."""
    body = NameHolder(user=user, group=group)
    taken, raw = client.post(f"/apps/{segment(name)}/assignments/remove", AssignmentShape, body)
    output.said(raw, f"{taken.holder.name} is not assigned to {taken.app}" + (" any more" if taken.changed else ""))


def _facts(app: AppShape) -> tuple[tuple[str, str], ...]:
    return (
        ("app", app.name),
        ("title", app.display_name),
        ("url", app.url),
        ("upstream", _where(app)),
        ("around the gateway", REACH.get(app.reach, app.reach)),
        ("assigned", ", ".join(f"{holder.kind} {holder.name}" for holder in app.assigned) or "nobody"),
        ("allowed origins", ", ".join(app.allowed_origins)),
        ("protected since", when(app.created_date_time)),
        ("id", app.id),
    )


def _where(app: AppShape) -> str:
    return f"proxy {app.proxy} ({app.proxy_kind})" if app.proxy else app.upstream

"""`assay proxies`: let nginx, Traefik, Caddy, HAProxy or an Envoy of yours ask before each request."""

import click

from assay.api.shapes.proxies import IssuedProxy, NewProxyShape, ProxyList, RemovedProxy
from assay.apps.proxies import ProxyKind
from assay.cli.client import Client, segment
from assay.cli.options import talks_to_service
from assay.cli.output import Output, when


@click.group()
def proxies() -> None:
    """Let proxies of yours (nginx, Traefik, Caddy, HAProxy, Envoy) ask before each request.

    A proxy shows its secret with each question and is believed on the apps behind it: assay apps protect --proxy.
    """


@proxies.command("add")
@click.argument("name")
@click.option(
    "--kind", type=click.Choice([kind.value for kind in ProxyKind]), help="The program; without it, the name says it."
)
@talks_to_service
def add(client: Client, output: Output, name: str, kind: str | None) -> None:
    """Believe a proxy; its secret is printed this once."""
    made, raw = client.post("/proxies", IssuedProxy, NewProxyShape(name=name, kind=kind or ""))
    output.said(
        raw,
        made.secret,
        f"{made.name}, {made.kind}; shown this once. Its configuration: docs/forward-auth.md",
        f"then, for each app behind it: assay apps protect --proxy {made.name} --name wiki",
    )


@proxies.command("list")
@talks_to_service
def list_proxies(client: Client, output: Output) -> None:
    """List proxies and the apps behind them; never their secrets."""
    found, raw = client.get("/proxies", ProxyList)
    output.table(
        raw,
        ("PROXY", "KIND", "APPS", "SECRET SINCE", "ID"),
        (
            (
                each.name,
                each.kind,
                ", ".join(each.apps) or "none",
                when(each.rotated_date_time or each.created_date_time),
                each.id,
            )
            for each in found.value
        ),
        empty="no proxies; add one with: assay proxies add nginx",
    )


@proxies.command("rotate")
@click.argument("name")
@talks_to_service
def rotate(client: Client, output: Output, name: str) -> None:
    """Make a new secret; the old one is dead at once, and everybody behind the proxy waits for the new one."""
    made, raw = client.act(f"/proxies/{segment(name)}/rotate", IssuedProxy)
    output.said(raw, made.secret, f"{made.name}; shown this once. The old secret is dead")


@proxies.command("remove")
@click.argument("name")
@talks_to_service
def remove(client: Client, output: Output, name: str) -> None:
    """Believe a proxy no more; it must have no apps."""
    gone, raw = client.delete(f"/proxies/{segment(name)}", RemovedProxy)
    output.said(raw, f"{gone.name} is believed no more")

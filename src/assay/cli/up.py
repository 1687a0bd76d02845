"""`assay up`: run everything in the foreground until it is told to stop."""

import asyncio
import logging
import os
import re
import shlex
import signal
import sys
import time
from pathlib import Path

import click
import uvloop

from assay.places import default_data, places
from assay.server import Service, ServiceSettings
from assay.values import AssayError

BASE_DOMAIN = "assay.localhost"
# Host labels with dots between (RFC 1123 §2.1); browsers take no cookie for a domain of one label.
BASE = re.compile(r"(?=.{1,240}$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)+")
PORT = 8443


@click.command()
@click.option("--demo", is_flag=True, help="A simulated company to look around in; starts afresh unless --keep.")
@click.option("--keep", is_flag=True, help="With --demo: keep the company of the last time.")
@click.option("--data", type=click.Path(path_type=Path), envvar="ASSAY_DATA", help="The data directory.")
@click.option("--master-key", type=click.Path(path_type=Path), help="The master key's file, outside the data.")
@click.option("--database", default="", help="postgresql://…; SQLite in the data directory without it.")
@click.option("--base-domain", default=BASE_DOMAIN, show_default=True, help="Apps are one label below it.")
@click.option("--port", default=PORT, show_default=True, type=click.IntRange(1, 65535))
@click.option(
    "--log-level",
    type=click.Choice(("debug", "info", "warning", "error")),
    default="warning",
    show_default=True,
    help="What is printed; info tells of each commit that changed something, and when.",
)
def up(
    *,
    demo: bool,
    keep: bool,
    data: Path | None,
    master_key: Path | None,
    database: str,
    base_domain: str,
    port: int,
    log_level: str,
) -> None:
    """Run Assay in the foreground; Ctrl-C stops it."""
    # SQLite makes its files with 0644; a directory that somebody opens later must not open them too.
    os.umask(0o077)
    if demo and database:
        raise click.UsageError("the demo keeps its company in SQLite: leave out --database")
    logging.basicConfig(level=log_level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    # Envoy is asked how it does many times a second while apps change; that would drown what the log is for.
    for chatty in ("httpx", "httpcore"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    if not BASE.fullmatch(base_domain.lower()):
        raise click.UsageError(f"{base_domain!r} is no domain: use one such as example.com, with at least one dot")
    where = places(data or default_data(demo=demo), master_key=master_key)
    settings = ServiceSettings(places=where, base_domain=base_domain.lower(), port=port, database=database, demo=demo)
    try:
        uvloop.run(_demo(settings, keep=keep) if demo else _run(settings))
    except AssayError as error:
        click.echo(f"assay: {error.message}", err=True)
        if error.remedy:
            click.echo(f"       {error.remedy}", err=True)
        sys.exit(1)


async def _run(settings: ServiceSettings) -> None:
    started = time.monotonic()
    stop = _on_signals()
    service = Service(settings)
    await service.start()
    try:
        click.echo(f"Assay is up on {service.addresses.id_origin} after {time.monotonic() - started:.1f} s")
        link = await service.owner_link()
        if link is not None:
            click.echo(
                f"\nNobody can administer yet. Open this link once, within 24 hours, to become the owner:\n\n  {link}\n"
                f"\n  Closed that page too early? {_command(settings, 'users enrol owner')}\n"
            )
            click.echo(
                "Then, in a second terminal, put an app behind the gateway:\n\n"
                f"  {_command(settings, 'apps protect http://127.0.0.1:3000 --name wiki')}\n"
            )
        click.echo(f"Certificate authority, to be trusted by browsers: {service.certificates.authority}")
        click.echo("Ctrl-C stops it.")
        await stop.wait()
        click.echo("stopping …")
    finally:
        await service.stop()


def _command(settings: ServiceSettings, words: str) -> str:
    """A command as it is typed here, for this installation."""
    data = settings.places.data
    option = "" if data == default_data(demo=False) else f" --data {shlex.quote(str(data))}"
    return f"{os.environ.get('ASSAY_COMMAND', 'assay')} {words}{option}"


async def _demo(settings: ServiceSettings, *, keep: bool) -> None:
    # A service without a demo does without the simulator.
    from assay.cli.demo_up import run_demo

    await run_demo(settings, keep=keep, stop=_on_signals())


def _on_signals() -> asyncio.Event:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signal_number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(signal_number, stop.set)
    return stop

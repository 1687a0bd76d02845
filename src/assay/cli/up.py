"""`assay up`: run everything in the foreground until it is told to stop."""

import asyncio
import logging
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
PORT = 8443


@click.command()
@click.option("--demo", is_flag=True, help="A simulated company to look around in; starts afresh unless --keep.")
@click.option("--keep", is_flag=True, help="With --demo: keep the company of the last time.")
@click.option("--data", type=click.Path(path_type=Path), envvar="ASSAY_DATA", help="The data directory.")
@click.option("--master-key", type=click.Path(path_type=Path), help="The master key's file, outside the data.")
@click.option("--database", default="", help="postgresql://…; SQLite in the data directory without it.")
@click.option("--base-domain", default=BASE_DOMAIN, show_default=True, help="Apps are one label below it.")
@click.option("--port", default=PORT, show_default=True, type=click.IntRange(1, 65535))
def up(
    *, demo: bool, keep: bool, data: Path | None, master_key: Path | None, database: str, base_domain: str, port: int
) -> None:
    """Run Assay in the foreground; Ctrl-C stops it."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    where = places(data or default_data(demo=demo), master_key=master_key)
    settings = ServiceSettings(places=where, base_domain=base_domain.lower(), port=port, database=database, demo=demo)
    try:
        uvloop.run(_run(settings, keep=keep))
    except AssayError as error:
        click.echo(f"assay: {error.message}", err=True)
        if error.remedy:
            click.echo(f"       {error.remedy}", err=True)
        sys.exit(1)


async def _run(settings: ServiceSettings, *, keep: bool) -> None:
    started = time.monotonic()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signal_number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(signal_number, stop.set)
    service = Service(settings)
    await service.start()
    try:
        click.echo(f"Assay is up on {service.addresses.id_origin} after {time.monotonic() - started:.1f} s")
        link = await service.owner_link()
        if link is not None:
            click.echo(
                f"\nNobody can administer yet. Open this link once, within 24 hours, to become the owner:\n\n  {link}\n"
            )
        click.echo(f"Certificate authority (assay trust, or import it): {service.certificates.authority}")
        click.echo("Ctrl-C stops it.")
        await stop.wait()
        click.echo("stopping …")
    finally:
        await service.stop()

"""`assay up`: run everything in the foreground until it is told to stop."""

import asyncio
import contextlib
import logging
import os
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click
import uvloop

from assay.cli.garbage import not_looked_for
from assay.cli.typed import typed
from assay.cli.up_settings import Options, composed
from assay.configuration.read import read_configuration
from assay.configuration.rules import is_base_domain
from assay.configuration.sections import DEFAULT_DOMAIN, DEFAULT_PORT, Configuration
from assay.console import why_not_built
from assay.places import default_data
from assay.server.sd_notify import Supervisor
from assay.server.settings import ServiceSettings
from assay.values import AssayError

if TYPE_CHECKING:
    from assay.cli.up_protect import Wanted
    from assay.server.service import Service


@click.command()
@click.option("--demo", is_flag=True, help="A simulated company to look around in; starts afresh unless --keep.")
@click.option("--keep", is_flag=True, help="With --demo: keep the company of the last time.")
@click.option("--people", type=int, help="With --demo: how many people work there; 200 without it.")
@click.option("--days", type=int, help="With --demo: how many days they have behind them; 14 without it.")
@click.option("--config", type=click.Path(path_type=Path), help="The configuration file; options win over it.")
@click.option(
    "--data", type=click.Path(readable=False, path_type=Path), envvar="ASSAY_DATA", help="The data directory."
)
@click.option("--master-key", type=click.Path(path_type=Path), help="The master key's file, outside the data.")
@click.option("--database", help="postgresql://…; SQLite in the data directory without it.")
@click.option("--base-domain", help=f"Apps are one label below it; {DEFAULT_DOMAIN} without it.")
@click.option("--port", type=click.IntRange(1, 65535), help=f"Where the gateway listens; {DEFAULT_PORT} without it.")
@click.option("--protect", metavar="UPSTREAM", help="Put the app that listens at http://HOST:PORT behind the gateway.")
@click.option("--name", help="With --protect: the label below the base domain, such as wiki.")
@click.option("--forward-auth", metavar="ADDRESS", help="Where proxies of yours ask: 127.0.0.1:8477 or unix:///PATH.")
@click.option("--no-gateway", is_flag=True, help="Commands only, and nobody reaches anything: to mend what is broken.")
@click.option(
    "--log-level",
    type=click.Choice(("debug", "info", "warning", "error")),
    help="What is printed; info tells of each commit that changed something, and when. Without it: warning.",
)
def up(
    *,
    demo: bool,
    keep: bool,
    people: int | None,
    days: int | None,
    config: Path | None,
    data: Path | None,
    master_key: Path | None,
    database: str | None,
    base_domain: str | None,
    port: int | None,
    protect: str | None,
    name: str | None,
    forward_auth: str | None,
    no_gateway: bool,
    log_level: str | None,
) -> None:
    """Run Assay in the foreground; Ctrl-C stops it."""
    if demo and (database or config or no_gateway or protect):
        raise click.UsageError(
            "the demo keeps its company in SQLite, and to itself: "
            "leave out --database, --config, --protect and --no-gateway"
        )
    if not demo and (people is not None or days is not None):
        raise click.UsageError("only the demo has a size: --people and --days go with --demo")
    if base_domain is not None and not is_base_domain(base_domain):
        raise click.UsageError(f"{base_domain!r} is no domain: use one such as example.com, with at least one dot")
    options = Options(
        data=data,
        master_key=master_key,
        database=database,
        base_domain=base_domain,
        port=port,
        forward_auth=forward_auth,
        gateway=not no_gateway,
    )
    try:
        app = _wanted(protect, name) if protect is not None or name is not None else None
        configuration = read_configuration(config) if config is not None else Configuration()
        _log(log_level or configuration.log.level)
        settings, said = composed(configuration, options, file=config, demo=demo)
        for line in said:
            click.echo(line)
        # SQLite makes its files with 0644; a directory that somebody opens later must not open them too.
        os.umask(0o077)
        uvloop.run(_demo(settings, keep=keep, people=people, days=days) if demo else _run(settings, app))
    except AssayError as error:
        click.echo(f"assay: {typed(error.message)}", err=True)
        if error.remedy:
            click.echo(f"       {typed(error.remedy)}", err=True)
        sys.exit(1)


def _wanted(protect: str | None, name: str | None) -> "Wanted":
    from assay.cli.up_protect import wanted_app

    return wanted_app(protect, name)


def _log(level: str) -> None:
    logging.basicConfig(level=level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    # The demo's apps are asked many times a second whether they are there; that would drown what the log is for.
    for chatty in ("httpx", "httpcore"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


async def _run(settings: ServiceSettings, app: "Wanted | None") -> None:
    stop, supervisor = _on_signals(), Supervisor()
    async with contextlib.AsyncExitStack() as running:
        with not_looked_for():
            # Not above: `assay up` is named in what other commands say, and they need not wait for the whole service.
            from assay.server.service import Service

            started, service = time.monotonic(), Service(settings)
            await service.start()
            running.push_async_callback(service.stop)
            await _say_that_it_is_up(service, supervisor, app, seconds=time.monotonic() - started)
        await _serve(service, supervisor, stop)


async def _say_that_it_is_up(
    service: "Service", supervisor: Supervisor, app: "Wanted | None", *, seconds: float
) -> None:
    settings = service.settings
    if settings.gateway:
        click.echo(f"Assay is up on {service.addresses.id_origin} after {seconds:.1f} s")
    else:
        click.echo("Assay is up without its gateway: nobody reaches anything, and commands work.")
    # Before the app, because this makes the owner at the first start, who is assigned to it.
    link = await service.owner_link()
    if app is not None:
        from assay.cli.up_protect import put_behind

        for line in await put_behind(service, app):
            click.echo(typed(line))
    if link is not None:
        _say_who_can_administer(service, supervisor, link, ask_for_app=app is None)
    await _say_what_is_open(service)
    _say_where_the_console_is(service)
    if service.certificates.authority is not None:
        click.echo(f"Certificate authority: {service.certificates.authority}")
    click.echo("Ctrl-C stops it.")


def _say_where_the_console_is(service: "Service") -> None:
    missing = why_not_built()
    if missing is not None:
        remedy = "everything else works, and in a checkout ./run console tries again"
        click.echo(f"The console was not built: {missing}; {remedy}.", err=True)
    elif service.settings.gateway:
        addresses = service.addresses
        click.echo(f"The administrators' console: {addresses.origin(addresses.app_host('console'))}")


async def _say_what_is_open(service: "Service") -> None:
    emergency = await service.emergency_access()
    if any(account.passkeys == 0 for account in emergency.accounts):
        command = _command(service.settings, "break-glass list")
        click.echo(f"Emergency access is not set up yet; give both accounts hardware keys: {command}")
    if emergency.open_reviews:
        command = _command(service.settings, "break-glass reviews")
        click.echo(f"An emergency access account was used and nobody has reviewed it: {command}", err=True)


def _say_who_can_administer(service: "Service", supervisor: Supervisor, link: str, *, ask_for_app: bool) -> None:
    enrol = _command(service.settings, "users enrol owner")
    if supervisor.present:
        # What is printed now is kept in a journal that others read; the link makes whoever opens it the owner.
        click.echo(f"Nobody can administer yet. For a one-time link, run: {enrol}")
        return
    if service.certificates.authority is not None:
        # Beyond localhost, Chromium makes no passkeys on pages whose certificate was only clicked away.
        click.echo(
            "\nBrowsers warn of the certificate until this machine trusts it. In a second terminal:\n\n"
            f"  {_command(service.settings, 'trust')}"
        )
    click.echo(
        f"\nNobody can administer yet. Open this link once, within 24 hours, to become the owner:\n\n  {link}\n"
        f"\n  Closed that page too early? {enrol}\n"
    )
    if ask_for_app:
        click.echo(
            "Then, in a second terminal, put an app behind the gateway:\n\n"
            f"  {_command(service.settings, 'apps protect http://127.0.0.1:3000 --name wiki')}\n"
        )


async def _serve(service: "Service", supervisor: Supervisor, stop: asyncio.Event) -> None:
    """Until it is told to stop; SIGHUP reads again what can be read again."""
    status = f"Serving {service.addresses.id_origin}" if service.settings.gateway else "Without gateway, for commands"
    reload = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, reload.set)

    async def reload_when_asked() -> None:
        while True:
            await reload.wait()
            reload.clear()
            supervisor.reloading()
            await service.reload()
            supervisor.ready(status)

    supervisor.ready(status)
    async with asyncio.TaskGroup() as tasks:
        beside = [tasks.create_task(supervisor.pulse()), tasks.create_task(reload_when_asked())]
        await stop.wait()
        for task in beside:
            task.cancel()
    supervisor.stopping()
    click.echo("stopping …")


def _command(settings: ServiceSettings, words: str) -> str:
    """A command as it is typed here, for this installation."""
    data = settings.places.data
    return typed(f"assay {words}", data=None if data == default_data(demo=False) else data)


async def _demo(settings: ServiceSettings, *, keep: bool, people: int | None, days: int | None) -> None:
    # A service without a demo does without the simulator.
    from assay.cli.demo_up import run_demo, size_of

    await run_demo(settings, keep=keep, size=size_of(people, days), stop=_on_signals())


def _on_signals() -> asyncio.Event:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signal_number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(signal_number, stop.set)
    return stop

"""`assay up --demo`: the service with a simulated company, and how to look around in it."""

import asyncio
import contextlib
import shlex
import time
from collections.abc import Coroutine
from datetime import UTC, datetime
from pathlib import Path

import click

from assay.access.premises import Addresses
from assay.cli.demo_meanwhile import Meanwhile
from assay.cli.demo_past import QUIET, cache_of, live_past
from assay.console import why_not_built
from assay.gateway.envoy_process import refuse_busy_port
from assay.places import default_data
from assay.policy import UserKind
from assay.server.gateway_settings import gateway_settings
from assay.server.service import Service
from assay.server.settings import ServiceSettings
from assay.simulator.baseline import read_report
from assay.simulator.company import Size, plan_company
from assay.simulator.days import plan_acts
from assay.simulator.demo import SEED, Demo, Surroundings, import_summary
from assay.simulator.demo_apps import check_installed
from assay.simulator.demo_info import DemoAttack, DemoInfo, DemoPerson
from assay.simulator.opening import WHOLE, Opening, opening


async def run_demo(settings: ServiceSettings, *, keep: bool, size: Size | None, stop: asyncio.Event) -> None:
    """Start everything, say how to sign in, and run until `stop`; raises AssayError.

    `size`: the one that was asked for; without one the whole company, or at first a small one at once.
    """
    started = time.monotonic()
    check_installed()
    chosen = _chosen(settings, size)
    demo = Demo(settings.places, keep=keep, size=chosen.size)
    # Before anything that takes time: the company would have lived for nothing.
    refuse_busy_port(gateway_settings(settings, certificate=settings.places.certificates))
    async with contextlib.AsyncExitStack() as stack:
        info, meanwhile = await _until_stopped(_fill(demo, chosen, settings, stack), stop), None
        if info is not None:
            click.echo(_welcome(info, settings, seconds=time.monotonic() - started, kept=demo.kept))
            if chosen.meanwhile and demo.kept:
                _say(f"the whole company is not lived beside a demo that is kept; {_again('demo prepare')} lives it")
            elif chosen.meanwhile:
                meanwhile = await _live_meanwhile(chosen, settings, stack)
            await stop.wait()
        click.echo(stopping(None if meanwhile is None else meanwhile.lived))


def _chosen(settings: ServiceSettings, asked: Size | None) -> Opening:
    if asked is not None:
        return opening(asked, None)
    present, whole = datetime.now(UTC) - QUIET, plan_company(SEED, WHOLE)
    until = cache_of(settings, whole).until(present)
    return opening(None, None if until is None else len(plan_acts(whole, until, present)))


def stopping(lived: int | None) -> str:
    """What is said at Ctrl-C; `lived`: so many per cent of the whole company, None where it is not under way."""
    if lived is None:
        return "stopping …"
    begins = f"the whole company was {lived} % lived, and begins anew"
    return f"stopping … ({begins}; {_again('demo prepare')} lives it without a demo)"


async def _live_meanwhile(chosen: Opening, settings: ServiceSettings, stack: contextlib.AsyncExitStack) -> Meanwhile:
    """The whole company, up to now, for the next start."""
    again = "./run demo" if _in_a_clone() else "assay up --demo"
    # Where it begins, it says so itself.
    if not chosen.goes_on:
        _say("meanwhile what these people missed is lived, beside this and for the next start")
    ready = f"the whole company is there: stop this and start it again ({again}) to see it"
    meanwhile = Meanwhile(settings.base_domain, _say, ready)
    stack.push_async_callback(meanwhile.stop)
    await meanwhile.start()
    return meanwhile


async def _fill(demo: Demo, chosen: Opening, settings: ServiceSettings, stack: contextlib.AsyncExitStack) -> DemoInfo:
    past = None if demo.kept else await live_past(settings, demo.company, say=_say, goes_on=chosen.goes_on)
    _say("starting Assay")
    service = Service(settings)
    await service.start()
    stack.push_async_callback(service.stop)
    stack.push_async_callback(demo.stop)
    _say(f"starting {len(demo.company.apps)} apps")
    around = Surroundings(
        places=settings.places,
        addresses=service.addresses,
        ca_file=str(service.certificates.authority),
    )
    return await demo.start(around, past)


def size_of(people: int | None, days: int | None) -> Size | None:
    """The size that was asked for, None for none; raises InvalidInputError."""
    if people is None and days is None:
        return None
    return Size(people=WHOLE.people if people is None else people, days=WHOLE.days if days is None else days)


async def _until_stopped(work: Coroutine[None, None, DemoInfo], stop: asyncio.Event) -> DemoInfo | None:
    """What the work makes; None where Ctrl-C came first, and then the work has ended too."""
    filling, stopping = asyncio.create_task(work), asyncio.create_task(stop.wait())
    await asyncio.wait((filling, stopping), return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if not filling.done():
        filling.cancel()
        await asyncio.wait((filling,))
        return None
    return filling.result()


def _welcome(info: DemoInfo, settings: ServiceSettings, *, seconds: float, kept: bool) -> str:
    """Everything that somebody needs who has never seen Assay."""
    owner, member, data = _owner(info), _member(info), settings.places.data
    first, *_ = info.apps
    others = ", ".join(app.name for app in info.apps[1:])
    report = read_report(settings.places.import_report)
    devices = sum(len(person.devices) for person in info.people)
    return f"""
Ready after {seconds:.1f} s: {len(info.people)} accounts, {devices} devices, {len(info.apps)} apps.

  Sign in    {info.url}
  {first.name:10} {first.url}
             and in the same way: {others}
  {_console(settings)}

  A member          {member.user:10} {member.password}
  The administrator {owner.user:10} {owner.password}
  Their codes       {_command(data, "demo code", member.user)}
  Everybody         {_command(data, "demo info")}

  Policies   {"as imported: " if kept else ""}{import_summary(report)}
             in full: {_command(data, "demo policies")}
  Browser    trust this authority, or accept the warning: {info.ca_file}
             names that do not resolve are at {info.address}
{"".join(_told(attack, data) for attack in info.attacks)}
Ctrl-C stops it."""


def _console(settings: ServiceSettings) -> str:
    """Where administrators look at all of it, or why they cannot."""
    missing = why_not_built()
    if missing is not None:
        return f"Console    was not built: {missing}"
    addresses = Addresses(base=settings.base_domain, port=settings.typed_port)
    return f"Console    {addresses.origin(addresses.app_host('console'))}/"


def _told(attack: DemoAttack, data: Path) -> str:
    """One attack, and what to look at."""
    lines = [f"  Attack     {attack.since:%d %B %H:%M} UTC: {attack.title}"]
    lines += [f"             {_command(data, words)}" for words in attack.look]
    return "\n" + "\n".join(lines) + "\n"


def _command(data: Path, *words: str) -> str:
    """A command that works as it stands, in a clone as well as with Assay installed."""
    where = () if data == default_data(demo=True) else ("--data", shlex.quote(str(data)))
    return " ".join((_again(*words), *where))


def _again(*words: str) -> str:
    return " ".join(("./run assay" if _in_a_clone() else "assay", *words))


def _in_a_clone() -> bool:
    return Path("run").is_file() and Path("pyproject.toml").is_file()


def _owner(info: DemoInfo) -> DemoPerson:
    return next(person for person in info.people if "Global Administrator" in person.roles)


def _member(info: DemoInfo) -> DemoPerson:
    """Somebody without a role who may use every app."""
    return next(
        person
        for person in info.people
        if person.kind == UserKind.MEMBER and not person.roles and person.enabled and "Engineering" in person.groups
    )


def _say(line: str) -> None:
    click.echo(f"· {line}")

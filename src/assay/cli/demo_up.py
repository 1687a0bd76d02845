"""`assay up --demo`: the service with a simulated company, and how to look around in it."""

import asyncio
import contextlib
import secrets
import shlex
import time
from collections.abc import Coroutine
from pathlib import Path

import click

from assay.access.groups import Groups
from assay.access.named_locations import NamedLocations
from assay.access.people import People
from assay.access.protect_app import Apps
from assay.access.publish_policy import Policies
from assay.access.roles import Roles
from assay.gateway.reachability import reach_of
from assay.places import default_data
from assay.policy import UserKind
from assay.server.service import Service
from assay.server.settings import ServiceSettings
from assay.simulator.baseline import read_report
from assay.simulator.demo import Demo, Surroundings, import_summary
from assay.simulator.demo_info import DemoInfo, DemoPerson
from assay.simulator.flows import Flows


async def run_demo(settings: ServiceSettings, *, keep: bool, stop: asyncio.Event) -> None:
    """Start everything, say how to sign in, and run until `stop`; raises AssayError."""
    started = time.monotonic()
    demo = Demo(settings.places, keep=keep, say=_say)
    service = Service(settings, clock=demo.clock)
    _say("starting Assay")
    async with contextlib.AsyncExitStack() as stack:
        await service.start()
        stack.push_async_callback(service.stop)
        stack.push_async_callback(demo.stop)
        info = await _until_stopped(_fill(demo, service), stop)
        if info is not None:
            click.echo(_welcome(info, service, seconds=time.monotonic() - started))
            await stop.wait()
        click.echo("stopping …")


async def _fill(demo: Demo, service: Service) -> DemoInfo:
    around = Surroundings(
        places=service.settings.places,
        addresses=service.addresses,
        ca_file=str(service.certificates.authority),
    )
    link = await service.owner_link()
    return await demo.start(around, _flows(service), owner_link=link, random=secrets.token_bytes)


def _flows(service: Service) -> Flows:
    premises = service.premises
    return Flows(
        addresses=service.addresses,
        sign_in=service.entry.sign_in,
        enrol=service.entry.enrol,
        tickets=service.entry.tickets,
        check=service.check,
        people=People(premises, service.entry.guessing),
        groups=Groups(premises),
        roles=Roles(premises),
        apps=Apps(premises, look=reach_of, is_ours=service.is_ours, served=service.apps_served),
        policies=Policies(premises),
        locations=NamedLocations(premises),
    )


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


def _welcome(info: DemoInfo, service: Service, *, seconds: float) -> str:
    """Everything that somebody needs who has never seen Assay."""
    owner, member = _owner(info), _member(info)
    apps = "\n".join(f"  {app.name:10} {app.url}" for app in info.apps)
    report = read_report(service.settings.places.import_report)
    return f"""
Ready after {seconds:.1f} s: twelve people, four apps, four days of history.

  Sign in    {info.url}
{apps}

  A member          {member.user:10} {member.password}
  The administrator {owner.user:10} {owner.password}
  Their codes       {_command(service, "code", member.user)}
  Everybody         {_command(service, "info")}

  Policies   {import_summary(report)}
             in full: {_command(service, "policies")}
  Browser    trust this authority, or accept the warning: {info.ca_file}
             names that do not resolve are at {info.address}

Ctrl-C stops it."""


def _command(service: Service, verb: str, *arguments: str) -> str:
    """A command that works as it stands, in a clone as well as with Assay installed."""
    program = "./run assay" if Path("run").is_file() and Path("pyproject.toml").is_file() else "assay"
    data = service.settings.places.data
    where = () if data == default_data(demo=True) else ("--data", shlex.quote(str(data)))
    return " ".join((program, "demo", verb, *arguments, *where))


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

"""The past of a demo, before anybody is served: taken from the cache and lived on to now, or lived from the start."""

import os
import secrets
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec

from assay.access.groups import Groups
from assay.access.named_locations import NamedLocations
from assay.access.people import People
from assay.access.protect_app import Apps
from assay.access.publish_policy import Policies
from assay.access.roles import Roles
from assay.access.search_events import Log
from assay.cli.up_settings import Options, composed
from assay.configuration.sections import Configuration
from assay.gateway.reachability import reach_of
from assay.server.core import Core
from assay.server.settings import ServiceSettings
from assay.simulator.clock import CompanyClock
from assay.simulator.company import Company
from assay.simulator.demo_apps import upstreams
from assay.simulator.flows import Flows
from assay.simulator.life import Life, Say, first_instant
from assay.simulator.past import Past
from assay.simulator.past_cache import REMEDY, PastCache, draft_directory
from assay.simulator.person import CompanyError
from assay.simulator.remembered_hashing import RememberedHashing
from assay.values import AssayError

QUIET: Final = timedelta(minutes=15)  # between the last simulated act and the present
# What is lived on top of a kept past is kept too, once it is worth a copy.
WORTH_KEEPING: Final = timedelta(hours=6)
Random = Callable[[int], bytes]


async def live_past(
    settings: ServiceSettings,
    company: Company,
    *,
    say: Say,
    random: Random = secrets.token_bytes,
    present: datetime | None = None,
    cache: PastCache | None = None,
    goes_on: bool = True,
) -> Past:
    """Fill an installation that holds nothing with the company's days up to the present; raises AssayError.

    `goes_on` False: a past that is kept ends where it ended.
    """
    present = present or datetime.now(UTC)
    cache = cache or cache_of(settings, company)
    kept = cache.take(settings.places, present - QUIET)
    until = kept.until if kept is not None and not goes_on else present - QUIET
    past = await _lived(settings, company, kept, until, present, say, random)
    if kept is None or past.until - kept.until > WORTH_KEEPING:
        cache.keep(settings.places, past)
    return past


async def prepare_past(company: Company, *, base_domain: str | None, say: Say) -> Past:
    """Live a company's days up to now and keep them for the next start; raises AssayError where they cannot be kept."""
    with draft_directory() as directory:
        settings = _elsewhere(directory, base_domain)
        cache, present = cache_of(settings, company), datetime.now(UTC)
        kept = cache.take(settings.places, present - QUIET)
        past = await _lived(settings, company, kept, present - QUIET, present, say, secrets.token_bytes)
        if not cache.keep(settings.places, past):
            raise AssayError("what was lived cannot be kept", remedy=REMEDY)
        return past


def cache_of(settings: ServiceSettings, company: Company) -> PastCache:
    """Where this company's past is kept, for installations with this base domain."""
    return PastCache(seed=company.seed, size=company.size, base_domain=settings.base_domain)


def _elsewhere(directory: Path, base_domain: str | None) -> ServiceSettings:
    """An installation of its own, gone when its past is kept."""
    options = Options(
        data=directory / "data", master_key=directory / "key" / "master-key.json", base_domain=base_domain
    )
    settings, _ = composed(Configuration(), options, file=None, demo=True)
    places = msgspec.structs.replace(settings.places, checkpoints=directory / "key" / "checkpoints.txt")
    return msgspec.structs.replace(settings, places=places)


async def _lived(
    settings: ServiceSettings,
    company: Company,
    kept: Past | None,
    until: datetime,
    present: datetime,
    say: Say,
    random: Random,
) -> Past:
    begins = kept.until if kept is not None else first_instant(present, company.size.days)
    if kept is None:
        say(f"{company.size.people} people begin {company.size.days} days of work; later starts take seconds")
    hashing = RememberedHashing(os.cpu_count() or 1)
    core = Core(settings, clock=CompanyClock(begins), random=random, durable=False, hashing=hashing)
    await core.start()
    try:
        return await _live(core, company, kept, until, say, random)
    finally:
        await core.stop()


async def _live(core: Core, company: Company, kept: Past | None, until: datetime, say: Say, random: Random) -> Past:
    assert isinstance(core.clock, CompanyClock)
    flows = flows_of(core)
    life = Life(company, flows, core.clock, random=random, beat=core.beat, past=kept)
    listening = upstreams(core.settings.places.data / "apps")
    if kept is None:
        await _found(core, life, listening, say)
    else:
        await life.resume(listening)
    await life.live(max(until, core.clock.now()), say)
    if kept is None:
        say("100 %: the log is verified")
        verified = await flows.log.verify()
        if not verified.ok:
            raise CompanyError("the log of the simulated days does not verify")
    return life.past


async def _found(core: Core, life: Life, listening: Mapping[str, str], say: Say) -> None:
    link = await core.owner_link()
    if link is None:
        raise CompanyError("there is a company already")
    say("  0 %: groups, people, apps, networks and policies are made")
    await life.found(link, listening)


def flows_of(core: Core) -> Flows:
    """What people and administrators of a simulated company go through."""
    premises = core.premises
    return Flows(
        addresses=core.addresses,
        sign_in=core.entry.sign_in,
        enrol=core.entry.enrol,
        tickets=core.entry.tickets,
        check=core.check,
        people=People(premises, core.entry.guessing),
        groups=Groups(premises),
        roles=Roles(premises),
        apps=Apps(premises, look=reach_of, is_ours=core.is_ours),
        policies=Policies(premises),
        locations=NamedLocations(premises),
        log=Log(premises, verifiers=core.keys.verifiers),
        kept=core.decision_log.flush,
    )

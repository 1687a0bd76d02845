"""Kill the service or its Envoy at random moments with writes in flight, start again, and look at what is left."""

import asyncio
import os
import random
import signal
import time
from functools import partial
from pathlib import Path

from assay.cli.bench.person import Person
from assay.cli.bench.processes import envoy_of
from assay.cli.bench.stage import Stage
from assay.cli.bench.wire import Wire
from tests.crash.aftermath import Acknowledged, all_is_there, gone_without_trace, log_verifies
from tests.crash.writers import APP_COOKIE, APP_HOST, Writer, administer, sign_in, use_app, write_until
from tests.ports import free_port

LONGEST_LIFE_SECONDS = 0.8


async def marathon(directory: Path, *, times: int, seed: int) -> str:
    """So many kills; what happened, in one line. Raises AssertionError where something does not hold."""
    chance = random.Random(seed)
    acknowledged = Acknowledged()
    killed = {"service": 0, "Envoy": 0}
    async with Stage(directory, port=free_port()) as stage:
        owner = await stage.owner()
        await stage.protect_app()
        await owner.open(stage.app_url)
        for number in range(times):
            what = "Envoy" if chance.random() < 1 / 3 else "service"
            writers: list[Writer] = [partial(sign_in, stage, owner, acknowledged)] * 3
            writers += [partial(use_app, stage, owner, acknowledged)] * 4
            writers.append(partial(administer, stage, f"person-{number}", acknowledged))
            kill = kill_service if what == "service" else kill_envoy
            await write_until(kill(stage, chance.uniform(0.0, LONGEST_LIFE_SECONDS)), writers, chance)
            killed[what] += 1
            if what == "service":
                await stage.admin.close()
                await stage.start_service()
            await app_answers(stage, owner)
            await all_is_there(stage.data, acknowledged)
            size = await log_verifies(stage)
    return (
        f"killed: service {killed['service']}, Envoy {killed['Envoy']}; acknowledged and there: "
        f"{len(acknowledged.sessions)} sessions, {len(acknowledged.users)} people, "
        f"{len(acknowledged.assigned)} assignments; {acknowledged.answers} answers; "
        f"{size} records of the log verify (seed {seed})"
    )


async def kill_service(stage: Stage, after: float) -> None:
    """kill -9, and nothing of it is left: no process of its own, and nobody on its port."""
    await asyncio.sleep(after)
    envoy = os.pidfd_open(envoy_of(stage.service_pid))
    try:
        await stage.service.end(signal.SIGKILL)
        await gone_without_trace(envoy, stage.port)
    finally:
        os.close(envoy)


async def kill_envoy(stage: Stage, after: float) -> None:
    """kill -9 of the Envoy that the service has now; the service starts another."""
    await asyncio.sleep(after)
    os.kill(envoy_of(stage.service_pid), signal.SIGKILL)


async def app_answers(stage: Stage, person: Person) -> None:
    """The session of before opens the app again: from the outside, service is restored."""
    cookie = ("cookie", f"{APP_COOKIE}={person.cookie(APP_HOST, APP_COOKIE)}")
    deadline = time.monotonic() + 60
    status = 0
    while status != 200:
        assert time.monotonic() < deadline, f"service is not restored: {status} {stage.service.lines[-5:]}"
        wire = Wire(APP_HOST, stage.port, stage.tls)
        try:
            status = (await wire.request("GET", "/", (cookie,))).status
        except (OSError, EOFError):
            await asyncio.sleep(0.02)
        finally:
            wire.close()

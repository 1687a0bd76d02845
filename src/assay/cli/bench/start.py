"""`assay bench start`: from `assay up` to the first decision, with the files warm in the kernel's cache."""

import asyncio
import time
from pathlib import Path
from statistics import median

from assay.cli.bench.figures import Figure, Measurement, measured
from assay.cli.bench.gateway import APP_COOKIE
from assay.cli.bench.processes import load_average
from assay.cli.bench.stage import APP, BASE_DOMAIN, Stage
from assay.cli.bench.wire import Wire

TARGET_SECONDS = 3.0
POLL_SECONDS = 0.01
HOST = f"{APP}.{BASE_DOMAIN}"


async def bench_start(directory: Path, *, rounds: int) -> Measurement:
    """A person who was signed in before asks again and again until the app answers."""
    before = load_average()
    times: list[float] = []
    async with Stage(directory) as stage:
        owner = await stage.owner()
        await stage.protect_app()
        await owner.open(stage.app_url)
        cookie = ("cookie", f"{APP_COOKIE}={owner.cookie(HOST, APP_COOKIE)}")
        for _ in range(rounds):
            await stage.stop_service()
            began = time.monotonic()
            starting = asyncio.ensure_future(stage.start_service())
            await _first_decision(Wire(HOST, stage.port, stage.tls), cookie)
            times.append(time.monotonic() - began)
            await starting
    figures = (
        Figure(name="`assay up` to first decision, median", value=median(times), unit="s", target=TARGET_SECONDS),
        Figure(name="best", value=min(times), unit="s"),
    )
    return measured("Start", f"assay bench start --rounds {rounds}", figures, load_before=before)


async def _first_decision(wire: Wire, cookie: tuple[str, str]) -> None:
    while True:
        try:
            answer = await wire.request("GET", "/", (cookie,))
        except (OSError, EOFError):
            await asyncio.sleep(POLL_SECONDS)
            continue
        if answer.status == 200:
            wire.close()
            return
        await asyncio.sleep(POLL_SECONDS)


def run(directory: Path, *, rounds: int) -> Measurement:
    """`bench_start` in an event loop of its own."""
    return asyncio.run(bench_start(directory, rounds=rounds))

"""`assay bench sign-in`: password sign-ins a second through the pages, beside what argon2 alone allows."""

import asyncio
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from urllib.parse import urlencode

from assay.access.cookies import ID_COOKIE
from assay.cli.bench.figures import Figure, Measurement, measured
from assay.cli.bench.person import FORM, NAVIGATE, Person
from assay.cli.bench.processes import cpu_seconds, load_average
from assay.cli.bench.stage import BASE_DOMAIN, Stage
from assay.cli.bench.wire import UnexpectedAnswerError, Wire
from assay.identities.methods.password import SALT_OCTETS, check_password, hash_password

RATIO = 0.75
AT_ONCE = 8
THREADS = os.cpu_count() or 1


async def bench_sign_in(directory: Path, *, seconds: int, rounds: int) -> Measurement:
    """Turns of both are interleaved; the ceiling has as many threads as the service and nothing else to do."""
    before = load_average()
    ceilings: list[float] = []
    rates: list[float] = []
    used: list[float] = []
    async with Stage(directory) as stage:
        owner = await stage.owner()
        await _sign_ins(stage, owner, 1)
        for _ in range(rounds):
            ceilings.append(await asyncio.to_thread(argon2_ceiling, seconds))
            began = cpu_seconds(stage.service_pid)
            rates.append(await _sign_ins(stage, owner, seconds))
            used.append((cpu_seconds(stage.service_pid) - began) / (rates[-1] * seconds) * 1e3)
    ratio = median(rate / ceiling for rate, ceiling in zip(rates, ceilings, strict=True))
    figures = (
        Figure(name="password sign-ins ÷ argon2 ceiling", value=ratio, target=RATIO, at_most=False),
        Figure(name="password sign-ins a second", value=median(rates)),
        Figure(name=f"argon2 ceiling, {THREADS} threads", value=median(ceilings), unit="a second"),
        Figure(name="CPU of the service a sign-in", value=median(used), unit="ms"),
    )
    return measured(
        "Sign-in", f"assay bench sign-in --seconds {seconds} --rounds {rounds}", figures, load_before=before
    )


def argon2_ceiling(seconds: int) -> float:
    """Checks of a password a second on as many threads as the service has, with its own parameters."""
    stored = hash_password("a password for nobody", bytes(SALT_OCTETS))
    end = time.monotonic() + seconds

    def check() -> int:
        count = 0
        while time.monotonic() < end:
            check_password(stored, "a password for nobody")
            count += 1
        return count

    with ThreadPoolExecutor(THREADS) as pool:
        began = time.monotonic()
        counts = [pool.submit(check) for _ in range(THREADS)]
        return sum(count.result() for count in counts) / (time.monotonic() - began)


async def _sign_ins(stage: Stage, owner: Person, seconds: int) -> float:
    """Sign-ins a second of several browsers at once, each keeping its connection and no cookie."""
    form = urlencode({"user_name": owner.knows.user_name, "password": owner.knows.password}).encode()
    began = time.monotonic()

    async def browse() -> int:
        wire = Wire(f"id.{BASE_DOMAIN}", stage.port, stage.tls)
        count = 0
        while time.monotonic() < began + seconds:
            answer = await wire.request("POST", "/sign-in/password", (*NAVIGATE, FORM, ("origin", wire.origin)), form)
            if not answer.header("set-cookie").startswith(f"{ID_COOKIE}="):
                raise UnexpectedAnswerError("a password sign-in", answer)
            count += 1
        wire.close()
        return count

    counts = await asyncio.gather(*(browse() for _ in range(AT_ONCE)))
    return sum(counts) / (time.monotonic() - began)


def run(directory: Path, *, seconds: int, rounds: int) -> Measurement:
    """`bench_sign_in` in an event loop of its own."""
    return asyncio.run(bench_sign_in(directory, seconds=seconds, rounds=rounds))

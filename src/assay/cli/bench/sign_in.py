"""`assay bench sign-in`: password sign-ins a second through the pages, beside what argon2 alone allows."""

import asyncio
import os
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from urllib.parse import urlencode

from assay.access.cookies import DEVICE_COOKIE, ID_COOKIE
from assay.cli.bench.figures import Figure, Measurement, measured
from assay.cli.bench.person import FORM, NAVIGATE, Person
from assay.cli.bench.processes import cpu_seconds, load_average
from assay.cli.bench.stage import BASE_DOMAIN, Stage
from assay.cli.bench.wire import UnexpectedAnswerError, Wire
from assay.identities.methods.password import SALT_OCTETS, check_password, hash_password

RATIO = 0.75
AT_ONCE = 8
ID_HOST = f"id.{BASE_DOMAIN}"
THREADS = os.cpu_count() or 1


async def bench_sign_in(directory: Path, *, seconds: int, rounds: int) -> Measurement:
    """Turns of both are interleaved; the ceiling has as many threads as the service and nothing else to do."""
    before = load_average()
    ceilings: list[float] = []
    rates: list[float] = []
    used: list[float] = []
    async with Stage(directory) as stage:
        people = await _people(stage)
        await _sign_ins(stage, people, 1)
        for _ in range(rounds):
            ceilings.append(await asyncio.to_thread(argon2_ceiling, seconds))
            began = cpu_seconds(stage.service_pid)
            rates.append(await _sign_ins(stage, people, seconds))
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


async def _people(stage: Stage) -> list[Person]:
    """As many people as browsers, each at a browser on which they finished a sign-in before, as in the morning."""
    await stage.owner()
    people = []
    for number in range(AT_ONCE):
        name = f"person-{number}"
        person = await stage.enrol(name, (await stage.admin.add_user(name)).enrolment_url)
        person.forget()
        await person.open(f"https://{ID_HOST}:{stage.port}/", recovery_code=person.knows.recovery_codes[0])
        people.append(person)
    return people


async def _sign_ins(stage: Stage, people: Sequence[Person], seconds: int) -> float:
    """Sign-ins a second of all these people at once, each keeping the connection and the device, but no session."""
    began = time.monotonic()

    async def browse(person: Person) -> int:
        form = urlencode({"user_name": person.knows.user_name, "password": person.knows.password}).encode()
        wire = Wire(ID_HOST, stage.port, stage.tls)
        device = ("cookie", f"{DEVICE_COOKIE}={person.cookie(ID_HOST, DEVICE_COOKIE)}")
        headers = (*NAVIGATE, FORM, ("origin", wire.origin), device)
        count = 0
        while time.monotonic() < began + seconds:
            answer = await wire.request("POST", "/sign-in/password", headers, form)
            if not answer.header("set-cookie").startswith(f"{ID_COOKIE}="):
                raise UnexpectedAnswerError("a password sign-in", answer)
            count += 1
        wire.close()
        return count

    counts = await asyncio.gather(*(browse(person) for person in people))
    return sum(counts) / (time.monotonic() - began)


def run(directory: Path, *, seconds: int, rounds: int) -> Measurement:
    """`bench_sign_in` in an event loop of its own."""
    return asyncio.run(bench_sign_in(directory, seconds=seconds, rounds=rounds))

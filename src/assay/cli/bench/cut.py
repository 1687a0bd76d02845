"""`assay bench cut`: from the commit that ends access to the last byte received, for every cause and protocol."""

import asyncio
import itertools
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from uuid import uuid4

import msgspec

from assay.cli.bench.figures import Figure, Measurement, measured, percentile
from assay.cli.bench.gateway import APP_COOKIE
from assay.cli.bench.load import Load, Wrk
from assay.cli.bench.open_streams import KINDS, Ended, Opening
from assay.cli.bench.person import Person
from assay.cli.bench.processes import load_average
from assay.cli.bench.stage import APP, BASE_DOMAIN, Stage
from assay.values import AssayError

P50_MS, P99_MS = 5.0, 50.0
BASELINE = "a55a0000-0000-4000-8000-00000000c001"
HOST = f"{APP}.{BASE_DOMAIN}"
EDGES_MS = (0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0)
# What the service prints of each commit with --log-level info (store/store.py).
COMMITTED = r"committed at (\d+) ns: (.*)"
LONGEST_RUN_SECONDS = 24 * 3600
Times = dict[tuple[str, str], list[float]]


class Victim:
    """The person whose access ends again and again, and the process that holds their connections."""

    def __init__(
        self, stage: Stage, person: Person, user_id: str, streams: asyncio.subprocess.Process, rate: int
    ) -> None:
        self.stage = stage
        self.person = person
        self.user_id = user_id
        self.policy = str(uuid4())
        self._streams = streams
        self._rate = rate

    @property
    def name(self) -> str:
        return self.person.knows.user_name

    async def sign_in(self) -> None:
        """A new session, by password."""
        self.person.forget()
        await self.person.open(self.stage.app_url)

    async def open(self) -> None:
        """One connection of each protocol."""
        opening = Opening(
            host=HOST,
            port=self.stage.port,
            authority=str(self.stage.authority),
            cookie=f"{APP_COOKIE}={self.person.cookie(HOST, APP_COOKIE)}",
            bytes_per_second=self._rate,
        )
        assert self._streams.stdin is not None
        self._streams.stdin.write(msgspec.json.encode(opening) + b"\n")
        if await self._line() != b"open\n":
            raise AssayError("the connections that are to be cut could not be opened")

    async def ended(self) -> Ended:
        """When each of them ended."""
        return msgspec.json.decode(await self._line(), type=Ended)

    async def _line(self) -> bytes:
        assert self._streams.stdout is not None
        return await self._streams.stdout.readline()


class Cause:
    """One way in which access ends: how it is made possible, how it ends, and the topic of the commit that ends it."""

    def __init__(
        self,
        topic: str,
        prepare: Callable[[Victim], Awaitable[None]],
        end: Callable[[Victim], Awaitable[None]],
    ) -> None:
        self.topic = topic
        self.prepare = prepare
        self.end = end


async def _sign_in(victim: Victim) -> None:
    await victim.sign_in()


async def _enable(victim: Victim) -> None:
    await victim.stage.admin.enable(victim.name)
    await victim.sign_in()


async def _assign(victim: Victim) -> None:
    await victim.stage.admin.assign(APP, victim.name)


async def _permit(victim: Victim) -> None:
    await victim.stage.admin.set_policy_state(victim.policy, "disabled")


CAUSES = {
    "session revoked": Cause("session", _sign_in, lambda victim: victim.stage.admin.revoke_sessions(victim.name)),
    "person disabled": Cause("user", _enable, lambda victim: victim.stage.admin.disable(victim.name)),
    "assignment removed": Cause("assignment", _assign, lambda victim: victim.stage.admin.unassign(APP, victim.name)),
    "policy published": Cause(
        "policy", _permit, lambda victim: victim.stage.admin.set_policy_state(victim.policy, "enabled")
    ),
}


async def bench_cut(directory: Path, *, cuts: int, rate: int, megabytes: float) -> Measurement:
    """`cuts` for each cause and protocol, under `rate` requests a second; streams carry `megabytes` a second each.

    A rate of 0 is none: then no load generator is needed, and the figures are those of a quiet machine.
    """
    before = load_average()
    times: Times = {(cause, kind): [] for cause in CAUSES for kind in KINDS}
    async with Stage(directory, options=("--log-level", "info")) as stage:
        load, victim = await _set_the_stage(stage, directory, rate, int(megabytes * 1e6))
        try:
            for cause in CAUSES:
                await victim.stage.admin.enable(victim.name)
                await _assign(victim)
                await _permit(victim)
                await victim.sign_in()
                for _ in range(cuts):
                    await _cut_once(victim, cause, times)
        finally:
            seen = await load.stop() if load is not None else None
    return report(times, seen, cuts=cuts, rate=rate, megabytes=megabytes, load_before=before)


async def _set_the_stage(stage: Stage, directory: Path, rate: int, bytes_per_second: int) -> tuple[Wrk | None, Victim]:
    owner = await stage.owner()
    await stage.protect_app()
    await owner.open(stage.app_url)
    welcome = await stage.admin.add_user("victim")
    person = await stage.enrol("victim", welcome.enrolment_url)
    # A code of an authenticator app works once in 30 s, which thousands of sign-ins cannot wait for.
    await stage.admin.set_policy_state(BASELINE, "disabled")
    streams = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "assay.cli.bench.open_streams",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    victim = Victim(stage, person, welcome.user.id, streams, bytes_per_second)
    await stage.admin.import_policies(_block(victim))
    if rate == 0:
        return None, victim
    cookie = f"{APP_COOKIE}={owner.cookie(HOST, APP_COOKIE)}"
    load = Wrk(directory, stage.app_url, cookie, connections=50, rate=rate)
    await load.start(LONGEST_RUN_SECONDS)
    return load, victim


def _block(victim: Victim) -> dict[str, object]:
    """A policy that shuts the victim out, not in force yet."""
    return {
        "id": victim.policy,
        "displayName": "Block the victim",
        "state": "disabled",
        "conditions": {
            "users": {"includeUsers": [victim.user_id]},
            "applications": {"includeApplications": ["All"]},
            "clientAppTypes": ["all"],
        },
        "grantControls": {"operator": "OR", "builtInControls": ["block"]},
    }


async def _cut_once(victim: Victim, name: str, times: Times) -> None:
    """All protocols at once: one commit ends six connections, and each is measured."""
    cause = CAUSES[name]
    await cause.prepare(victim)
    await victim.open()
    commit = victim.stage.service.next_line(COMMITTED.replace("(.*)", rf"(.*\b{cause.topic}:.*)"))
    await cause.end(victim)
    committed = int((await asyncio.wait_for(commit, 5.0))[1])
    ended = await victim.ended()
    for kind, at in ended.at.items():
        times[name, kind].append((at - committed) / 1e6)


def report(
    times: Times, load: Load | None, *, cuts: int, rate: int, megabytes: float, load_before: float
) -> Measurement:
    """The verdict: every cell has its full number of cuts, and every cell meets the targets."""
    missing = [
        f"{cause} x {kind}: {cuts - len(found)} of {cuts} were not cut"
        for (cause, kind), found in times.items()
        if len(found) < cuts
    ]
    command = f"assay bench cut --cuts {cuts} --rate {rate} --megabytes {megabytes:g}"
    figures = (
        *_spread("slowest cell", times, max),
        *_spread("fastest cell", times, min),
        *(figure for cell in times for figure in _spread(" x ".join(cell), {cell: times[cell]}, max, detail=True)),
        *(_meanwhile(load, rate) if load is not None else ()),
    )
    return measured(
        "Cut",
        command,
        figures,
        notes=missing,
        block=histogram(times),
        complete=not missing,
        load_before=load_before,
    )


def _meanwhile(load: Load, rate: int) -> tuple[Figure, ...]:
    """What the others saw who used the app all the while."""
    return (
        Figure(name="requests a second meanwhile", value=load.per_second, target=rate * 0.95, at_most=False),
        Figure(name="their p99", value=load.p99_ms, unit="ms"),
        Figure(name="errors among them", value=load.errors, target=0),
    )


def _spread(
    name: str, times: Times, choose: Callable[[list[float]], float], *, detail: bool = False
) -> tuple[Figure, ...]:
    """p50 and p99 of the cell that is chosen by them."""
    cells = [sorted(found) for found in times.values() if found]
    return tuple(
        Figure(
            name=f"{name}: p{share * 100:.0f}",
            value=choose([percentile(found, share) for found in cells]),
            unit="ms",
            target=target,
            detail=detail,
        )
        for share, target in ((0.5, P50_MS), (0.99, P99_MS))
        if cells
    )


def histogram(times: Times) -> str:
    """How many of each cell took how long, in milliseconds."""
    heads = [f"<{edge:g}" for edge in EDGES_MS] + [f"≥{EDGES_MS[-1]:g}"]
    lines = [
        f"{'cause x protocol, ms':<32}" + "".join(f"{head:>7}" for head in heads) + f"{'p50':>8}{'p99':>8}{'max':>8}"
    ]
    for (cause, kind), found in times.items():
        ordered = sorted(found)
        counts = [sum(1 for each in ordered if low <= each < high) for low, high in _ranges()]
        line = f"{cause + ' x ' + kind:<32}" + "".join(f"{count or '·':>7}" for count in counts)
        if ordered:
            line += f"{percentile(ordered, 0.5):>8.2f}{percentile(ordered, 0.99):>8.2f}{ordered[-1]:>8.2f}"
        lines.append(line)
    return "\n".join(lines)


def _ranges() -> list[tuple[float, float]]:
    return list(itertools.pairwise((float("-inf"), *EDGES_MS, float("inf"))))


def run(directory: Path, *, cuts: int, rate: int, megabytes: float) -> Measurement:
    """`bench_cut` in an event loop of its own."""
    return asyncio.run(bench_cut(directory, cuts=cuts, rate=rate, megabytes=megabytes))

"""`assay bench gateway`: Envoy alone, Envoy with a check that says yes, and Assay, turn by turn in one run."""

import asyncio
import signal
from collections.abc import Sequence
from pathlib import Path
from statistics import median

import msgspec

from assay.cli.bench.bare_gateway import BareSettings
from assay.cli.bench.figures import Figure, Measurement, measured
from assay.cli.bench.load import Load, Wrk
from assay.cli.bench.processes import cpu_seconds, envoy_of, free_port, load_average
from assay.cli.bench.stage import APP, BASE_DOMAIN, Child, Stage
from assay.values import AssayError, Value

RATIO, TOTAL_MICROSECONDS, OUR_MICROSECONDS = 0.85, 75.0, 40.0
WARM_SECONDS = 2
APP_COOKIE = "__Host-assay-app"


class Turn(Value, frozen=True, kw_only=True):
    """One turn of one contender: what wrk saw, and CPU microseconds a request in Envoy and in the check's process."""

    load: Load
    envoy_us: float
    check_us: float


class Contender:
    """One gateway in front of the same app."""

    def __init__(self, name: str, port: int, envoy: int, check: int, cookie: str) -> None:
        self.name = name
        self.url = f"https://{APP}.{BASE_DOMAIN}:{port}/"
        self.turns: list[Turn] = []
        self._envoy = envoy
        self._check = check
        self._cookie = cookie

    async def take_turn(self, directory: Path, seconds: int, connections: int) -> Turn:
        before = cpu_seconds(self._envoy), cpu_seconds(self._check)
        load = await Wrk(directory, self.url, self._cookie, connections=connections).run(seconds)
        used = cpu_seconds(self._envoy) - before[0], cpu_seconds(self._check) - before[1]
        if load.errors:
            raise AssayError(f"{self.name}: {load.errors} of {load.requests} requests were not answered with 200")
        each = 1e6 / load.requests
        return Turn(load=load, envoy_us=used[0] * each, check_us=used[1] * each)

    @property
    def per_second(self) -> float:
        return median(turn.load.per_second for turn in self.turns)

    @property
    def best(self) -> float:
        return max(turn.load.per_second for turn in self.turns)

    @property
    def envoy_us(self) -> float:
        return median(turn.envoy_us for turn in self.turns)

    @property
    def check_us(self) -> float:
        return median(turn.check_us for turn in self.turns)


async def bench_gateway(directory: Path, *, seconds: int, rounds: int, connections: int) -> Measurement:
    """Turns are interleaved, so that whatever else the machine does meets all three alike."""
    before = load_average()
    async with Stage(directory / "assay") as stage:
        owner = await stage.owner()
        await stage.protect_app()
        await owner.open(stage.app_url)
        cookie = f"{APP_COOKIE}={owner.cookie(f'{APP}.{BASE_DOMAIN}', APP_COOKIE)}"
        bare = [await _bare(directory, stage, cookie, check=check) for check in (False, True)]
        try:
            contenders = [contender for contender, _ in bare]
            contenders.append(Contender("assay", stage.port, stage.envoy_pid, stage.service_pid, cookie))
            for contender in contenders:
                await contender.take_turn(directory, WARM_SECONDS, connections)
            for _ in range(rounds):
                for contender in contenders:
                    contender.turns.append(await contender.take_turn(directory, seconds, connections))
        finally:
            for _, child in bare:
                await child.end(signal.SIGKILL)
    return _report(contenders, seconds=seconds, rounds=rounds, connections=connections, load_before=before)


async def _bare(directory: Path, stage: Stage, cookie: str, *, check: bool) -> tuple[Contender, Child]:
    name = "null" if check else "envoy"
    certificates = stage.data / "certificates" / BASE_DOMAIN / "certificate-and-key.pem"
    settings = BareSettings(
        directory=str(directory / name),
        port=free_port(),
        base_domain=BASE_DOMAIN,
        certificate_and_key=str(certificates),
        app_name=APP,
        app_socket=str(stage.app_socket),
        check=check,
    )
    child = await Child.start("-m", "assay.cli.bench.bare_gateway", msgspec.json.encode(settings).decode())
    await child.until("^up$")
    return Contender(name, settings.port, envoy_of(child.process.pid), child.process.pid, cookie), child


def _report(
    contenders: Sequence[Contender], *, seconds: int, rounds: int, connections: int, load_before: float
) -> Measurement:
    alone, null, assay = contenders
    # Compared turn by turn: what slows the machine down for a while slows down neighbours alike.
    ratios = [ours.load.per_second / yes.load.per_second for ours, yes in zip(assay.turns, null.turns, strict=True)]
    beyond = [ours.check_us - yes.check_us for ours, yes in zip(assay.turns, null.turns, strict=True)]
    figures = [
        Figure(name="Assay ÷ null decision", value=median(ratios), target=RATIO, at_most=False),
        Figure(name="CPU a request in our process", value=assay.check_us, unit="µs", target=TOTAL_MICROSECONDS),
        Figure(
            name="of which ours, beyond the null check",
            value=median(beyond),
            unit="µs",
            target=OUR_MICROSECONDS,
        ),
    ]
    for contender in contenders:
        figures += [
            Figure(name=f"{contender.name}: requests a second, median", value=contender.per_second),
            Figure(name=f"{contender.name}: requests a second, best", value=contender.best),
            Figure(name=f"{contender.name}: Envoy's CPU a request", value=contender.envoy_us, unit="µs"),
            Figure(
                name=f"{contender.name}: p99", value=median(turn.load.p99_ms for turn in contender.turns), unit="ms"
            ),
        ]
    figures.append(Figure(name="null: CPU a request in the check", value=null.check_us, unit="µs"))
    figures.append(Figure(name="null decision ÷ Envoy alone", value=null.per_second / alone.per_second))
    command = f"assay bench gateway --seconds {seconds} --rounds {rounds} --connections {connections}"
    return measured("Gateway", command, figures, load_before=load_before)


def run(directory: Path, *, seconds: int, rounds: int, connections: int) -> Measurement:
    """`bench_gateway` in an event loop of its own."""
    return asyncio.run(bench_gateway(directory, seconds=seconds, rounds=rounds, connections=connections))

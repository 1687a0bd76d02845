"""`./run fuzz [gateway|api|filters|policies] [--seconds N] [--seed S]`: what nobody thought of.

gateway: random HTTP/2 frames and HTTP/1.1 bytes through the gateway; api: requests for every operation of the API,
at a service of its own (schemathesis); filters, policies: bytes as a filter rule, or as a file of policies, led by
coverage (atheris).
"""

import argparse
import asyncio
import random
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.api.graph.fuzz import fuzz as fuzz_api
from tests.gateway.attacks.fuzz import Fuzzed, fuzz
from tests.gateway.attacks.stage import Stage
from tests.policy.fuzzing import TARGETS, seeds

LONGEST = {"filters": 4096, "policies": 65_536}  # bytes


async def _run(directory: Path, seconds: float, seed: int) -> Fuzzed:
    stage = Stage(directory)
    await stage.start()
    try:
        return await fuzz(stage, seconds=seconds, seed=seed)
    finally:
        await stage.stop()


def _gateway(directory: Path, seconds: float, seed: int) -> int:
    found = asyncio.run(_run(directory, seconds, seed))
    sys.stdout.write(
        f"{found.connections} connections, {found.sent_bytes} bytes: {found.judged} requests reached the app, "
        f"{len(found.unjudged)} of them unjudged; Envoy restarted {found.restarts} times; "
        f"an honest request afterwards: {found.honest}\n"
    )
    for each in found.unjudged[:10]:
        sys.stdout.write(f"{each!r}\n")
    return int(bool(found.unjudged or found.restarts or found.honest != 200))


def _api(directory: Path, seconds: float, seed: int) -> int:
    found = asyncio.run(fuzz_api(directory, seconds, seed))
    answered = ", ".join(f"{count} of {status}" for status, count in sorted(found.statuses.items()))
    sys.stdout.write(f"{found.statuses.total()} requests: {answered}; {len(found.broken)} not as described\n")
    for each in found.broken:
        sys.stdout.write(f"{each}\n")
    return int(bool(found.broken) or not found.statuses)


def _coverage(name: str, directory: Path, seconds: float, seed: int) -> int:
    """An input that breaks a promise is kept in the working directory, as `crash-…`."""
    for number, content in enumerate(seeds(name)):
        (directory / f"{number:04}").write_bytes(content)
    # libFuzzer takes 0 for: draw one.
    options = [
        f"-max_total_time={seconds:.0f}",
        f"-seed={seed or 1}",
        f"-max_len={LONGEST[name]}",
        "-timeout=10",
        "-verbosity=0",
    ]
    command = [sys.executable, "-m", "tests.run.fuzz_coverage", name, str(directory), *options]
    return subprocess.run(command, check=False).returncode


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="./run fuzz", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", nargs="?", default="gateway", choices=["gateway", "api", *TARGETS])
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    chosen = parser.parse_args(arguments)
    sys.stdout.write(f"seed {chosen.seed}\n")
    sys.stdout.flush()
    with tempfile.TemporaryDirectory(prefix="assay-fuzz-") as directory:
        if chosen.what == "gateway":
            return _gateway(Path(directory), chosen.seconds, chosen.seed)
        if chosen.what == "api":
            return _api(Path(directory), chosen.seconds, chosen.seed)
        return _coverage(chosen.what, Path(directory), chosen.seconds, chosen.seed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

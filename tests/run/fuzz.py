"""`./run fuzz [--seconds N] [--seed S]`: random HTTP/2 frames and HTTP/1.1 bytes through the gateway."""

import argparse
import asyncio
import random
import sys
import tempfile
from pathlib import Path

from tests.gateway.attacks.fuzz import Fuzzed, fuzz
from tests.gateway.attacks.stage import Stage


async def _run(directory: Path, seconds: float, seed: int) -> Fuzzed:
    stage = Stage(directory)
    await stage.start()
    try:
        return await fuzz(stage, seconds=seconds, seed=seed)
    finally:
        await stage.stop()


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./run fuzz", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    chosen = parser.parse_args(arguments)
    sys.stdout.write(f"seed {chosen.seed}\n")
    with tempfile.TemporaryDirectory(prefix="assay-fuzz-") as directory:
        found = asyncio.run(_run(Path(directory), chosen.seconds, chosen.seed))
    sys.stdout.write(
        f"{found.connections} connections, {found.sent_bytes} bytes: {found.judged} requests reached the app, "
        f"{len(found.unjudged)} of them unjudged; Envoy restarted {found.restarts} times; "
        f"an honest request afterwards: {found.honest}\n"
    )
    for each in found.unjudged[:10]:
        sys.stdout.write(f"{each!r}\n")
    return int(bool(found.unjudged or found.restarts or found.honest != 200))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""`./run crash [--times N] [--seed S]`: kill the service or Envoy at random moments, and look at what is left."""

import argparse
import asyncio
import random
import sys
import tempfile
from pathlib import Path

from tests.crash.marathon import marathon


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./run crash", description=__doc__)
    parser.add_argument("--times", type=int, default=200)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    chosen = parser.parse_args(arguments)
    sys.stdout.write(f"seed {chosen.seed}\n")
    with tempfile.TemporaryDirectory(prefix="assay-crash-") as directory:
        story = asyncio.run(marathon(Path(directory), times=chosen.times, seed=chosen.seed))
    sys.stdout.write(f"{story}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

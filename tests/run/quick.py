"""`./run quick`: what a change most likely breaks, in two minutes where nobody else works; no browser, no lint."""

import subprocess
import sys
import time

from tests.run.prepare import say
from tests.run.test import PYTEST

LIMIT_SECONDS = 120


def main(arguments: list[str]) -> int:
    began = time.monotonic()
    command = [*PYTEST, "-m", "not slow and not timing and not browser and not namespaces", *arguments]
    status = subprocess.run(command, check=False).returncode
    took = time.monotonic() - began
    if took > LIMIT_SECONDS:
        say(f"that took {took:.0f} s instead of {LIMIT_SECONDS}: mark what is slow, unless the machine was busy")
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""`./run quick`: what a change most likely breaks, in at most two minutes; no browser, no marathon, no lint."""

import subprocess
import sys

from tests.run.prepare import say
from tests.run.test import PYTEST

LIMIT_SECONDS = 120


def main(arguments: list[str]) -> int:
    command = [*PYTEST, "-m", "not slow and not browser and not namespaces", *arguments]
    try:
        return subprocess.run(command, check=False, timeout=LIMIT_SECONDS).returncode
    except subprocess.TimeoutExpired:
        say(f"the quick tests took longer than {LIMIT_SECONDS // 60} minutes: mark what is slow")
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

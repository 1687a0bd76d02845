"""`./run lint`: style, format, types and the direction of imports."""

import subprocess
import sys

from tests.run.prepare import say

CHECKS = (
    ("ruff", "check", "."),
    ("ruff", "format", "--check", "."),
    ("mypy",),
    ("lint-imports",),
)


def lint() -> bool:
    """Whether every check passes; the failing ones print why."""
    failed = False
    for command in CHECKS:
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        if done.returncode != 0:
            failed = True
            say(f"{' '.join(command)} failed\n{done.stdout}{done.stderr}")
    return not failed


if __name__ == "__main__":
    sys.exit(0 if lint() else 1)

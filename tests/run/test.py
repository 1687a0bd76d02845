"""`./run test`: everything that needs to hold, in twenty minutes on two cores that do nothing else."""

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from xml.etree import ElementTree

from tests.run.prepare import TEST_TOOLS, prepare, say

# What a developer and CI may be made to wait for; longer is said, much longer is a test that hangs.
WANTED_SECONDS = 20 * 60
LIMIT_SECONDS = 3 * WANTED_SECONDS
# Three for two cores: a third of the time a test waits for a program, a clock or a disk.
PYTEST = (sys.executable, "-m", "pytest", "-q", "-n", "3")
SHARED_OUT = ("-p", "tests.run.grouping", "--dist", "loadscope", "--no-loadscope-reorder")
# Beside the tests and behind them: a minute of types, where nothing is cached.
LINT = ("nice", sys.executable, "-m", "tests.run.lint")


def compile_once() -> None:
    """In a fresh checkout: or each worker compiles the same modules at the same time, half a minute of work in each."""
    if not list(Path("tests/access/__pycache__").glob("*-pytest-*.pyc")):
        command = [sys.executable, "-m", "pytest", "-q", "--collect-only"]
        # Whatever it has to say, the workers say again.
        subprocess.run(command, check=False, capture_output=True, timeout=LIMIT_SECONDS)


def postgresql_ran(report: Path) -> int:
    """How many tests of the records suite ran on PostgreSQL, by their parameter, skipped ones not counted."""
    cases = ElementTree.parse(report).iter("testcase")
    return sum(1 for case in cases if "postgresql" in case.get("name", "") and case.find("skipped") is None)


def main(arguments: list[str]) -> int:
    began = time.monotonic()
    left_out = sorted({tool.marker for tool in prepare(TEST_TOOLS)})
    if left_out:
        say(f"left out for want of these tools: tests marked {', '.join(left_out)}")
    lint = subprocess.Popen(LINT)
    if not arguments:
        compile_once()
    # What a clock tells beside other tests is no finding: ./run timing.
    selection = ["-m", " and ".join(f"not {marker}" for marker in (*left_out, "timing"))]
    with tempfile.TemporaryDirectory() as directory:
        report = Path(directory) / "report.xml"
        try:
            status = subprocess.run(
                [*PYTEST, *SHARED_OUT, f"--junitxml={report}", *selection, *arguments],
                check=False,
                timeout=LIMIT_SECONDS - (time.monotonic() - began),
            ).returncode
        except subprocess.TimeoutExpired:
            say(f"the tests took longer than {LIMIT_SECONDS // 60} minutes")
            lint.terminate()
            return 1
        if not arguments and (not report.exists() or postgresql_ran(report) == 0):
            say("the PostgreSQL half of the records suite ran nothing")
            status = status or 1
    clean = lint.wait() == 0
    took = time.monotonic() - began
    if took > WANTED_SECONDS:
        say(f"that took {took / 60:.0f} minutes instead of {WANTED_SECONDS // 60}: see pytest's --durations")
    if not clean:
        say("./run lint has something to say (above)")
    return status or (0 if clean else 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

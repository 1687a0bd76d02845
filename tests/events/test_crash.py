"""Killed at any moment, the log verifies and holds whatever was acknowledged."""

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from assay.events import verify_log
from assay.store import Database, Store
from assay.store.migrate import upgrade
from tests.events.company import leaves_of

ROUNDS = 10
ROOT = Path(__file__).parents[2]


@pytest.mark.slow
async def test_a_killed_writer_leaves_a_log_that_verifies(tmp_path: Path) -> None:
    path = tmp_path / "assay.db"
    database = Database.at(path)
    upgrade(database)
    database.close()
    seed = random.SystemRandom().getrandbits(32)
    print(f"seed {seed}")  # noqa: T201  pytest shows it when the test fails
    chance = random.Random(seed)
    acknowledged: set[str] = set()
    for _ in range(ROUNDS):
        acknowledged |= append_until_killed(path, lines=chance.randrange(1, 200))
        store = Store(Database.at(path))
        verdict = await store.read(lambda reader: verify_log(reader, verifiers=[]))
        assert verdict.ok, verdict.findings
        assert acknowledged <= {leaf.id for leaf in await leaves_of(store)}
        await store.close()
    assert len(acknowledged) >= ROUNDS


def append_until_killed(path: Path, *, lines: int) -> set[str]:
    """Kill the appender in the middle of its work once it has acknowledged so many; return all it acknowledged."""
    command = [sys.executable, "-m", "tests.events.appender", str(path)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        read = {process.stdout.readline().strip() for _ in range(lines)}
        process.kill()
        # What it had written into the pipe before it died was acknowledged too.
        rest = process.stdout.read().split()
    assert process.returncode == -signal.SIGKILL, "it died of something else"
    return read | set(rest)

"""A short marathon in every test run; `./run crash` runs the long one."""

import random
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.crash.marathon import marathon

TIMES = 6

pytestmark = [pytest.mark.slow, pytest.mark.interop]


async def test_killed_at_any_moment_nothing_acknowledged_is_lost() -> None:
    seed = random.SystemRandom().getrandbits(32)
    print(f"seed {seed}")  # noqa: T201 - pytest shows it when the test fails
    # A short path: the sockets in it may have 107 bytes.
    with TemporaryDirectory(prefix="assay-crash-") as directory:
        await marathon(Path(directory), times=TIMES, seed=seed)

"""One demo for all tests that only look at one."""

import shutil
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.simulator.running_demo import RunningDemo, running_demo


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def demo() -> AsyncIterator[RunningDemo]:
    """A demo that runs until the last test; its directory's name is short, for sockets' paths have a limit."""
    directory = Path(tempfile.mkdtemp(prefix="assay-demo-"))
    try:
        async with running_demo(directory) as running:
            yield running
    finally:
        shutil.rmtree(directory)

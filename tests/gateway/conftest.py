"""A running gateway for every test that asks for one."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.gateway.rig import Rig


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    one = Rig(tmp_path)
    await one.start()
    yield one
    await one.stop()

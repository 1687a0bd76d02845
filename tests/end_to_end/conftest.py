"""A running installation, and apps that we did not write."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.installation import Installation, installation
from tests.ports import free_port


@pytest.fixture
def installed(tmp_path: Path) -> Iterator[Installation]:
    """An empty installation that has just been started for the first time."""
    port = free_port()
    with installation(tmp_path, port=port) as running:
        yield running

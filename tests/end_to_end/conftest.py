"""A running installation, and apps that we did not write."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.installation import PORTS, Installation, free_port, installation


@pytest.fixture
def installed(tmp_path: Path) -> Iterator[Installation]:
    """An empty installation that has just been started for the first time."""
    # Two test processes on one machine begin to look for a port at different places.
    port = free_port(PORTS.start + os.getpid() % (len(PORTS) - 1))
    with installation(tmp_path, port=port) as running:
        yield running

"""What a killed test leaves behind is gone at the next start; what a living one uses is not touched."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.nodes.lan import forget_stale, run


@pytest.mark.namespaces
def test_machines_of_the_dead_are_deleted_and_those_of_the_living_kept() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        pass
    dead, living = f"as{ended.pid}-stale", f"as{os.getpid()}-kept"
    for name in (dead, living):
        run("ip", "netns", "add", name)
    try:
        forget_stale()
        assert not Path("/run/netns", dead).exists()
        assert Path("/run/netns", living).exists()
    finally:
        run("ip", "netns", "delete", living)

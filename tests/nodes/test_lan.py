"""What a killed test leaves behind is gone at the next start; what a living one uses is not touched."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.forked_program import run_program
from tests.nodes.lan import Lan, forget_stale, run
from tests.ports import free_port


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


@pytest.mark.namespaces
def test_a_command_is_run_on_the_machine_where_its_test_is(tmp_path: Path) -> None:
    place, command = Lan(f"as{os.getpid()}"), ("login", f"https://id.assay.localhost:{free_port()}")
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    run("ip", "netns", "add", place.namespace("alone"))
    try:
        for _ in range(2):
            assert "refused" in run_program(*command, environment=environment).stderr
            with place.at("alone"):
                assert "unreachable" in run_program(*command, environment=environment).stderr
    finally:
        run("ip", "netns", "delete", place.namespace("alone"))

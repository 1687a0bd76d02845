"""A person on the gateway's own link: their address is one of an interface, and a cut finds them all the same."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from assay.gateway.socket_table import scoped
from tests.gateway.alone import INTERFACE, LINK_LOCAL
from tests.nodes.lan import forget_stale, run


@pytest.fixture
def machine() -> Iterator[tuple[str, ...]]:
    """What a program is started through to run on a machine of its own with one link."""
    forget_stale()
    space = f"as{os.getpid()}-link"
    run("ip", "netns", "add", space)
    try:
        run("ip", "-n", space, "link", "set", "lo", "up")
        run("ip", "-n", space, "link", "add", INTERFACE, "type", "veth", "peer", "name", "other")
        for end in (INTERFACE, "other"):
            run("ip", "-n", space, "link", "set", end, "up")
        run("ip", "-n", space, "address", "add", f"{LINK_LOCAL}/64", "dev", INTERFACE, "nodad")
        yield ("ip", "netns", "exec", space)
    finally:
        with suppress(AssertionError):
            run("ip", "netns", "delete", space)


@pytest.mark.namespaces
def test_a_connection_from_the_own_link_is_neither_forgotten_nor_spared(
    machine: tuple[str, ...], tmp_path: Path
) -> None:
    done = subprocess.run(
        [*machine, sys.executable, "-m", "tests.gateway.alone", "cut-link-local", str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"swept": 0, "cut": 1, "gone": 0, "failures": 0}


@pytest.mark.parametrize(
    ("address", "interface", "written"),
    [
        ("fe80::7", 3, "fe80::7%3"),
        ("fe80::7", 0, "fe80::7"),
        ("2001:db8::7", 3, "2001:db8::7"),
        ("169.254.1.1", 3, "169.254.1.1"),
    ],
)
def test_only_link_local_addresses_of_ipv6_carry_their_interface(address: str, interface: int, written: str) -> None:
    assert scoped(address, interface) == written

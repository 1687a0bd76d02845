"""Machines as network namespaces on one bridge; what is between them can be cut, one way or both."""

import ctypes
import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

CLONE_NEWNET: Final = 0x40000000
NETWORK: Final = "10.77.0.0/24"
_OURS: Final = re.compile(r"as(\d+)-[a-z]+")
MACHINES: Final = {"db": 2, "a": 3, "b": 4, "app": 5, "client": 6}


def run(*command: str, text: str | None = None) -> None:
    done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, (command, done.stdout, done.stderr)


class Lan:
    """The machines of one test; made by `lan`."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix

    def namespace(self, machine: str) -> str:
        return f"{self.prefix}-{machine}"

    def address(self, machine: str) -> str:
        return f"10.77.0.{MACHINES[machine]}"

    def within(self, machine: str) -> tuple[str, ...]:
        """What a program is started through to run on this machine."""
        return ("ip", "netns", "exec", self.namespace(machine))

    def cut(self, machine: str, other: str, *, incoming: bool = True, outgoing: bool = True) -> None:
        """Nothing passes between these two any more, or nothing in one direction; connections do not hear of it."""
        address, rules = self.address(other), []
        if incoming:
            rules.append(f"chain in {{ type filter hook input priority 0; ip saddr {address} drop; }}")
        if outgoing:
            rules.append(f"chain out {{ type filter hook output priority 0; ip daddr {address} drop; }}")
        self.heal(machine)
        table = "table inet cut {\n" + "\n".join(rules) + "\n}\n"
        run(*self.within(machine), "nft", "-f", "-", text=table)

    def heal(self, machine: str) -> None:
        """Everything passes again."""
        with suppress(AssertionError):
            run(*self.within(machine), "nft", "delete", "table", "inet", "cut")

    @contextmanager
    def at(self, machine: str) -> Iterator[None]:
        """What this thread opens from here on, it opens on that machine."""
        libc = ctypes.CDLL(None, use_errno=True)
        before = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        inside = os.open(Path("/run/netns") / self.namespace(machine), os.O_RDONLY)
        try:
            assert libc.setns(inside, CLONE_NEWNET) == 0, os.strerror(ctypes.get_errno())
            yield
        finally:
            assert libc.setns(before, CLONE_NEWNET) == 0, os.strerror(ctypes.get_errno())
            os.close(before)
            os.close(inside)


def forget_stale(place: Path = Path("/run/netns")) -> None:
    """Delete the machines of tests that were killed before they could: those whose owner, in their name, is gone."""
    for space in place.iterdir() if place.exists() else ():
        owner = _OURS.fullmatch(space.name)
        if owner is not None and not Path(f"/proc/{owner[1]}").exists():
            # Another test may do the same at this moment.
            with suppress(AssertionError):
                run("ip", "netns", "delete", space.name)


@contextmanager
def lan() -> Iterator[Lan]:
    """Five machines on one bridge."""
    forget_stale()
    made = Lan(f"as{os.getpid()}")
    switch = made.namespace("lan")
    spaces = [switch, *map(made.namespace, MACHINES)]
    try:
        for space in spaces:
            run("ip", "netns", "add", space)
            run("ip", "-n", space, "link", "set", "lo", "up")
        run("ip", "-n", switch, "link", "add", "br0", "type", "bridge")
        run("ip", "-n", switch, "link", "set", "br0", "up")
        for machine, number in MACHINES.items():
            space, port = made.namespace(machine), f"p{number}"
            run("ip", "link", "add", port, "netns", switch, "type", "veth", "peer", "name", "eth0", "netns", space)
            run("ip", "-n", switch, "link", "set", port, "master", "br0", "up")
            run("ip", "-n", space, "address", "add", f"10.77.0.{number}/24", "dev", "eth0")
            run("ip", "-n", space, "link", "set", "eth0", "up")
        yield made
    finally:
        for space in spaces:
            with suppress(AssertionError):
                run("ip", "netns", "delete", space)

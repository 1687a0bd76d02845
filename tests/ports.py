"""Ports for servers of tests: every test process has a block of its own."""

import fcntl
import os
import socket
import tempfile
from collections.abc import Iterable
from functools import cache
from itertools import cycle
from pathlib import Path

# Below the range from which the kernel takes ports for outgoing connections, so that none is taken meanwhile.
PORTS = range(20_000, 32_000)
_BLOCK = 500
_LOCKS = Path(tempfile.gettempdir()) / f"assay-test-ports-{os.getuid()}"


def free_port(candidates: Iterable[int] | None = None) -> int:
    """A port that nobody listens on, of this process's own or of `candidates`."""
    for port in _block() if candidates is None else candidates:
        if _nobody_listens(port):
            return port
    raise OSError("no free port")


@cache
def _block() -> "cycle[int]":
    """This process's ports: two that probe at the same time would else both find the same one free."""
    _LOCKS.mkdir(exist_ok=True)
    for start in range(PORTS.start, PORTS.stop, _BLOCK):
        # Open, and so locked, until this process ends.
        lock = os.open(_LOCKS / str(start), os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
        else:
            return cycle(range(start, start + _BLOCK))
    raise OSError(f"every block of ports is taken, see {_LOCKS}")


def _nobody_listens(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True

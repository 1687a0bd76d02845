"""The processes that prove for the service in this one, which come and go while they are looked at."""

import os
import signal
from contextlib import suppress
from pathlib import Path


def provers(module: str) -> set[int]:
    """Those that run this module."""
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    return {int(child) for child in children if module.encode() in _command_of(child)}


def kill_provers(module: str) -> int:
    """End those that are there as the kernel does where one takes too much; how many."""
    killed = 0
    for each in provers(module):
        with suppress(ProcessLookupError):
            os.kill(each, signal.SIGKILL)
            killed += 1
    return killed


def _command_of(child: str) -> bytes:
    try:
        return Path(f"/proc/{child}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""  # it has ended since

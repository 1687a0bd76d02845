"""What the kernel says of a process: CPU used, memory held, children."""

import os
import socket
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

TICKS = os.sysconf("SC_CLK_TCK")
MIB = 1024 * 1024
# What was listed may have ended before it is read.
_ENDED: Final = (FileNotFoundError, ProcessLookupError)


def cpu_seconds(pid: int) -> float:
    """CPU time used since its start by all threads, user and system, to 10 ms (proc_pid_stat(5))."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def resident_mib(pid: int) -> float:
    """Resident memory in MiB, shared libraries included (proc_pid_status(5), VmRSS)."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:")) * 1024 / MIB


def children(pid: int) -> list[int]:
    """Its child processes."""
    return [int(child) for task in Path(f"/proc/{pid}/task").iterdir() for child in _children_of(task)]


def envoy_of(pid: int) -> int:
    """The Envoy of a service; raises LookupError without one."""
    for child in children(pid):
        with suppress(*_ENDED):
            if Path(f"/proc/{child}/comm").read_text().strip().startswith("envoy"):
                return child
    raise LookupError(f"process {pid} has no Envoy")


def free_port() -> int:
    """A port that the kernel found free."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def machine() -> str:
    """What was measured on, in one line."""
    names = [line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")]
    memory = next((int(line.split()[1]) for line in _lines("/proc/meminfo") if line.startswith("MemTotal")), 0)
    return (
        f"{len(os.sched_getaffinity(0))} x {names[0] if names else os.uname().machine}, "
        f"{memory / 1024 / 1024:.0f} GiB, Linux {os.uname().release}"
    )


def load_average() -> float:
    """Processes that wanted to run during the last minute."""
    return os.getloadavg()[0]


def _children_of(task: Path) -> Sequence[str]:
    try:
        return (task / "children").read_text().split()
    except _ENDED:
        return ()


def _lines(path: str) -> list[str]:
    return Path(path).read_text().splitlines()

"""Run `assay …` as a process of its own that has imported the program already: that is most of what a command takes.

It is forked from one that waits (tests/forking_program.py), one for this test process and network; arguments,
environment, files and exit code are those of a program that is started. What starting it means,
tests/cli/test_program.py looks at.
"""

import atexit
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path

# The program as it was installed beside this Python.
ASSAY = str(Path(sys.executable).parent / "assay")
# What acts on a program before its first line: whoever sets it wants one that is started.
_BEFORE = ("PYTHON", "LD_")
_gate = threading.Lock()
# By the network namespace that each was started in: a test may be on a machine of its own (tests/nodes/lan.py).
_waiting: dict[int, socket.socket] = {}


def run_program(
    *arguments: str, environment: Mapping[str, str], given: bytes = b"", timeout: float = 60
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, with its output as text; raises subprocess.TimeoutExpired after so many seconds."""
    if any(environment.get(name) != os.environ.get(name) for name in environment if name.startswith(_BEFORE)):
        return subprocess.run(
            [ASSAY, *arguments],
            capture_output=True,
            text=True,
            env=dict(environment),
            timeout=timeout,
            check=False,
            input=given.decode(),
        )
    with tempfile.TemporaryFile() as stdin, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        stdin.write(given)
        stdin.seek(0)
        hears, tells = os.pipe()
        with os.fdopen(hears, "rb", buffering=0) as told:
            try:
                asked = json.dumps({"words": arguments, "environment": dict(environment)}).encode()
                socket.send_fds(_program(), [asked], [stdin.fileno(), out.fileno(), err.fileno(), tells])
            finally:
                os.close(tells)
            code = _ended(told.fileno(), arguments, timeout)
        out.seek(0)
        err.seek(0)
        return subprocess.CompletedProcess(arguments, code, out.read().decode(), err.read().decode())


def _ended(told: int, arguments: tuple[str, ...], timeout: float) -> int:
    """The exit code, once there is one; the command is killed where none comes in time."""
    heard, poll = b"", select.poll()
    poll.register(told, select.POLLIN)
    while heard.count(b"\n") < 2:
        if not poll.poll(timeout * 1_000):
            if b"\n" in heard:
                os.kill(int(heard.split()[0]), signal.SIGKILL)
            raise subprocess.TimeoutExpired(arguments, timeout)
        more = os.read(told, 100)
        assert more, "the process that runs commands is gone"
        heard += more
    return int(heard.split()[1])


def _program() -> socket.socket:
    """Where commands are asked for; started when the first one is."""
    with _gate:
        network = Path("/proc/thread-self/ns/net").stat().st_ino
        if network not in _waiting:
            ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            with its:
                source = str(Path(__file__).with_name("forking_program.py"))
                # -P: the directory of the tests is no place to import from.
                process = subprocess.Popen([sys.executable, "-P", source, str(its.fileno())], pass_fds=[its.fileno()])
            _waiting[network] = ours
            atexit.register(_end, ours, process)
        return _waiting[network]


def _end(ours: socket.socket, process: "subprocess.Popen[bytes]") -> None:
    ours.close()
    process.wait(60)

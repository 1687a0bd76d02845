"""Run `assay …` as a process of its own that has imported the program already: that is most of what a command takes,
and of what it takes until a service is up.

It is forked from one that waits (tests/forking_program.py), one for this test process and network; arguments,
environment, files and exit code are those of a program that is started. What starting it means,
tests/cli/test_program.py looks at.
"""

import atexit
import json
import os
import resource
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

# The program as it was installed beside this Python.
ASSAY = str(Path(sys.executable).parent / "assay")
# What acts on a program before its first line: whoever sets it wants one that is started.
_BEFORE = ("PYTHON", "LD_")
_gate = threading.Lock()
# By the network namespace that each was started in: a test may be on a machine of its own (tests/nodes/lan.py).
# And by what it has imported: nothing for every command, the service for `up`.
_waiting: dict[tuple[int, tuple[str, ...]], socket.socket] = {}
# What a program has from whoever starts it, and a test may have changed meanwhile (getrlimit(2)).
LIMITS = (resource.RLIMIT_NOFILE, resource.RLIMIT_FSIZE, resource.RLIMIT_AS, resource.RLIMIT_CORE)
_SERVICE = ("assay.cli.up", "assay.server.service")


def run_program(
    *arguments: str, environment: Mapping[str, str], given: bytes = b"", timeout: float = 60
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, with its output as text; raises subprocess.TimeoutExpired after so many seconds."""
    if not can_be_forked(environment):
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
                _ask((), arguments, environment, [stdin.fileno(), out.fileno(), err.fileno(), tells])
            finally:
                os.close(tells)
            code = _ended(told.fileno(), arguments, timeout)
        out.seek(0)
        err.seek(0)
        return subprocess.CompletedProcess(arguments, code, out.read().decode(), err.read().decode())


def can_be_forked(environment: Mapping[str, str]) -> bool:
    """Whether what it changes acts on the program alone, and not on Python before it."""
    return all(environment.get(name) == os.environ.get(name) for name in environment if name.startswith(_BEFORE))


class Running:
    """A service, as `subprocess.Popen` has it; `stdout` is what it prints, errors included.

    Of `assay …`, or of a program of a test's own that is made of the same.
    """

    def __init__(self, *arguments: str, environment: Mapping[str, str], program: Path | None = None) -> None:
        self.args = arguments
        self.returncode: int | None = None
        reads, writes = os.pipe()
        self.stdout = os.fdopen(reads, encoding="utf-8")
        self._told, tells = os.pipe()
        nothing = os.open(os.devnull, os.O_RDONLY)
        try:
            _ask(_SERVICE, arguments, environment, [nothing, writes, writes, tells], program)
        finally:
            for file in (nothing, writes, tells):
                os.close(file)
        self._heard = b""
        while b"\n" not in self._heard:
            self._hear()
        self.pid = int(self._heard.split()[0])

    def poll(self) -> int | None:
        """The exit code, once there is one."""
        return self._code_within(0)

    def wait(self, timeout: float) -> int:
        """The exit code; raises subprocess.TimeoutExpired after so many seconds."""
        code = self._code_within(timeout)
        if code is None:
            raise subprocess.TimeoutExpired(self.args, timeout)
        return code

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            # It may have ended, and have been taken, before anybody was told so.
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def _code_within(self, seconds: float) -> int | None:
        ends, poll = time.monotonic() + seconds, select.poll()
        if self.returncode is None:
            poll.register(self._told, select.POLLIN)
        while self.returncode is None:
            if not poll.poll(max(0.0, ends - time.monotonic()) * 1_000):
                return None
            self._hear()
            if self._heard.count(b"\n") == 2:
                self.returncode = int(self._heard.split()[1])
                os.close(self._told)
        return self.returncode

    def _hear(self) -> None:
        more = os.read(self._told, 100)
        assert more, "the process that runs commands is gone"
        self._heard += more


def _ask(
    modules: tuple[str, ...],
    words: tuple[str, ...],
    environment: Mapping[str, str],
    files: list[int],
    program: Path | None = None,
) -> None:
    asked = {
        "program": program and str(program),
        "words": words,
        "environment": dict(environment),
        "directory": str(Path.cwd()),
        "limits": {limit: resource.getrlimit(limit) for limit in LIMITS},
    }
    socket.send_fds(_program(modules), [json.dumps(asked).encode()], files)


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


def _program(modules: tuple[str, ...]) -> socket.socket:
    """Where commands are asked for; started when the first one is."""
    with _gate:
        kind = Path("/proc/thread-self/ns/net").stat().st_ino, modules
        if kind not in _waiting:
            ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            with its:
                source = str(Path(__file__).with_name("forking_program.py"))
                # -P: the directory of the tests is no place to import from.
                command = [sys.executable, "-P", source, str(its.fileno()), *modules]
                process = subprocess.Popen(command, pass_fds=[its.fileno()])
            _waiting[kind] = ours
            atexit.register(_end, ours, process)
        return _waiting[kind]


def _end(ours: socket.socket, process: "subprocess.Popen[bytes]") -> None:
    ours.close()
    process.wait(60)

"""A whole installation as its owner runs it: `assay up` in a process of its own, and `assay …` beside it."""

import json
import os
import re
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, Queue

from tests.forked_program import ASSAY, Running, can_be_forked, run_program

# On a machine that is busy with everything else at once.
START_SECONDS = 120
COMMAND_SECONDS = 120
STOP_SECONDS = 60


class Installation:
    """One data directory and the service on it."""

    def __init__(self, directory: Path, *, port: int, options: tuple[str, ...] = ()) -> None:
        self.directory = directory
        self.data = directory / "data"
        self.port = port
        self.options = options
        self.process: subprocess.Popen[str] | Running | None = None
        self.printed: list[str] = []
        # What the service prints after it was up.
        self.lines: Queue[str | None] = Queue()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def launcher(self) -> tuple[str, ...]:
        """What the service is started through."""
        return ()

    @property
    def id_origin(self) -> str:
        return f"https://id.assay.localhost:{self.port}"

    def app_origin(self, name: str) -> str:
        return f"https://{name}.assay.localhost:{self.port}"

    @property
    def authority(self) -> Path:
        return self.data / "certificates" / "assay.localhost" / "authority.pem"

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "HOME": str(self.directory), "XDG_CONFIG_HOME": str(self.directory / "config")}

    def start(self) -> None:
        """Start the service; returns when it says that it is up, raises AssertionError with its words otherwise."""
        self.lines = lines = Queue[str | None]()
        self.process = process = self._started()

        def read() -> None:
            assert process.stdout is not None
            with process.stdout:
                for line in process.stdout:
                    lines.put(line)
            lines.put(None)

        self.reader = threading.Thread(target=read, daemon=True)
        self.reader.start()
        self.printed = []
        while True:
            try:
                line = lines.get(timeout=START_SECONDS)
            except Empty:
                raise AssertionError(f"not up after {START_SECONDS} s: {self.printed}") from None
            if line is None:
                process.wait(60)
                raise AssertionError(f"assay up ended: {self.printed}")
            self.printed.append(line)
            if "Ctrl-C" in line:
                return

    def _started(self) -> subprocess.Popen[str] | Running:
        words = ("up", "--data", str(self.data), "--port", str(self.port), *self.options)
        if not self.launcher and can_be_forked(self.environment):
            return Running(*words, environment=self.environment)
        return subprocess.Popen(
            [*self.launcher, ASSAY, *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=self.environment,
        )

    def stop(self) -> None:
        """Ctrl-C, and wait until it is gone."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(STOP_SECONDS)
            self.reader.join(STOP_SECONDS)
        self.process = None

    def owner_link(self) -> str:
        """The one-time link that the service printed."""
        found = re.search(r"https://\S+/enrol/\S+", "".join(self.printed))
        assert found is not None, self.printed
        return found[0]

    def run(self, *arguments: str, code: int = 0) -> str:
        """Run `assay …`; its output. The exit code must be the one that is expected."""
        done = self._done(*arguments)
        assert done.returncode == code, (arguments, done.returncode, done.stdout, done.stderr)
        return done.stdout

    def _done(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `assay …` to its end."""
        environment = {**self.environment, "ASSAY_DATA": str(self.data)}
        return run_program(*arguments, environment=environment, timeout=COMMAND_SECONDS)

    def eventually(self, words: str, *arguments: str) -> str:
        """Run `assay …` until it says these words: a decision is written a moment after it was made."""
        ends = time.monotonic() + START_SECONDS
        while True:
            done = self._done(*arguments)
            if done.returncode == 0 and words in done.stdout:
                return done.stdout
            assert time.monotonic() < ends, (arguments, done.returncode, done.stdout, done.stderr)

    def refusal(self, *arguments: str) -> str:
        """Run `assay …`, which refuses; what it says to that."""
        done = self._done(*arguments)
        assert done.returncode == 1, (arguments, done.returncode, done.stdout, done.stderr)
        return done.stderr

    def json(self, *arguments: str, code: int = 0) -> "object":
        """Run `assay … --json`; what it printed, decoded."""
        return json.loads(self.run(*arguments, "--json", code=code))

    def checkpoint_key(self) -> str:
        """The key that signs the log, as doctor shows it whatever else it finds."""
        done = self._done("doctor", "--json")
        found: str = json.loads(done.stdout)["checkpointKey"]
        return found


@contextmanager
def installation(directory: Path, *, port: int, options: tuple[str, ...] = ()) -> Iterator[Installation]:
    """A running installation in this directory."""
    made = Installation(directory, port=port, options=options)
    try:
        made.start()
        yield made
    finally:
        made.stop()

"""The socket on which a service tells systemd how it is."""

import os
import socket
import subprocess
import threading
import time
from pathlib import Path
from queue import Empty, SimpleQueue
from types import TracebackType

SECONDS = 60.0


class Notified:
    """A datagram socket at this path (or an abstract name) that keeps what was said.

    It is read all the time, as systemd reads: the kernel keeps ten messages, and drops what comes after them.
    """

    def __init__(self, path: Path | str) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(os.fspath(path))
        self._said: SimpleQueue[str] = SimpleQueue()
        self._reader = threading.Thread(target=self._read, daemon=True)

    def __enter__(self) -> "Notified":
        self._reader.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # Reading returns nothing then, and ends.
        self._socket.shutdown(socket.SHUT_RD)
        self._reader.join()
        self._socket.close()

    def _read(self) -> None:
        while message := self._socket.recv(4096):
            self._said.put(message.decode())

    def wait_for(self, state: str, process: "subprocess.Popen[str] | None" = None) -> str:
        """The message that has this line; what comes before it is read and forgotten."""
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            try:
                message = self._said.get(timeout=0.25)
            except Empty:
                if process is not None and process.poll() is not None:
                    assert process.stdout is not None
                    raise AssertionError(f"it ended: {process.stdout.read()}") from None
                continue
            if state in message.splitlines():
                return message
        raise AssertionError(f"{state} was not said within {SECONDS} s")

    def says_within(self, seconds: float) -> bool:
        """Whether anything is said; what was said before counts."""
        try:
            self._said.get(timeout=seconds)
        except Empty:
            return False
        return True

    def forget(self) -> None:
        """Read what was said until now."""
        while self.says_within(0.2):
            pass

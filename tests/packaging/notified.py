"""The socket on which a service tells systemd how it is."""

import os
import socket
import subprocess
import time
from pathlib import Path
from types import TracebackType

SECONDS = 60.0


class Notified:
    """A datagram socket at this path (or an abstract name) that keeps what was said."""

    def __init__(self, path: Path | str) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(os.fspath(path))
        self._socket.settimeout(0.25)

    def __enter__(self) -> "Notified":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()

    def wait_for(self, state: str, process: "subprocess.Popen[str] | None" = None) -> str:
        """The message that has this line; what comes before it is read and forgotten."""
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            try:
                message = self._socket.recv(4096).decode()
            except TimeoutError:
                if process is not None and process.poll() is not None:
                    assert process.stdout is not None
                    raise AssertionError(f"it ended: {process.stdout.read()}") from None
                continue
            if state in message.splitlines():
                return message
        raise AssertionError(f"{state} was not said within {SECONDS} s")

    def says_within(self, seconds: float) -> bool:
        """Whether anything is said; what was said before counts."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                self._socket.recv(4096)
            except TimeoutError:
                continue
            return True
        return False

    def forget(self) -> None:
        """Read what was said until now."""
        while self.says_within(0.2):
            pass

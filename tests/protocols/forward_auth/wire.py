"""Bytes to a proxy over TLS, and what comes back: nothing here repairs a request before it is sent."""

import socket
import ssl
import subprocess
import time
from pathlib import Path

from assay.values import Value

START_SECONDS = 60
ANSWER_SECONDS = 30.0


class Reply(Value, frozen=True, kw_only=True):
    """`status` 0: the connection ended without an answer, or none came in time."""

    status: int
    head: str
    body: bytes


NO_REPLY = Reply(status=0, head="", body=b"")


class Wire:
    """Connections to each program; `port` is that of all of them."""

    def __init__(self, addresses: dict[str, str], port: int, authority: Path) -> None:
        self.addresses = addresses
        self.port = port
        self._tls = ssl.create_default_context(cafile=str(authority))

    def host(self, program: str) -> str:
        return f"{program}.assay.localhost"

    def connect(self, program: str, *, sni: str = "", timeout: float = ANSWER_SECONDS) -> ssl.SSLSocket:
        """A connection for the app's host, or made for another name; raises OSError."""
        plain = socket.create_connection((self.addresses[program], self.port), timeout=timeout)
        return self._tls.wrap_socket(plain, server_hostname=sni or self.host(program))

    def send(self, program: str, request: bytes, *, sni: str = "", timeout: float = ANSWER_SECONDS) -> Reply:
        """One request, and its answer."""
        try:
            with self.connect(program, sni=sni, timeout=timeout) as connection:
                connection.sendall(request)
                return read_reply(connection)
        except OSError:
            return NO_REPLY

    def wait(self, program: str, process: subprocess.Popen[bytes], log: Path) -> None:
        """Return when it shakes hands; raises AssertionError with its words."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            assert process.poll() is None, f"{program} ended: {log.read_text()}"
            try:
                self.connect(program, timeout=5).close()
            except OSError:
                time.sleep(0.02)
                continue
            return
        raise AssertionError(f"{program} does not answer: {log.read_text()}")


def read_reply(connection: ssl.SSLSocket) -> Reply:
    """The first answer that is not an interim one."""
    data = b""
    while b"\r\n\r\n" not in data:
        read = connection.recv(65_536)
        if not read:
            return NO_REPLY
        data += read
    head, _, body = data.partition(b"\r\n\r\n")
    text = head.decode("latin-1")
    lengths = [line.partition(":")[2] for line in text.lower().split("\r\n") if line.startswith("content-length:")]
    wanted = int(lengths[0]) if lengths else 0
    while len(body) < wanted:
        read = connection.recv(65_536)
        if not read:
            break
        body += read
    return Reply(status=int(text.split(" ", 2)[1]), head=text, body=body)

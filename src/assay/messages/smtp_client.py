"""The SMTP client of the standard library, against servers that are slow or that lie.

The library bounds neither how many lines a reply may have nor how long a whole exchange may take; both are bounded
here: an attempt ends at its deadline, because the socket is shut down then, whatever the server sends until.
"""

import re
import smtplib
import socket
import ssl
import threading
from typing import Final

MAX_LINE: Final = 1_024  # RFC 5321 §4.5.3.1.5 says 512 octets
MAX_LINES: Final = 100
_REPLY: Final = re.compile(rb"([2-5][0-9]{2})(?:([ -])([^\r\n]*))?\r?\n")


class LyingServerError(smtplib.SMTPException):
    """The server answered with what is no SMTP reply."""


class Deadline:
    """Shuts a connection down when its time is over, or at once when it is told to."""

    def __init__(self, seconds: float) -> None:
        self._lock = threading.Lock()
        self._held: socket.socket | None = None
        self._over = False
        self._timer = threading.Timer(seconds, self.end)
        self._timer.daemon = True
        self._timer.start()

    @property
    def over(self) -> bool:
        return self._over

    def watch(self, connection: socket.socket) -> None:
        """This connection ends with the deadline; a descriptor of our own, because TLS takes the other one over."""
        with self._lock:
            self._held = connection.dup()
            if self._over:
                self._shut()

    def end(self) -> None:
        """Whoever waits for the server waits no longer."""
        with self._lock:
            self._over = True
            self._shut()

    def close(self) -> None:
        """The exchange is over in time."""
        self._timer.cancel()
        with self._lock:
            if self._held is not None:
                self._held.close()
                self._held = None

    def _shut(self) -> None:
        if self._held is not None:
            try:
                self._held.shutdown(socket.SHUT_RDWR)
            except OSError:
                return  # the other side was faster


class BoundedSMTP(smtplib.SMTP):
    """One exchange with bounded replies and a deadline."""

    def __init__(self, deadline: Deadline, *, timeout: float, local_hostname: str) -> None:
        self._deadline = deadline
        self._tls: ssl.SSLContext | None = None
        super().__init__(timeout=timeout, local_hostname=local_hostname)

    def wrap_from_the_start(self, context: ssl.SSLContext) -> None:
        """TLS before the greeting (RFC 8314 §3.3)."""
        self._tls = context

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        connection = socket.create_connection((host, port), timeout)
        self._deadline.watch(connection)
        self._host = host
        return connection if self._tls is None else self._tls.wrap_socket(connection, server_hostname=host)

    def getreply(self) -> tuple[int, bytes]:
        """One reply of at most MAX_LINES lines; raises LyingServerError for what is none."""
        if self.sock is None:
            raise smtplib.SMTPServerDisconnected("there is no connection")
        if self.file is None:
            self.file = self.sock.makefile("rb")
        code, texts = b"", []
        for _ in range(MAX_LINES):
            line = self.file.readline(MAX_LINE + 1)
            if not line:
                raise smtplib.SMTPServerDisconnected("the server closed the connection")
            read = _REPLY.fullmatch(line)
            if read is None or (code and read[1] != code):
                raise LyingServerError("the server's answer is no SMTP reply")
            code = read[1]
            texts.append(read[3] or b"")
            if read[2] != b"-":
                return int(code), b"\n".join(texts)
        raise LyingServerError("the server's answer does not end")

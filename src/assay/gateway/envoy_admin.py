"""Envoy's admin interface over its unix socket, by the standard library.

It is asked every few milliseconds until Envoy serves: a client of httpx costs more CPU for each question than the
answer, and its import (which brings a terminal's colours along) more than Envoy's start.
"""

import asyncio
import http.client
import socket
from pathlib import Path
from typing import Final

_SECONDS: Final = 5.0
# What ends a connection that was there, or says that there is none.
AdminError: Final = (OSError, http.client.HTTPException)


class _Connection(http.client.HTTPConnection):
    """One connection, for one request."""

    def __init__(self, path: Path) -> None:
        super().__init__("envoy", timeout=_SECONDS)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


async def asked(admin_socket: Path, path: str) -> str:
    """The text of one GET; raises one of AdminError, after 5 s without a word at the latest."""
    return await asyncio.to_thread(_ask, admin_socket, path)


def _ask(admin_socket: Path, path: str) -> str:
    connection = _Connection(admin_socket)
    try:
        connection.request("GET", path)
        return connection.getresponse().read().decode()
    finally:
        connection.close()

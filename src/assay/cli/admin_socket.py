"""HTTP over the service's admin socket, by the standard library: httpx takes longer to import than a command to run."""

import http.client
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

import msgspec

from assay.values import Wire

PREFIX: Final = "/v1"
_CHUNK: Final = 65_536

Query = Mapping[str, str | int | bool | None]
# What ends a connection that was there, or says that there is none.
TransportError: Final = (OSError, http.client.HTTPException)


class _Connection(http.client.HTTPConnection):
    """One connection, for one request."""

    def __init__(self, path: Path, seconds: float | None) -> None:
        super().__init__("assay", timeout=seconds)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


@contextmanager
def asked(
    path: Path, method: str, target: str, *, query: Query, body: Wire | None, seconds: float | None
) -> Iterator[http.client.HTTPResponse]:
    """The answer to this request, to be read before the block ends; raises one of TransportError."""
    connection = _Connection(path, seconds)
    try:
        given = urlencode(_given(query))
        content = None if body is None else msgspec.json.encode(body)
        headers = {"connection": "close"} | ({} if body is None else {"content-type": "application/json"})
        connection.request(method, f"{PREFIX}{target}{'?' if given else ''}{given}", body=content, headers=headers)
        yield connection.getresponse()
    finally:
        connection.close()


def chunks(answer: http.client.HTTPResponse) -> Iterator[bytes]:
    """The octets of an answer as they come; raises IncompleteRead where it ends too early."""
    while chunk := answer.read1(_CHUNK):
        yield chunk
    if answer.length:
        raise http.client.IncompleteRead(b"", answer.length)


def _given(query: Query) -> dict[str, str | int]:
    """The parameters that were given; truth as the API spells it."""
    return {
        key: str(value).lower() if isinstance(value, bool) else value
        for key, value in query.items()
        if value is not None
    }

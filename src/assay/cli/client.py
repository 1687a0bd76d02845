"""The admin API over its unix socket, as commands use it; every failure ends the command with its exit code."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPResponse
from pathlib import Path
from typing import Final, NoReturn, TypeVar
from urllib.parse import quote

import click
import msgspec

from assay.api.shapes.errors import ErrorBody, Problem
from assay.cli.admin_socket import Query, TransportError, asked, chunks
from assay.cli.typed import typed
from assay.places import places
from assay.values import Wire

T = TypeVar("T", bound=Wire)

REFUSED: Final = 1
WRONG_USE: Final = 2
UNREACHABLE: Final = 3
BAD_REQUEST: Final = 400
# Verifying a log of millions of records takes its time; nothing else here does.
SECONDS: Final = 600.0


class Client:
    """One command's connection."""

    def __init__(self, data: Path, *, as_json: bool) -> None:
        self._socket = places(data).admin_socket
        self._as_json = as_json

    @property
    def as_json(self) -> bool:
        """Whether a program reads the answer."""
        return self._as_json

    def known(self, path: str, shape: type[T]) -> T | None:
        """The answer, decoded; None where there is none, for what a command can do without."""
        try:
            with asked(self._socket, "GET", path, query={}, body=None, seconds=SECONDS) as answer:
                return None if answer.status >= BAD_REQUEST else msgspec.json.decode(answer.read(), type=shape)
        except TransportError:
            return None

    def get(self, path: str, shape: type[T], **query: str | int | bool | None) -> tuple[T, bytes]:
        """The answer, decoded and as it came."""
        return self._decoded(self._send("GET", path, query=query), shape)

    def post(self, path: str, shape: type[T], body: Wire) -> tuple[T, bytes]:
        """The same for a change."""
        return self._decoded(self._send("POST", path, body=body), shape)

    def act(self, path: str, shape: type[T]) -> tuple[T, bytes]:
        """The same for a change that needs no body."""
        return self._decoded(self._send("POST", path), shape)

    def patch(self, path: str, shape: type[T], body: Wire) -> tuple[T, bytes]:
        """The same for a change of a part."""
        return self._decoded(self._send("PATCH", path, body=body), shape)

    def delete(self, path: str, shape: type[T], **query: str | int | bool | None) -> tuple[T, bytes]:
        """The same for a removal."""
        return self._decoded(self._send("DELETE", path, query=query), shape)

    def octets(self, path: str) -> bytes:
        """The answer as it came."""
        return self._send("GET", path)

    def lines(self, path: str, **query: str | int | bool | None) -> Iterator[str]:
        """The lines of a stream as they come; the empty ones, which only show that it lives, are passed over."""
        with self._asked("GET", path, query=query, seconds=None) as found:
            yield from (line for octets in found if (line := octets.decode().rstrip("\r\n")))

    def chunks(self, path: str) -> Iterator[bytes]:
        """The octets of a stream as they come."""
        with self._asked("GET", path) as found:
            yield from chunks(found)

    def post_chunks(self, path: str, body: Wire) -> Iterator[bytes]:
        """The octets of what was asked for as they come."""
        with self._asked("POST", path, body=body) as found:
            yield from chunks(found)

    def _send(self, method: str, path: str, *, body: Wire | None = None, query: Query | None = None) -> bytes:
        with self._asked(method, path, body=body, query=query) as answer:
            return answer.read()

    @contextmanager
    def _asked(
        self,
        method: str,
        path: str,
        *,
        body: Wire | None = None,
        query: Query | None = None,
        seconds: float | None = SECONDS,
    ) -> Iterator[HTTPResponse]:
        try:
            with asked(self._socket, method, path, query=query or {}, body=body, seconds=seconds) as answer:
                if answer.status >= BAD_REQUEST:
                    self._fail(answer.status, answer.read())
                yield answer
        except TransportError as error:
            self._unreachable(error)

    def _decoded(self, content: bytes, shape: type[T]) -> tuple[T, bytes]:
        return msgspec.json.decode(content, type=shape), content

    def _fail(self, status: int, content: bytes) -> NoReturn:
        try:
            problem = msgspec.json.decode(content, type=ErrorBody).error
        except msgspec.MsgspecError:
            problem = Problem(code="failed", message=f"the service answered {status}")
        fail(problem, WRONG_USE if status == BAD_REQUEST else REFUSED, as_json=self._as_json)

    def _unreachable(self, error: Exception) -> NoReturn:
        remedy = "start it with: assay up; or name its data directory with --data"
        if isinstance(error, PermissionError):
            remedy = "it is another user's: run this as the user that the service runs as, or with sudo"
        problem = Problem(code="unreachable", message=f"no service answers at {self._socket} ({error})", remedy=remedy)
        fail(problem, UNREACHABLE, as_json=self._as_json)


def fail(problem: Problem, code: int, *, as_json: bool) -> NoReturn:
    """Say what went wrong and what to do next, and end with this exit code."""
    if as_json:
        click.echo(msgspec.json.encode(ErrorBody(error=problem)))
    else:
        click.echo(f"assay: {typed(problem.message)}", err=True)
        if problem.remedy:
            click.echo(f"  {typed(problem.remedy)}", err=True)
    sys.exit(code)


def segment(name: str) -> str:
    """A name as one segment of a path: escaped somewhere, so that it is no word of a route (`names_in_paths.py`)."""
    quoted = quote(name, safe="")
    return quoted if "%" in quoted or not quoted else f"%{ord(quoted[0]):02X}{quoted[1:]}"

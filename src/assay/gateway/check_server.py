"""The check that Envoy asks before every request: an HTTP/1.1 server of its own on a unix socket.

Not uvicorn: on this path each microsecond is paid by every request, and ASGI's dicts and tasks cost more than the
rest of the check (figures in docs/gateway.md). Envoy is the only client, on a socket in a directory of ours.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import TypeAlias, cast

import httptools

from assay.access.exchange import Allow, CheckAnswer, CheckRequest, Refuse
from assay.access.refusals_in_words import in_words, refusal
from assay.access.request_rules import AppRules, refuse_allowed, refuse_request
from assay.gateway.check_translation import encode_answer, read_connection, read_request
from assay.gateway.connections import ConnectionMap, OpenConnection
from assay.gateway.header_hygiene import CHECK_FIELDS, CONNECTION_HEADER
from assay.values import Reason

_LOG = logging.getLogger("assay.gateway.check")
_CACHED_CONNECTIONS = 4096
# Bytes of an allowance that are kept with a connection: of an assertion for many groups and a long cookie they are not.
_LONGEST_KEPT = 4_096
_STRICT = AppRules()
# Envoy writes names in lower case; it adds some of its own, which nobody asks for.
_HOST = "host"
_WANTED = {name.encode(): field for name, field in CHECK_FIELDS.items()}
_WANTED |= {name.encode(): name for name in (CONNECTION_HEADER, _HOST)}

# A coroutine and no other awaitable: nothing can run between its return and our registration of the connection,
# so a revocation either is seen by the decision or finds the connection to cut.
Decide: TypeAlias = Callable[[CheckRequest], CheckAnswer | Coroutine[None, None, CheckAnswer]]


class _Known:
    """A connection as its header was read, and the last allowance on it with its bytes."""

    __slots__ = ("answer", "connection", "encoded")

    def __init__(self, connection: OpenConnection) -> None:
        self.connection = connection
        self.answer: Allow | None = None
        self.encoded = b""


class Checker:
    """Judges one request: the gateway's own rules, then the decision, then the connection map."""

    def __init__(self, decide: Decide, connections: ConnectionMap) -> None:
        self._decide = decide
        self._connections = connections
        self._read: dict[str, _Known] = {}
        # By host, without port.
        self.rules: Mapping[str, AppRules] = {}

    def check(self, method: str, target: str, headers: dict[str, str]) -> bytes | Coroutine[None, None, bytes]:
        """The bytes of the answer; whatever goes wrong is a refusal. `headers`: by field, ours to take from."""
        request: CheckRequest | None = None
        try:
            known = self._connection(headers.pop(CONNECTION_HEADER))
            authority = headers.pop(_HOST)
            request = read_request(method, target, authority, headers, known.connection)
            rules = self.rules.get(request.host, _STRICT)
            refused = refuse_request(request, authority=authority, rules=rules)
            if refused is not None:
                return encode_answer(in_words(request, refusal(refused)))
            answer = self._decide(request)
            # Nearly every answer is an allowance, and asking an abstract class costs more than asking a class.
            if not isinstance(answer, Allow) and isinstance(answer, Coroutine):
                return self._finish_later(request, known, answer)
            return self._finish(request, known, answer)
        except Exception:  # noqa: BLE001 - an error in the decision path denies, whatever it is
            return self._failed(request)

    async def _finish_later(
        self, request: CheckRequest, known: _Known, answer: Coroutine[None, None, CheckAnswer]
    ) -> bytes:
        try:
            return self._finish(request, known, await answer)
        except Exception:  # noqa: BLE001 - an error in the decision path denies, whatever it is
            return self._failed(request)

    def _failed(self, request: CheckRequest | None) -> bytes:
        _LOG.exception("a check failed and was refused")
        answer = refusal(Reason.of("check_failed"))
        return encode_answer(answer if request is None else in_words(request, answer))

    def _finish(self, request: CheckRequest, known: _Known, answer: CheckAnswer) -> bytes:
        if isinstance(answer, Allow):
            refused = refuse_allowed(request, answer)
            if refused is None and not self._connections.register(
                known.connection, answer.session_id, answer.app_id, answer.grant, nobodys=answer.nobodys
            ):
                refused = Reason.of("too_many_connections")
            if refused is None:
                return known.encoded if known.answer is answer else _encode_kept(known, answer)
            answer = refusal(refused)
        if isinstance(answer, Refuse):
            answer = in_words(request, answer)
        return encode_answer(answer)

    def _connection(self, header: str) -> _Known:
        """The same text means the same connection: its number is in it."""
        found = self._read.get(header)
        if found is None:
            if len(self._read) >= _CACHED_CONNECTIONS:
                self._read.clear()
            found = self._read[header] = _Known(read_connection(header))
        return found


def _encode_kept(known: _Known, answer: Allow) -> bytes:
    encoded = encode_answer(answer)
    if len(encoded) <= _LONGEST_KEPT:
        known.encoded, known.answer = encoded, answer
    return encoded


class _CheckProtocol(asyncio.Protocol):
    """One connection from Envoy: one request at a time, answered in the read that brought it where possible."""

    def __init__(self, checker: Checker) -> None:
        self._checker = checker
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpRequestParser(self)
        self._target = b""
        self._headers: dict[str, str] = {}
        self._later: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self._transport = None
        if self._later is not None:
            self._later.cancel()

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            # Envoy parsed it already, and lets no method through that llhttp does not know; said so that Envoy asks
            # nobody else's question on a connection that ends.
            self._send(encode_answer(refusal(Reason.of("method_not_allowed")), last=True))
            if self._transport is not None:
                self._transport.close()

    def on_message_begin(self) -> None:
        self._target = b""
        self._headers = {}

    def on_url(self, url: bytes) -> None:
        self._target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        wanted = _WANTED.get(name)
        if wanted is not None:
            before = self._headers.get(wanted)
            text = value.decode("latin-1")
            # One that came twice is read as a list (RFC 9110 §5.2): the first must not hide behind the last.
            self._headers[wanted] = text if before is None else f"{before}, {text}"

    def on_message_complete(self) -> None:
        method = self._parser.get_method().decode("latin-1")
        answer = self._checker.check(method, self._target.decode("latin-1"), self._headers)
        if isinstance(answer, bytes):
            self._send(answer)
        else:
            self._later = asyncio.ensure_future(self._send_later(answer))

    async def _send_later(self, answer: Coroutine[None, None, bytes]) -> None:
        self._send(await answer)

    def _send(self, answer: bytes) -> None:
        if self._transport is not None:
            self._transport.write(answer)


class CheckServer:
    """Serves a checker on a unix socket until it is closed."""

    def __init__(self, checker: Checker, path: Path) -> None:
        self._checker = checker
        self._path = path
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        self._path.unlink(missing_ok=True)
        loop = asyncio.get_running_loop()
        self._server = await loop.create_unix_server(
            lambda: _CheckProtocol(self._checker), str(self._path), backlog=1024
        )
        self._path.chmod(0o600)

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        self._path.unlink(missing_ok=True)

"""HTTP/1.1 over TLS for clients that measure: one kept connection, and little work beside the server's."""

import asyncio
import ssl
from pathlib import Path

from assay.values import AssayError, Value

LINE_LIMIT = 1 << 20


class Answer(Value, frozen=True, kw_only=True):
    """One response; header names in lower case, a repeated header is there twice."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str:
        """The first value, or ""."""
        return next((value for found, value in self.headers if found == name), "")


def tls_context(authority: Path, *protocols: str) -> ssl.SSLContext:
    """What verifies the service by its certificate authority; `protocols` for ALPN (RFC 7301)."""
    context = ssl.create_default_context(cafile=str(authority))
    if protocols:
        context.set_alpn_protocols(list(protocols))
    return context


class Wire:
    """One connection to one host; opened anew when the server closed it between two requests."""

    def __init__(self, host: str, port: int, tls: ssl.SSLContext) -> None:
        self.host = host
        self._port = port
        self._tls = tls
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    @property
    def authority(self) -> str:
        return f"{self.host}:{self._port}"

    @property
    def origin(self) -> str:
        return f"https://{self.authority}"

    async def request(
        self, method: str, target: str, headers: tuple[tuple[str, str], ...] = (), body: bytes = b""
    ) -> Answer:
        """One request and its whole answer; raises OSError or EOFError when the connection ends on the way."""
        reused = self._streams is not None
        reader, writer = self._streams or await self._open()
        lines = [f"{method} {target} HTTP/1.1", f"host: {self.authority}"]
        lines += [f"{name}: {value}" for name, value in headers]
        if body or method == "POST":
            lines.append(f"content-length: {len(body)}")
        try:
            writer.write("\r\n".join((*lines, "", "")).encode() + body)
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            pairs = tuple((name.lower(), value) for name, _, value in (line.partition(": ") for line in head[1:-2]))
            answer = Answer(status=int(head[0].split(" ")[1]), headers=pairs, body=b"")
            content = await _body(reader, answer)
        except (asyncio.IncompleteReadError, OSError) as error:
            self.close()
            if reused and isinstance(error, asyncio.IncompleteReadError) and not error.partial:
                return await self.request(method, target, headers, body)
            raise
        if answer.header("connection") == "close":
            self.close()
        return Answer(status=answer.status, headers=pairs, body=content)

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].transport.abort()
            self._streams = None

    async def _open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        # The names below .localhost resolve in browsers only: the address is said, the name is verified.
        self._streams = await asyncio.open_connection(
            "127.0.0.1", self._port, ssl=self._tls, server_hostname=self.host, limit=LINE_LIMIT
        )
        return self._streams


async def _body(reader: asyncio.StreamReader, answer: Answer) -> bytes:
    if answer.header("transfer-encoding") == "chunked":
        parts: list[bytes] = []
        while size := int(await reader.readuntil(b"\r\n"), 16):
            parts.append((await reader.readexactly(size + 2))[:-2])
        await reader.readuntil(b"\r\n")
        return b"".join(parts)
    return await reader.readexactly(int(answer.header("content-length") or 0))


class UnexpectedAnswerError(AssayError):
    """The service answered what the flow does not lead to."""

    def __init__(self, what: str, answer: Answer) -> None:
        self.status = answer.status
        super().__init__(f"{what}: answered {answer.status} {answer.body[:300]!r}")

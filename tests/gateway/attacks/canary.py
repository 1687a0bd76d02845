"""The app at the end of the way: it keeps every byte that reached it, request by request."""

import asyncio
import contextlib
import re


class Canary:
    """A strict HTTP/1.1 server; `received` holds head and body of each request, `answer` what it says to the next."""

    def __init__(self) -> None:
        self.received: list[bytes] = []
        self.answer = b""
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    @property
    def url(self) -> str:
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=1 << 20)

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        for writer in self._writers:
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                at = len(self.received)
                # Kept before the body is there: half a request has reached the app as well.
                self.received.append(head)
                self.received[at] += await self._body(head, reader)
                writer.write(self._answer(head))
                await writer.drain()
        self._writers.discard(writer)
        writer.transport.abort()

    def _answer(self, head: bytes) -> bytes:
        if head.startswith(b"HEAD "):
            return b"HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\n"
        if self.answer and not head.startswith(b"GET /after "):
            return self.answer
        if b"upgrade: websocket" in head.lower():
            return b"HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n"
        return b"HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\ncanary"

    async def _body(self, head: bytes, reader: asyncio.StreamReader) -> bytes:
        length = re.search(rb"(?im)^content-length: *(\d+)\r$", head)
        if length is not None:
            return await reader.readexactly(int(length[1]))
        if re.search(rb"(?im)^transfer-encoding:", head) is None:
            return b""
        whole = b""
        while True:
            line = await reader.readline()
            whole += line
            size = int(line.partition(b";")[0], 16)
            if size == 0:
                break
            whole += await reader.readexactly(size + 2)
        while (line := await reader.readline()) not in (b"\r\n", b""):
            whole += line
        return whole

"""An app that we did not write: it shows what it received, streams without end, counts what is sent."""

import asyncio
import contextlib
import json
from urllib.parse import parse_qsl, urlsplit

BLOCK = bytes(65_536)


class UpstreamApp:
    """A plain HTTP/1.1 server on asyncio; `connections` says how many it has accepted."""

    def __init__(self) -> None:
        self.connections = 0
        self.received_bytes = 0
        self.receiving = asyncio.Event()
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def start(self, path: str | None = None, *, host: str = "127.0.0.1", port: int = 0) -> None:
        if path is None:
            self._server = await asyncio.start_server(self._serve, host, port)
        else:
            self._server = await asyncio.start_unix_server(self._serve, path)

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        try:
            while await self._one(reader, writer):
                pass
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(task)
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, target, _ = head[0].split(" ")
        headers = [line.split(": ", 1) for line in head[1:] if line]
        known = dict(headers)
        url = urlsplit(target)
        match url.path:
            case "/stream":
                await self._stream(writer)
            case "/events":
                await self._events(writer)
            case "/size":
                await self._size(writer, int(url.query))
            case "/upload":
                count = await self._count(reader, known)
                await self._answer(writer, str(count).encode())
            case "/answer-headers":
                extra = "".join(f"{name}: {value}\r\n" for name, value in parse_qsl(url.query))
                await self._answer(writer, b"", extra)
            case _:
                await self._count(reader, known)
                seen = {"method": method, "target": target, "headers": headers}
                await self._answer(writer, json.dumps(seen).encode())
        return True

    async def _answer(self, writer: asyncio.StreamWriter, body: bytes, extra: str = "") -> None:
        writer.write(f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n{extra}\r\n".encode() + body)
        await writer.drain()

    async def _stream(self, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            writer.write(b"10000\r\n" + BLOCK + b"\r\n")
            await writer.drain()

    async def _events(self, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: first\n\n")
        await writer.drain()
        await asyncio.Event().wait()

    async def _size(self, writer: asyncio.StreamWriter, size: int) -> None:
        writer.write(f"HTTP/1.1 200 OK\r\nContent-Length: {size}\r\n\r\n".encode())
        for at in range(0, size, len(BLOCK)):
            writer.write(BLOCK[: size - at])
            await writer.drain()

    async def _count(self, reader: asyncio.StreamReader, headers: dict[str, str]) -> int:
        self.received_bytes = 0
        if "transfer-encoding" in headers:
            while size := int(await reader.readline(), 16):
                await reader.readexactly(size + 2)
                self.received_bytes += size
            await reader.readline()
            return self.received_bytes
        length = int(headers.get("content-length", "0"))
        while self.received_bytes < length:
            block = await reader.read(min(1_048_576, length - self.received_bytes))
            if not block:
                raise asyncio.IncompleteReadError(b"", length)
            self.received_bytes += len(block)
            self.receiving.set()
        return length

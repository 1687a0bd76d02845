"""The app behind the gateway while something is measured: small answers, and streams of every kind."""

import asyncio
import base64
import hashlib
import sys
from pathlib import Path
from typing import cast

import httptools
import uvloop

SMALL = b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 3\r\n\r\nok\n"
RECEIVING = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n9\r\nreceiving\r\n"
UPLOADED = b"0\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\ncontent-type: application/octet-stream\r\ntransfer-encoding: chunked\r\n\r\n"
EVENTS = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\ndata: first\n\n"
BLOCK_BYTES = 65_536
BLOCK = b"%x\r\n" % BLOCK_BYTES + bytes(BLOCK_BYTES) + b"\r\n"
WEBSOCKET_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455 §1.3


class App(asyncio.Protocol):
    """One connection from Envoy. `/stream?N` sends N bytes a second (0: as fast as they are taken), for ever."""

    def __init__(self) -> None:
        self._parser = httptools.HttpRequestParser(self)
        self._target = b""
        self._websocket_key = b""
        self._upgraded = False
        self._open = asyncio.Event()
        self._stream: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._open.set()

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        if self._stream is not None:
            self._stream.cancel()

    def pause_writing(self) -> None:
        self._open.clear()

    def resume_writing(self) -> None:
        self._open.set()

    def data_received(self, data: bytes) -> None:
        if self._upgraded:
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._upgraded = True

    def on_url(self, url: bytes) -> None:
        self._target = url

    def on_header(self, name: bytes, value: bytes) -> None:
        if name.lower() == b"sec-websocket-key":
            self._websocket_key = value

    def on_headers_complete(self) -> None:
        if self._parser.should_upgrade():
            # RFC 6455 §1.3 asks for SHA-1; nothing is protected by it.
            digest = hashlib.sha1(self._websocket_key + WEBSOCKET_GUID, usedforsecurity=False).digest()
            self._transport.write(
                b"HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n"
                b"sec-websocket-accept: " + base64.b64encode(digest) + b"\r\n\r\n\x81\x05hello"
            )
        elif self._target == b"/upload":
            self._transport.write(RECEIVING)

    def on_message_complete(self) -> None:
        if self._parser.should_upgrade():
            return
        path, _, query = self._target.partition(b"?")
        if path == b"/stream":
            self._transport.write(CHUNKED)
            self._stream = asyncio.get_running_loop().create_task(self._send(int(query or 0)))
        else:
            self._transport.write({b"/events": EVENTS, b"/upload": UPLOADED}.get(path, SMALL))

    async def _send(self, rate: int) -> None:
        pause = BLOCK_BYTES / rate if rate else 0.0
        while True:
            await self._open.wait()
            self._transport.write(BLOCK)
            await asyncio.sleep(pause)


async def serve(path: Path) -> None:
    """Serve on this unix socket until killed; says `up` when it can be asked."""
    server = await asyncio.get_running_loop().create_unix_server(App, str(path), backlog=1024)
    sys.stdout.write("up\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve(Path(sys.argv[1])))

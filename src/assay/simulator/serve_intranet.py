"""Run as a program: serve the ten small apps on one unix socket, each by the first label of its host."""

import asyncio
import sys
from http import HTTPStatus
from typing import Final

from assay.simulator.intranet import SMALL_APPS, page

HEAD_LIMIT: Final = 64 * 1024
HEAD_SECONDS: Final = 60.0
_APPS: Final = {app.name: app for app in SMALL_APPS}


async def main(socket: str) -> None:
    """Listen until told to stop."""
    server = await asyncio.start_unix_server(_serve, socket, limit=HEAD_LIMIT)
    async with server:
        await server.serve_forever()


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Requests of one connection, one after the other, until it ends or sends what is no request."""
    try:
        while True:
            async with asyncio.timeout(HEAD_SECONDS):
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            method, _, rest = head[0].partition(" ")
            fields = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in head)}
            if method not in ("GET", "HEAD") or int(fields.get("content-length", "0")):
                _answer(writer, HTTPStatus.METHOD_NOT_ALLOWED, "", body=True)
                break
            app = _APPS.get(fields.get("host", "").partition(".")[0])
            text = page(app, rest.partition(" ")[0]) if app is not None else ""
            _answer(writer, HTTPStatus.OK if text else HTTPStatus.NOT_FOUND, text, body=method == "GET")
            await writer.drain()
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError, ConnectionError, ValueError):
        pass  # the gateway let go, or sent what no page of ours is for
    finally:
        writer.close()


def _answer(writer: asyncio.StreamWriter, status: HTTPStatus, text: str, *, body: bool) -> None:
    content = text.encode()
    close = "connection: close\r\n" if status is HTTPStatus.METHOD_NOT_ALLOWED else ""
    head = (
        f"HTTP/1.1 {status.value} {status.phrase}\r\ncontent-type: text/html; charset=utf-8\r\n"
        f"content-length: {len(content)}\r\n{close}\r\n"
    )
    writer.write(head.encode() + (content if body else b""))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))

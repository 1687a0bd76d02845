"""Answers that stay open, or are large: they make visible that the gateway streams, and that it cuts."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.websockets import WebSocket, WebSocketDisconnect

TICK = 1.0  # seconds
CHUNK = bytes(range(256)) * 256  # 64 KiB
LARGEST_DOWNLOAD = 1 << 40  # bytes
SLOWEST = 60.0  # seconds


def now() -> str:
    """The present instant, for people to see that time goes on."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


async def echo(socket: WebSocket) -> None:
    """Sends back what comes, and a message every second."""
    await socket.accept()

    async def tick() -> None:
        number = 0
        while True:
            await socket.send_json({"tick": number, "at": now()})
            number += 1
            await asyncio.sleep(TICK)

    ticking = asyncio.create_task(tick())
    try:
        async for text in socket.iter_text():
            await socket.send_json({"echo": text, "at": now()})
    except WebSocketDisconnect:
        return
    finally:
        ticking.cancel()


async def events(request: Request) -> Response:
    """Server-sent events, one every second."""

    async def ticks() -> AsyncIterator[str]:
        number = 0
        while True:
            yield f"id: {number}\nevent: tick\ndata: {json.dumps({'tick': number, 'at': now()})}\n\n"
            number += 1
            await asyncio.sleep(TICK)

    return StreamingResponse(ticks(), media_type="text/event-stream", headers={"cache-control": "no-store"})


async def download(request: Request) -> Response:
    """`?bytes=N` bytes, streamed; 100 MB without."""
    text = request.query_params.get("bytes", "100000000")
    if not (text.isascii() and text.isdigit()) or int(text) > LARGEST_DOWNLOAD:
        return PlainTextResponse(f"bytes must be a number up to {LARGEST_DOWNLOAD}\n", status_code=400)
    size = int(text)

    async def content() -> AsyncIterator[bytes]:
        left = size
        while left > 0:
            yield CHUNK[:left]
            left -= len(CHUNK)

    headers = {"content-length": text, "content-disposition": 'attachment; filename="download.bin"'}
    return StreamingResponse(content(), media_type="application/octet-stream", headers=headers)


async def upload(request: Request) -> Response:
    """Counts and hashes what is sent, and keeps none of it."""
    count, digest = 0, hashlib.sha256()
    async for chunk in request.stream():
        count += len(chunk)
        digest.update(chunk)
    return JSONResponse({"bytes": count, "sha256": digest.hexdigest()})


async def slow(request: Request) -> Response:
    """Answers after `?seconds=N`, 10 without."""
    try:
        seconds = min(max(float(request.query_params.get("seconds", "10")), 0.0), SLOWEST)
    except ValueError:
        return PlainTextResponse("seconds must be a number\n", status_code=400)
    await asyncio.sleep(seconds)
    return PlainTextResponse(f"answered after {seconds:g} s\n")

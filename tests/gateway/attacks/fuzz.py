"""Random frames of HTTP/2 and random bytes of HTTP/1.1, by somebody with a session: Envoy and the check live on."""

import asyncio
import random
import re
import time
from collections.abc import Callable
from contextlib import suppress

from hyperframe.frame import (
    ContinuationFrame,
    DataFrame,
    Frame,
    GoAwayFrame,
    HeadersFrame,
    PingFrame,
    PriorityFrame,
    PushPromiseFrame,
    RstStreamFrame,
    SettingsFrame,
    WindowUpdateFrame,
)

from assay.values import Value
from tests.gateway.attacks.attack import request
from tests.gateway.attacks.stage import Stage
from tests.gateway.frames import Frames

_NAMES = (
    *("cookie", "host", "content-length", "transfer-encoding", "connection", "te", "upgrade", "expect", "trailer"),
    *("assay-assertion", "assay-connection", "x-forwarded-for", "x-user", ":path", ":method", ":authority", ":scheme"),
)
_VALUES = (
    "",
    "0",
    "5",
    "-1",
    "chunked",
    "close",
    "websocket",
    "Upgrade, cookie",
    "/",
    "//",
    "/..;/",
    "evil.example",
    "*",
)
_PATIENCE_SECONDS = 0.2


class Fuzzed(Value, frozen=True, kw_only=True):
    """What was sent, how much of it the app got, and whatever should not have been."""

    connections: int
    sent_bytes: int
    judged: int
    unjudged: tuple[bytes, ...]
    restarts: int
    honest: int


async def fuzz(stage: Stage, *, seconds: float, seed: int) -> Fuzzed:
    """Connections of random traffic for so long; every request the app got must carry what only the check can set."""
    chance = random.Random(seed)
    connections = sent = judged = 0
    unjudged: list[bytes] = []
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        stage.canary.received.clear()
        sent += await (_two if chance.random() < 0.7 else _one)(stage, chance)
        connections += 1
        for each in stage.canary.received:
            if (
                len(re.findall(rb"(?im)^assay-assertion: eyJ[\w.-]+\r$", each)) == 1
                and b"host-assay" not in each.lower()
            ):
                judged += 1
            else:
                unjudged.append(each)
    stage.canary.received.clear()
    connection = await stage.rig.connect()
    connection.writer.write(request(stage.where))
    honest, _ = await connection.head()
    connection.close()
    return Fuzzed(
        connections=connections,
        sent_bytes=sent,
        judged=judged,
        unjudged=tuple(unjudged),
        restarts=stage.rig.gateway.envoy_restarts,
        honest=honest,
    )


async def _two(stage: Stage, chance: random.Random) -> int:
    client = await Frames.connect(stage.rig)
    data = b"".join(_octets(_frame(client, stage, chance), chance) for _ in range(chance.randrange(1, 40)))
    with suppress(ConnectionError):
        await client.write(data)
    with suppress(TimeoutError, ValueError, KeyError):
        async with asyncio.timeout(_PATIENCE_SECONDS):
            await client.until_closed()
    client.close()
    return len(data)


async def _one(stage: Stage, chance: random.Random) -> int:
    wire = await stage.rig.connect(alpn="http/1.1")
    data = b"".join(_request(stage, chance) for _ in range(chance.randrange(1, 6)))
    with suppress(ConnectionError, TimeoutError):
        wire.writer.write(data)
        await wire.writer.drain()
        async with asyncio.timeout(_PATIENCE_SECONDS):
            await wire.ended()
    wire.close()
    return len(data)


def _request(stage: Stage, chance: random.Random) -> bytes:
    """A good request with a few random fields, and then a few octets that are others."""
    fields = [(chance.choice(_NAMES).lstrip(":"), _value(chance)) for _ in range(chance.randrange(4))]
    method = chance.choice(("GET", "POST", "HEAD", "OPTIONS", "TRACE", "PRI"))
    body = chance.randbytes(chance.randrange(20)) if chance.random() < 0.3 else b""
    return _changed(request(stage.where, method, chance.choice(("/", "/a?b", "/%2e")), fields, body=body), chance)


def _value(chance: random.Random) -> str:
    return chance.choice(_VALUES) if chance.random() < 0.8 else chance.randbytes(8).decode("latin-1")


def _changed(data: bytes, chance: random.Random) -> bytes:
    octets = bytearray(data)
    for _ in range(chance.choice((0, 0, 1, 3))):
        octets[chance.randrange(len(octets))] = chance.choice(b"\x00\r\n :;,\t\xff/%A")
    return bytes(octets)


def _octets(frame: Frame, chance: random.Random) -> bytes:
    data = bytearray(frame.serialize())
    if chance.random() < 0.1:
        data[chance.randrange(len(data))] = chance.randrange(256)
    return bytes(data)


def _frame(client: Frames, stage: Stage, chance: random.Random) -> Frame:
    stream = chance.choice((0, 1, 1, 3, 5, 2, 2**31 - 1, client.stream()))
    flags = [flag for flag in ("END_STREAM", "END_HEADERS", "ACK") if chance.random() < 0.6]
    make = chance.choice(_FRAMES)
    return make(stream, flags, _block(client, stage, chance), chance)


def _block(client: Frames, stage: Stage, chance: random.Random) -> bytes:
    good = [*client.pseudo(authority=stage.where.authority), ("cookie", stage.where.cookie)]
    odd = [(chance.choice(_NAMES), _value(chance)) for _ in range(chance.randrange(4))]
    pairs = [*good, *odd] if chance.random() < 0.8 else [*odd, *good[chance.randrange(5) :]]
    block: bytes = client.encoder.encode([(name.encode("latin-1"), value.encode("latin-1")) for name, value in pairs])
    return block


def _settings(_stream: int, flags: list[str], _block: bytes, chance: random.Random) -> Frame:
    values = {} if "ACK" in flags else {chance.randrange(1, 10): chance.randrange(2**31)}
    return SettingsFrame(0, values, flags=[flag for flag in flags if flag == "ACK"])


def _of(kind: type[Frame], allowed: tuple[str, ...]) -> Callable[[int, list[str], bytes, random.Random], Frame]:
    """A frame of this kind with those of the flags it may have; a stream where it needs one, none where it has none."""

    def make(stream: int, flags: list[str], block: bytes, chance: random.Random) -> Frame:
        frame = kind(0 if kind in (PingFrame, GoAwayFrame) else stream or 1)
        for flag in flags:
            if flag in allowed:
                frame.flags.add(flag)
        if isinstance(frame, HeadersFrame | ContinuationFrame | PushPromiseFrame):
            frame.data = block
        elif isinstance(frame, DataFrame):
            frame.data = chance.randbytes(chance.randrange(50))
        elif isinstance(frame, WindowUpdateFrame):
            frame.window_increment = chance.randrange(1, 2**31)
        elif isinstance(frame, RstStreamFrame):
            frame.error_code = chance.randrange(20)
        return frame

    return make


_HEADERS = _of(HeadersFrame, ("END_STREAM", "END_HEADERS"))
_FRAMES = (
    _HEADERS,
    _HEADERS,
    _HEADERS,
    _of(ContinuationFrame, ("END_HEADERS",)),
    _of(DataFrame, ("END_STREAM",)),
    _of(RstStreamFrame, ()),
    _of(PriorityFrame, ()),
    _of(PushPromiseFrame, ("END_HEADERS",)),
    _of(PingFrame, ("ACK",)),
    _of(GoAwayFrame, ()),
    _of(WindowUpdateFrame, ()),
    _settings,
)

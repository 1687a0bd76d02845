"""HTTP/2 with frames the test writes itself: hpack and hyperframe, and no rule of ours on what may be sent."""

import asyncio
import struct
from collections.abc import Iterable, Sequence
from contextlib import suppress

import msgspec
from hpack import Decoder, Encoder
from hyperframe.frame import (
    ContinuationFrame,
    DataFrame,
    Frame,
    GoAwayFrame,
    HeadersFrame,
    PingFrame,
    RstStreamFrame,
    SettingsFrame,
    WindowUpdateFrame,
)

from tests.gateway.rig import RawConnection, Rig

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
Pairs = Sequence[tuple[str | bytes, str | bytes]]


class Answer(msgspec.Struct, kw_only=True):
    """What came on one stream; `status` 0: none. `ended`: the last code of a reset or a GOAWAY, -1 where none came."""

    status: int = 0
    headers: list[tuple[str, str]] = msgspec.field(default_factory=list)
    body: bytes = b""
    complete: bool = False
    ended: int = -1


class Frames:
    """One HTTP/2 connection; `send` writes any frames, `answer` reads until a stream has ended."""

    def __init__(self, wire: RawConnection) -> None:
        self.wire = wire
        self.encoder = Encoder()
        self.answers: dict[int, Answer] = {}
        self.settings: dict[int, int] = {}
        self.pongs = 0
        self.goaway = -1
        self.closed = False
        self._decoder = Decoder()
        self._decoder.max_header_list_size = 1 << 20
        self._block = b""
        self._next = 1

    @classmethod
    async def connect(cls, rig: Rig, label: str = "wiki", *, port: int = 0, source: str = "127.0.0.1") -> "Frames":
        return await cls.on(await rig.connect(label, alpn="h2", port=port, source=source))

    @classmethod
    async def on(cls, wire: RawConnection) -> "Frames":
        """HTTP/2 on TLS that has agreed on it."""
        wire.writer.write(PREFACE + SettingsFrame(0).serialize())
        client = cls(wire)
        await client.send(WindowUpdateFrame(0, window_increment=1 << 24))
        return client

    @property
    def authority(self) -> str:
        return self.wire.authority

    def pseudo(self, method: str = "GET", path: str = "/", *, authority: str | None = None) -> list[tuple[str, str]]:
        named = self.authority if authority is None else authority
        return [(":method", method), (":scheme", "https"), (":authority", named), (":path", path)]

    def stream(self) -> int:
        self._next += 2
        return self._next - 2

    def headers(self, stream: int, pairs: Pairs, *, end: bool = True, first: bool = True) -> list[Frame]:
        """HEADERS, and CONTINUATIONs where one frame does not hold it."""
        block = self.encoder.encode([_as_bytes(pair) for pair in pairs], huffman=False)
        parts = [block[at : at + 16_000] for at in range(0, max(len(block), 1), 16_000)]
        frames: list[Frame] = [HeadersFrame(stream, parts[0])]
        frames += [ContinuationFrame(stream, part) for part in parts[1:]]
        if end:
            frames[0].flags.add("END_STREAM")
        if first:
            frames[-1].flags.add("END_HEADERS")
        return frames

    async def send(self, *frames: Frame) -> None:
        await self.write(b"".join(frame.serialize() for frame in frames))

    async def write(self, data: bytes) -> None:
        self.wire.writer.write(data)
        await self.wire.writer.drain()

    async def request(self, pairs: Pairs, *, body: bytes | None = None, trailers: Pairs = ()) -> Answer:
        """One whole request and what came back for it."""
        stream = self.stream()
        frames = self.headers(stream, pairs, end=body is None and not trailers)
        if body is not None:
            frames.append(DataFrame(stream, body, flags=[] if trailers else ["END_STREAM"]))
        if trailers:
            frames += self.headers(stream, trailers)
        with suppress(ConnectionError):
            await self.send(*frames)
        return await self.answer(stream)

    async def answer(self, stream: int) -> Answer:
        """Read until this stream or the connection has ended; fails after a minute."""
        found = self.answers.setdefault(stream, Answer())
        async with asyncio.timeout(60):
            # Envoy says GOAWAY only of what it will not go on with, and closes a second later.
            while not found.complete and found.ended < 0 and not self.closed and self.goaway < 0:
                await self.read()
        if not found.complete and found.ended < 0:
            found.ended = max(self.goaway, 0)
        return found

    async def until_closed(self) -> int:
        """Read until the peer closes; the last GOAWAY code."""
        async with asyncio.timeout(60):
            while not self.closed:
                await self.read()
        return self.goaway

    async def read(self) -> None:
        """Read one frame and act on it as a client must."""
        try:
            head = await self.wire.reader.readexactly(9)
            length = int.from_bytes(head[:3], "big")
            body = await self.wire.reader.readexactly(length)
        except (OSError, asyncio.IncompleteReadError):
            self.closed = True
            return
        kind, flags, stream = head[3], head[4], struct.unpack(">L", head[5:])[0] & 0x7FFFFFFF
        await self._take(kind, flags, stream, memoryview(body))

    async def _take(self, kind: int, flags: int, stream: int, body: memoryview) -> None:
        if kind == SettingsFrame.type and not flags & 1:
            for at in range(0, len(body), 6):
                number, value = struct.unpack(">HL", body[at : at + 6])
                self.settings[number] = value
            with suppress(ConnectionError):
                await self.send(SettingsFrame(0, flags=["ACK"]))
        elif kind == PingFrame.type and flags & 1:
            self.pongs += 1
        elif kind == GoAwayFrame.type:
            self.goaway = struct.unpack(">L", body[4:8])[0]
        elif kind == RstStreamFrame.type:
            self.answers.setdefault(stream, Answer()).ended = struct.unpack(">L", body)[0]
        elif kind in (HeadersFrame.type, ContinuationFrame.type):
            self._take_headers(flags, stream, bytes(body))
        elif kind == DataFrame.type:
            answer = self.answers.setdefault(stream, Answer())
            answer.body += bytes(body)
            answer.complete = answer.complete or bool(flags & 1)
            if len(body):
                with suppress(ConnectionError):
                    await self.send(WindowUpdateFrame(0, window_increment=len(body)))

    def _take_headers(self, flags: int, stream: int, body: bytes) -> None:
        self._block += body
        answer = self.answers.setdefault(stream, Answer())
        answer.complete = answer.complete or bool(flags & 1)
        if not flags & 4:
            return
        decoded = self._decoder.decode(self._block, raw=True)
        self._block = b""
        pairs = [(bytes(pair[0]).decode("latin-1"), bytes(pair[1]).decode("latin-1")) for pair in decoded]
        answer.headers += pairs
        status = int(dict(pairs).get(":status", "0"))
        # An interim answer (1xx) is followed by the real one.
        answer.status = status or answer.status

    def close(self) -> None:
        self.wire.close()


def _as_bytes(pair: tuple[str | bytes, str | bytes]) -> tuple[bytes, bytes]:
    name, value = pair
    return (
        name.encode("latin-1") if isinstance(name, str) else name,
        value.encode("latin-1") if isinstance(value, str) else value,
    )


def serialized(frames: Iterable[Frame]) -> bytes:
    return b"".join(frame.serialize() for frame in frames)

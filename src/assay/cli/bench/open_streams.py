"""A person's open connections, one of each protocol, and the instants at which they end; a process of its own.

It is told an address and a cookie on a line of its input, opens one connection of each kind, says so, reads all of
them at full speed, and says when each ended, by CLOCK_MONOTONIC, which all processes of a host share.
"""

import selectors
import socket
import ssl
import sys
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from assay.cli.bench.wire import tls_context
from assay.values import Value

READ_BYTES = 1 << 18
UPLOAD_BLOCK = bytes(65_536)
LONGEST_WAIT_SECONDS = 5.0


def frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    """One frame of HTTP/2 (RFC 9113 §4.1)."""
    return len(payload).to_bytes(3, "big") + bytes((kind, flags)) + stream.to_bytes(4, "big") + payload


# The preface, SETTINGS with the largest window for streams, and the same for the connection: it never has to be asked.
LARGEST_WINDOW = (1 << 31) - 1
HTTP2_START = (
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
    + frame(4, 0, 0, b"\x00\x04" + LARGEST_WINDOW.to_bytes(4, "big"))
    + frame(8, 0, 0, (LARGEST_WINDOW - 65_535).to_bytes(4, "big"))
)
HEADERS, END_STREAM_AND_HEADERS = 1, 5


class Opening(Value, frozen=True, kw_only=True):
    """What to open: an app's host, the session's cookie, and how many bytes a second streams carry each."""

    host: str
    port: int
    authority: str
    cookie: str
    bytes_per_second: int


class Ended(Value, frozen=True, kw_only=True):
    """Protocol → nanoseconds of CLOCK_MONOTONIC at its end; one that stayed open is not in it."""

    at: dict[str, int]


class Stream:
    """One TLS connection that was opened, and what it goes on sending."""

    def __init__(self, opening: Opening, tls: ssl.SSLContext) -> None:
        raw = socket.create_connection(("127.0.0.1", opening.port), timeout=LONGEST_WAIT_SECONDS)
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket = tls.wrap_socket(raw, server_hostname=opening.host)
        self._opening = opening
        self.upload = b""

    @property
    def origin(self) -> str:
        return f"{self._opening.host}:{self._opening.port}"

    def ask(self, method: str, target: str, *headers: str) -> None:
        """Send one HTTP/1.1 request's head."""
        head = (f"{method} {target} HTTP/1.1", f"host: {self.origin}", f"cookie: {self._opening.cookie}", *headers)
        self.socket.sendall("\r\n".join((*head, "", "")).encode())

    def hear(self, wanted: bytes) -> None:
        """Read until this was heard; raises OSError when something else comes of it."""
        heard = b""
        while wanted not in heard:
            block = self.socket.recv(READ_BYTES)
            heard += block
            if not block or len(heard) > 1 << 20:
                raise OSError(f"no stream came of it: {heard[:300]!r}")


def idle(stream: Stream, opening: Opening) -> None:
    """HTTP/1.1, answered and kept alive."""
    del opening
    stream.ask("GET", "/")
    stream.hear(b"\r\n\r\nok\n")


def download(stream: Stream, opening: Opening) -> None:
    """HTTP/1.1, an answer that does not end."""
    stream.ask("GET", f"/stream?{opening.bytes_per_second}")
    stream.hear(bytes(10_000))


def events(stream: Stream, opening: Opening) -> None:
    """Server-sent events: one came, the next never will."""
    del opening
    stream.ask("GET", "/events", "accept: text/event-stream")
    stream.hear(b"data: first\n\n")


def websocket(stream: Stream, opening: Opening) -> None:
    """RFC 6455, opened and greeted."""
    del opening
    stream.ask(
        "GET",
        "/",
        "upgrade: websocket",
        "connection: Upgrade",
        "sec-websocket-version: 13",
        "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==",
        f"origin: https://{stream.origin}",
    )
    stream.hear(b"hello")


def upload(stream: Stream, opening: Opening) -> None:
    """HTTP/1.1, a body that does not end; the app says that it receives."""
    del opening
    stream.ask("POST", "/upload", f"content-length: {1 << 50}")
    stream.socket.sendall(UPLOAD_BLOCK)
    stream.hear(b"receiving")
    stream.upload = UPLOAD_BLOCK


def http2(stream: Stream, opening: Opening) -> None:
    """HTTP/2, an answer that does not end."""
    fields = {
        b":method": b"GET",
        b":scheme": b"https",
        b":authority": stream.origin.encode(),
        b":path": f"/stream?{opening.bytes_per_second}".encode(),
        b"cookie": opening.cookie.encode(),
    }
    block = b"".join(b"\x00" + _hpack_string(name) + _hpack_string(value) for name, value in fields.items())
    stream.socket.sendall(HTTP2_START + frame(HEADERS, END_STREAM_AND_HEADERS, 1, block))
    stream.hear(bytes(10_000))


def _hpack_string(text: bytes) -> bytes:
    """A string literal without Huffman coding (RFC 7541 §5.2), up to 254 octets."""
    return (bytes((len(text),)) if len(text) < 127 else bytes((127, len(text) - 127))) + text


KINDS: dict[str, Callable[[Stream, Opening], None]] = {
    "idle": idle,
    "download": download,
    "events": events,
    "websocket": websocket,
    "upload": upload,
    "http2": http2,
}


def open_all(opening: Opening, contexts: dict[str, ssl.SSLContext]) -> dict[str, Stream]:
    """One connection of each kind."""
    streams: dict[str, Stream] = {}
    for kind, open_kind in KINDS.items():
        stream = streams[kind] = Stream(opening, contexts["h2" if kind == "http2" else "http/1.1"])
        open_kind(stream, opening)
    return streams


def watch(streams: dict[str, Stream], bytes_per_second: int) -> Ended:
    """Read all of them as fast as they come until each has ended."""
    ended: dict[str, int] = {}
    deadline = time.monotonic() + LONGEST_WAIT_SECONDS
    pause = len(UPLOAD_BLOCK) / bytes_per_second
    due = 0.0
    with selectors.EpollSelector() as selector:
        for kind, stream in streams.items():
            stream.socket.setblocking(False)
            selector.register(stream.socket, selectors.EVENT_READ, kind)
        while len(ended) < len(streams) and time.monotonic() < deadline:
            for key, _ in selector.select(pause):
                if not _drain(streams[key.data]):
                    ended[key.data] = time.monotonic_ns()
                    selector.unregister(key.fileobj)
            if time.monotonic() >= due:
                due = time.monotonic() + pause
                _send_on(streams, ended)
    return Ended(at=ended)


def _drain(stream: Stream) -> bool:
    """Read what is there; False when the connection is over."""
    try:
        while stream.socket.recv(READ_BYTES):
            pass
    except ssl.SSLWantReadError:
        return True
    except OSError:
        return False
    return False


def _send_on(streams: dict[str, Stream], ended: dict[str, int]) -> None:
    for kind, stream in streams.items():
        if stream.upload and kind not in ended:
            try:
                stream.socket.send(stream.upload)
            except OSError:
                continue  # full for now, or over: then the read that is due says so


def main() -> None:
    """Obey lines of input until there are none."""
    contexts: dict[str, ssl.SSLContext] = {}
    for line in sys.stdin.buffer:
        opening = msgspec.json.decode(line, type=Opening)
        if not contexts:
            authority = Path(opening.authority)
            contexts = {protocol: tls_context(authority, protocol) for protocol in ("h2", "http/1.1")}
        streams = open_all(opening, contexts)
        _say(b"open")
        found = watch(streams, opening.bytes_per_second)
        for stream in streams.values():
            stream.socket.close()
        _say(msgspec.json.encode(found))


def _say(line: bytes) -> None:
    sys.stdout.buffer.write(line + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()

"""An app that keeps every byte of every head it gets, opens WebSockets and streams events."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from assay.values import Value


class Seen(Value, frozen=True, kw_only=True):
    """A request as it arrived."""

    head: str

    @property
    def target(self) -> str:
        return self.head.split(" ", 2)[1]

    @property
    def headers(self) -> list[tuple[str, str]]:
        """Names in lower case."""
        lines = [line.partition(":") for line in self.head.split("\r\n")[1:] if line]
        return [(name.lower(), value.strip()) for name, _, value in lines]

    def values(self, name: str) -> list[str]:
        return [value for found, value in self.headers if found == name]


class RawApp:
    """`seen`: each request in order."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self.go_on = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._open: set[socket.socket] = set()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._listener.getsockname()[1]}"

    def serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self._open.add(connection)
                threading.Thread(target=self._connection, args=(connection,), daemon=True).start()

    def close(self) -> None:
        self.go_on.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._open:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def _connection(self, connection: socket.socket) -> None:
        data = b""
        with suppress(OSError), connection:
            while True:
                while b"\r\n\r\n" not in data:
                    read = connection.recv(65_536)
                    if not read:
                        return
                    data += read
                head, _, data = data.partition(b"\r\n\r\n")
                seen = Seen(head=head.decode("latin-1"))
                self.seen.append(seen)
                if seen.values("upgrade"):
                    self._upgraded(connection, seen)
                    return
                if seen.target == "/events":
                    self._events(connection)
                    return
                data = self._body(connection, seen, data)
                connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 3\r\n\r\napp")

    @staticmethod
    def _body(connection: socket.socket, seen: Seen, data: bytes) -> bytes:
        length = int((seen.values("content-length") or ["0"])[0])
        while len(data) < length:
            read = connection.recv(65_536)
            if not read:
                raise ConnectionError("the rest of the body never came")
            data += read
        return data[length:]

    @staticmethod
    def _upgraded(connection: socket.socket, seen: Seen) -> None:
        """Not a WebSocket's frames: what passes is bytes, and they come back."""
        protocol = seen.values("upgrade")[0].encode()
        connection.sendall(
            b"HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: " + protocol + b"\r\n"
            b"sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
        )
        while read := connection.recv(4_096):
            connection.sendall(read)

    def _events(self, connection: socket.socket) -> None:
        connection.sendall(
            b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
            b"d\r\ndata: first\n\n\r\n"
        )
        self.go_on.wait(30)
        connection.sendall(b"c\r\ndata: last\n\n\r\n0\r\n\r\n")


@contextmanager
def raw_app() -> Iterator[RawApp]:
    """A running one."""
    app = RawApp()
    thread = threading.Thread(target=app.serve, daemon=True)
    thread.start()
    yield app
    app.close()
    thread.join(30)

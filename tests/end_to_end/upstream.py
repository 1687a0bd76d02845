"""The smallest app there is: it answers with the request's first line and headers."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def echoing(directory: Path) -> Iterator[Path]:
    """An app on a unix socket; each request is answered with itself."""
    directory.mkdir(mode=0o700)
    path = directory / "app.sock"
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen(16)

    def serve() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                # Who asks in another language, as doctor does, and leaves before the answer ends nobody else's.
                with connection, suppress(OSError):
                    head = b""
                    while b"\r\n\r\n" not in head and (read := connection.recv(65_536)):
                        head += read
                    length = b"content-length: %d\r\n" % len(head)
                    connection.sendall(b"HTTP/1.1 200 OK\r\nconnection: close\r\n" + length + b"\r\n" + head)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield path
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(30)

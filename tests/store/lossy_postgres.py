"""A wire between PostgreSQL and its client that loses what a test wants lost."""

import selectors
import socket
import threading
from pathlib import Path

SOCKET_NAME = ".s.PGSQL.5432"
READY = b"Z\0\0\0\5"  # ReadyForQuery: the server has answered


class LossyPostgres:
    """Passes octets on between a directory of its own and the server's; to be used with `with`."""

    def __init__(self, server: Path, directory: Path) -> None:
        self.directory = directory
        self._server = str(server / SOCKET_NAME)
        self._lose_commit = threading.Event()
        self._refuse = threading.Event()
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(directory / SOCKET_NAME))
        self._listener.listen()
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> "LossyPostgres":
        self._start(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(10)

    def lose_commit(self, *, for_good: bool = False) -> None:
        """Let the server do the next COMMIT and cut the wire before its answer; `for_good`: no other wire after it."""
        if for_good:
            self._refuse.set()
        self._lose_commit.set()

    def _start(self, target: object, *arguments: socket.socket) -> None:
        assert callable(target)
        thread = threading.Thread(target=target, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if self._refuse.is_set():
                client.close()
                continue
            self._start(self._pass_on, client)

    def _pass_on(self, client: socket.socket) -> None:
        with client, socket.socket(socket.AF_UNIX) as server, selectors.DefaultSelector() as ready:
            server.connect(self._server)
            ready.register(client, selectors.EVENT_READ, server)
            ready.register(server, selectors.EVENT_READ, client)
            while True:
                for key, _ in ready.select():
                    source, target = key.fileobj, key.data
                    assert isinstance(source, socket.socket)
                    try:
                        octets = source.recv(65_536)
                        if not octets:
                            return
                        target.sendall(octets)
                    except OSError:
                        return
                    if source is client and b"COMMIT" in octets and self._lose_commit.is_set():
                        self._lose_commit.clear()
                        while READY not in server.recv(65_536):
                            pass
                        return

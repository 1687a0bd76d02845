"""The socket that foreign proxies ask on: of this machine alone, unless the operator named another address."""

import socket
from pathlib import Path
from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from assay.server.unix_socket import AsgiApp, ServedSocket, UnixSocketError
from assay.values.listen_address import ListenAddress

# A head that grows beyond this ends its connection while it is read; proxies send far less.
HEAD_LIMIT: Final = 128 * 1024


class BoundedProtocol(HttpToolsProtocol):
    """uvicorn's protocol, which by itself reads heads without end."""

    _head = 0

    def on_message_begin(self) -> None:
        self._head = 0
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        self._count(url)
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._count(name + value)
        super().on_header(name, value)

    def data_received(self, data: bytes) -> None:
        if not self.transport.is_closing():
            super().data_received(data)

    def _count(self, part: bytes) -> None:
        self._head += len(part)
        if self._head > HEAD_LIMIT:
            self.transport.abort()


class ForwardAuthSocket(ServedSocket):
    """The same, and a unix socket is gone when it stops."""

    def __init__(self, app: AsgiApp, address: ListenAddress) -> None:
        super().__init__(app, lambda: _bound(address), name="forward auth", http=BoundedProtocol)
        self._path = Path(address.path) if address.path else None

    async def stop(self) -> None:
        """Finish what is being answered, then go."""
        await super().stop()
        if self._path is not None:
            self._path.unlink(missing_ok=True)


def forward_auth_socket(app: AsgiApp, address: ListenAddress) -> ForwardAuthSocket:
    """Serves this application there; `start` raises UnixSocketError."""
    return ForwardAuthSocket(app, address)


def _bound(address: ListenAddress) -> socket.socket:
    family = socket.AF_UNIX if address.path else socket.AF_INET6 if ":" in address.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        if address.path:
            path = Path(address.path)
            if path.is_socket():
                path.unlink()
            listener.bind(address.path)
            # The proxy is another user of the host; whoever connects is believed by secret only.
            path.chmod(0o666)
        else:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((address.host, address.port))
    except OSError as error:
        listener.close()
        raise UnixSocketError(
            f"nobody can ask at {address}: {error.strerror}",
            remedy="choose another [forward_auth] listen, or another --forward-auth",
        ) from error
    return listener

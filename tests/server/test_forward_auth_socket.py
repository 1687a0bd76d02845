"""The socket that proxies ask on: who can connect, and heads without end."""

import asyncio
import socket
import stat
from pathlib import Path

import pytest

from assay.server.forward_auth import HEAD_LIMIT, forward_auth_socket
from assay.server.unix_socket import UnixSocketError
from assay.values.listen_address import ListenAddress
from tests.ports import free_port


async def fine(scope: dict[str, object], receive: object, send: object) -> None:
    del scope, receive
    assert callable(send)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})


async def test_a_unix_socket_is_there_for_every_user_and_goes_with_us(tmp_path: Path) -> None:
    path = tmp_path / "ask.sock"
    for _ in range(2):
        served = forward_auth_socket(fine, ListenAddress(path=str(path)))
        await served.start()
        assert stat.S_IMODE(path.stat().st_mode) == 0o666
        reader, writer = await asyncio.open_unix_connection(str(path))
        writer.write(b"GET /check HTTP/1.1\r\nHost: x\r\n\r\n")
        assert (await reader.readline()).startswith(b"HTTP/1.1 200")
        writer.close()
        await served.stop()
        assert not path.exists()


async def test_a_head_without_end_ends_its_connection() -> None:
    address = ListenAddress(host="127.0.0.1", port=free_port())
    served = forward_auth_socket(fine, address)
    await served.start()
    try:
        reader, writer = await asyncio.open_connection(address.host, address.port)
        writer.write(
            b"GET /check HTTP/1.1\r\nHost: x\r\n" + (b"X-Long: " + b"x" * 4_000 + b"\r\n") * (HEAD_LIMIT // 4_000 + 2)
        )
        with pytest.raises((ConnectionResetError, BrokenPipeError, asyncio.IncompleteReadError)):
            await reader.readexactly(1)
        writer.close()
    finally:
        await served.stop()


async def test_an_address_that_is_taken_is_said(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        served = forward_auth_socket(fine, ListenAddress(host="127.0.0.1", port=taken.getsockname()[1]))
        with pytest.raises(UnixSocketError):
            await served.start()
    (tmp_path / "file").write_text("somebody's")
    with pytest.raises(UnixSocketError):
        await forward_auth_socket(fine, ListenAddress(path=str(tmp_path / "file"))).start()
    assert (tmp_path / "file").read_text() == "somebody's"

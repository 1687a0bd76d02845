"""A connection that ends in the middle of an answer is said as that, wherever it ends."""

import asyncio
import ssl
from datetime import UTC, datetime
from pathlib import Path

import pytest

from assay.cli.bench.wire import Wire, tls_context
from assay.gateway.certificates import ensure_certificates

HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = HEAD + b"transfer-encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    "said",
    [
        HEAD[:-4],
        HEAD,
        HEAD + b"content-length: 5\r\n\r\nhell",
        CHUNKED,
        CHUNKED + b"5",
        CHUNKED + b"5\r\nhello",
        CHUNKED + b"5\r\nhello\r\n",
        CHUNKED + b"5\r\nhello\r\n0\r\n",
    ],
)
async def test_an_answer_that_breaks_off_is_an_end_and_no_answer(said: bytes, tmp_path: Path) -> None:
    made = ensure_certificates(tmp_path, "assay.localhost", seal=bytes, open_sealed=bytes, now=datetime.now(UTC))
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(made.certificate, made.private_key)

    async def breaks_off(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(said)
        writer.close()

    async with await asyncio.start_server(breaks_off, "127.0.0.1", 0, ssl=tls) as server:
        wire = Wire("id.assay.localhost", server.sockets[0].getsockname()[1], tls_context(made.authority))
        with pytest.raises(EOFError):
            await wire.request("GET", "/")
        wire.close()

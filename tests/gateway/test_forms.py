"""Bodies: our pages get whole requests of a bounded size, and what goes to an app passes as it comes."""

import asyncio

import pytest

from tests.gateway.rig import Rig

pytestmark = pytest.mark.interop
LONGEST = 65_536
PAGES = [("id", "/upload"), ("wiki", "/.assay/upload")]


@pytest.mark.parametrize(("label", "path"), PAGES)
async def test_half_a_form_waits_outside_our_pages(rig: Rig, label: str, path: str) -> None:
    connection = await rig.connect(label)
    await connection.send("POST", path, headers=[("Content-Length", "10")])
    connection.writer.write(b"12345")
    await connection.writer.drain()
    # Envoy has read the half by the time it has served a later connection from handshake to answer.
    assert (await rig.get("/", label="id")).status_code == 200
    assert rig.pages.connections == 1
    connection.writer.write(b"67890")
    assert (await connection.response()).status_code == 200
    connection.close()


@pytest.mark.parametrize(("label", "path"), PAGES)
@pytest.mark.parametrize(("length", "status"), [(LONGEST, 200), (LONGEST + 1, 413)])
async def test_our_pages_are_sent_so_much_and_no_more(
    rig: Rig, label: str, path: str, length: int, status: int
) -> None:
    connection = await rig.connect(label)
    await connection.send("POST", path, headers=[("Content-Length", str(length))])
    connection.writer.write(bytes(length))
    assert (await connection.response()).status_code == status
    assert rig.pages.connections == (status == 200)
    connection.close()


async def test_an_app_sees_a_body_while_it_comes(rig: Rig) -> None:
    connection = await rig.connect()
    await connection.send("POST", "/upload", headers=[("Content-Length", str(2 * LONGEST))])
    connection.writer.write(bytes(5))
    async with asyncio.timeout(60):
        await rig.app.receiving.wait()
    connection.writer.write(bytes(2 * LONGEST - 5))
    assert (await connection.response()).content == str(2 * LONGEST).encode()
    connection.close()

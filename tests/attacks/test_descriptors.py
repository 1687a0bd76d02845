"""Strangers who send slowly take no descriptor that a decision, a revocation or a cut needs."""

import asyncio

import pytest
from h2.connection import H2Connection

from tests.attacks.outsider import FORM, ID, WIKI, People, Stream, ends, let_go

pytestmark = pytest.mark.slow

CONNECTIONS, STREAMS = 15, 90


async def send_slowly(people: People) -> Stream:
    """One connection on which many forms have begun and none goes on."""
    reader, writer = await asyncio.open_connection("127.0.0.1", people.port, ssl=people.tls("h2"), server_hostname=ID)
    wire = H2Connection()
    wire.initiate_connection()
    for number in range(STREAMS):
        headers = [(":method", "POST"), (":scheme", "https"), (":authority", f"{ID}:{people.port}")]
        headers += [(":path", "/sign-in/password"), ("content-type", FORM), ("content-length", "500")]
        headers += [("origin", f"https://{ID}:{people.port}")]
        wire.send_headers(2 * number + 1, headers)
        wire.send_data(2 * number + 1, b"u")
    writer.write(wire.data_to_send())
    await writer.drain()
    return reader, writer


async def test_forms_that_never_end_stop_neither_decisions_nor_the_cut(people_with_few_descriptors: People) -> None:
    people = people_with_few_descriptors
    _, app = await people.at_wiki("alice")
    stream = await people.open(app, web_socket=True)
    slow = [await send_slowly(people) for _ in range(CONNECTIONS)]
    try:
        # Each new connection to the service needs a descriptor there.
        answers = await asyncio.gather(*(people.send(WIKI, "GET", "/json", cookies=app) for _ in range(20)))
        assert {answer.status for answer in answers} == {200}
        assert (await people.send(ID, "GET", "/sign-in")).status == 200
        await asyncio.to_thread(people.installed.run, "sessions", "revoke", "--user", "alice")
        assert await ends(stream, within=30.0)
    finally:
        for _, writer in (stream, *slow):
            await let_go(writer.transport.abort)

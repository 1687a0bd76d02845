"""Strangers who ask and ask without a session, in a process of its own; prints how many answers had which status.

Beside the test they would measure its event loop, in which the check and the honest people live.
"""

import asyncio
import json
import ssl
import sys
from collections import Counter

from tests.gateway.frames import Frames
from tests.gateway.rig import RawConnection

ATTACKERS = 8
AT_ONCE = 25


async def attacker(host: str, port: int, tls: ssl.SSLContext, requests: int) -> Counter[int]:
    """So many requests on one connection, `AT_ONCE` of them in flight."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=tls, server_hostname=host)
    client = await Frames.on(RawConnection(f"{host}:{port}", reader, writer))
    answered = Counter[int]()
    while answered.total() < requests:
        streams = [client.stream() for _ in range(AT_ONCE)]
        await client.send(*(frame for each in streams for frame in client.headers(each, client.pseudo())))
        answered.update([(await client.answer(each)).status for each in streams])
        client.answers.clear()
    client.close()
    return answered


async def main(host: str, port: str, authority: str, requests: str) -> None:
    tls = ssl.create_default_context(cafile=authority)
    tls.set_alpn_protocols(["h2"])
    each = int(requests) // ATTACKERS
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(attacker(host, int(port), tls, each)) for _ in range(ATTACKERS)]
    sys.stdout.write(json.dumps(sum((task.result() for task in tasks), Counter[int]())))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))

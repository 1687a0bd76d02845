"""A gateway in a process of its own: `serve` until killed, or cut what is open, and say how it went.

`cut` opens one stream of each kind, `cut-link-local` a connection from an address that only one interface knows.
"""

import asyncio
import json
import os
import socket
import sys
from pathlib import Path
from typing import Final

from assay.values import SessionId
from tests.gateway.rig import Rig
from tests.gateway.streams import KINDS, echo_server, echo_url

INTERFACE: Final = "link0"
LINK_LOCAL: Final = "fe80::7"


def say(answer: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


async def serve(rig: Rig) -> None:
    say({"envoy": rig.gateway.envoy_pid, "port": rig.settings.port})
    await asyncio.Event().wait()


async def cut(rig: Rig) -> None:
    server = await echo_server()
    await rig.gateway.apply([*rig.apps, rig.protected("chat", url=echo_url(server))])
    counts = {}
    for kind, open_stream in KINDS.items():
        ended = await open_stream(rig, kind)
        report = rig.cut_sessions([SessionId(kind)])
        async with asyncio.timeout(60):
            await ended()
        counts[kind] = report.count
    say({"uid": os.getuid(), "counts": counts})
    server.close()


async def cut_link_local(rig: Rig) -> None:
    address = f"{LINK_LOCAL}%{socket.if_nametoindex(INTERFACE)}"
    connection = await rig.connect(to=address, source=address)
    await connection.send("GET", "/stream", session="mallory")
    assert (await connection.head())[0] == 200
    swept = rig.gateway.sweep()
    report = rig.cut_sessions([SessionId("mallory")])
    if report.count:
        async with asyncio.timeout(60):
            await connection.ended()
    say({"swept": swept, "cut": report.count, "gone": report.already_gone, "failures": len(report.failures)})


async def main(verb: str, directory: Path) -> None:
    # One test stops this process and waits for what Envoy then says; all others have their time.
    patience = 500 if verb == "serve" else 30_000
    rig = Rig(directory, addresses=("::",) if verb == "cut-link-local" else (), check_timeout_ms=patience)
    await rig.start()
    await {"serve": serve, "cut": cut, "cut-link-local": cut_link_local}[verb](rig)
    await rig.stop()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2])))

"""A gateway in a process of its own: `serve` until killed, or `cut` one stream of each kind and say how it went."""

import asyncio
import json
import os
import sys
from pathlib import Path

from assay.values import SessionId
from tests.gateway.rig import Rig
from tests.gateway.streams import KINDS, echo_server, echo_url


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
        async with asyncio.timeout(20):
            await ended()
        counts[kind] = report.count
    say({"uid": os.getuid(), "counts": counts})
    server.close()


async def main(verb: str, directory: Path) -> None:
    rig = Rig(directory)
    await rig.start()
    await {"serve": serve, "cut": cut}[verb](rig)
    await rig.stop()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2])))

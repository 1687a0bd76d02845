"""The app's machine: an app that streams without end at port 8001, one that answers on WebSockets at 8002."""

import asyncio
import sys
from contextlib import suppress

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from tests.gateway.upstream import UpstreamApp

STREAMING, CHATTING = 8001, 8002


async def echo(connection: ServerConnection) -> None:
    with suppress(ConnectionClosed):
        async for message in connection:
            await connection.send(message)


async def main() -> None:
    app = UpstreamApp()
    await app.start(host="0.0.0.0", port=STREAMING)
    async with serve(echo, "0.0.0.0", CHATTING):
        sys.stdout.write("serving\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())

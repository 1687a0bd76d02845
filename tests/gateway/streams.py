"""Every kind of stream a person can hold open through the gateway, opened as a client would."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import h2.config
import h2.connection
import h2.events
from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from tests.gateway.rig import RawConnection, Rig

# Waits until the client sees the end; returns nothing, fails the test by never returning.
Ended = Callable[[], Awaitable[object]]


async def idle(rig: Rig, session: str) -> Ended:
    connection = await rig.connect()
    await connection.send("GET", "/", session=session)
    assert (await connection.response()).status_code == 200
    return connection.ended


async def download(rig: Rig, session: str) -> Ended:
    connection = await rig.connect()
    await connection.send("GET", "/stream", session=session)
    assert (await connection.head())[0] == 200
    await connection.reader.readexactly(1 << 20)
    return connection.ended


async def events(rig: Rig, session: str) -> Ended:
    connection = await rig.connect()
    await connection.send("GET", "/events", session=session, headers=[("Accept", "text/event-stream")])
    assert (await connection.head())[0] == 200
    await connection.reader.readuntil(b"data: first\n\n")
    return connection.ended


async def upload(rig: Rig, session: str) -> Ended:
    connection = await rig.connect()
    rig.app.receiving.clear()
    await connection.send("POST", "/upload", session=session, headers=[("Content-Length", str(1 << 40))])
    connection.writer.write(bytes(1 << 20))
    await connection.writer.drain()

    await rig.app.receiving.wait()

    async def send_on() -> None:
        with suppress(ConnectionError):
            while True:
                connection.writer.write(bytes(1 << 16))
                await connection.writer.drain()
                # On a lost connection `drain` neither waits nor raises.
                await asyncio.sleep(0)

    sending = asyncio.ensure_future(send_on())

    async def ended() -> None:
        await connection.ended()
        sending.cancel()

    return ended


async def http2(rig: Rig, session: str) -> Ended:
    client = await Http2Client.connect(rig)
    stream = client.request("GET", "/stream", session=session)
    await client.until(lambda event: isinstance(event, h2.events.DataReceived) and event.stream_id == stream)
    return client.ended


async def websocket(rig: Rig, session: str) -> Ended:
    client = await open_websocket(rig, session)

    async def ended() -> None:
        with suppress(ConnectionClosed):
            await client.recv()

    return ended


KINDS: dict[str, Callable[[Rig, str], Awaitable[Ended]]] = {
    "idle": idle,
    "download": download,
    "events": events,
    "upload": upload,
    "http2": http2,
    "websocket": websocket,
}


async def echo_server() -> Server:
    """A real WebSocket server that answers what it hears."""

    async def echo(connection: ServerConnection) -> None:
        with suppress(ConnectionClosed):
            async for message in connection:
                await connection.send(message)

    return await serve(echo, "127.0.0.1", 0)


def echo_url(server: Server) -> str:
    return f"http://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}"


async def open_websocket(rig: Rig, session: str, label: str = "chat") -> ClientConnection:
    """A WebSocket to the app `chat`, heard once, so that it is known to be open on both sides."""
    client = await connect(
        f"wss://{rig.authority(label)}/",
        host="127.0.0.1",
        ssl=rig.tls,
        server_hostname=rig.host(label),
        origin=f"https://{rig.authority(label)}",  # type: ignore[arg-type]  # a NewType of str
        additional_headers={"Cookie": f"__Host-assay-session={session}"},
        open_timeout=60,
        close_timeout=1,
    )
    await client.send("hello")
    assert await client.recv() == "hello"
    return client


class Http2Client:
    """The state machine of the h2 library over one TLS connection."""

    def __init__(self, connection: RawConnection) -> None:
        self._wire = connection
        self._h2 = h2.connection.H2Connection(h2.config.H2Configuration(client_side=True))
        self._h2.initiate_connection()
        # As browsers do: the connection's window is larger than one stream's.
        self._h2.increment_flow_control_window(15 << 20)

    @classmethod
    async def connect(cls, rig: Rig) -> "Http2Client":
        tls = rig.tls
        tls.set_alpn_protocols(["h2"])
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", rig.settings.port, ssl=tls, server_hostname=rig.host("wiki")
        )
        return cls(RawConnection(rig.authority(), reader, writer))

    def request(self, method: str, path: str, *, session: str, body: bytes | None = None) -> int:
        stream = self._h2.get_next_available_stream_id()
        headers = [
            (":method", method),
            (":scheme", "https"),
            (":authority", self._wire.authority),
            (":path", path),
            ("cookie", f"__Host-assay-session={session}"),
            ("cookie", "theme=dark"),
        ]
        self._h2.send_headers(stream, headers, end_stream=body is None)
        if body is not None:
            self._h2.send_data(stream, body, end_stream=True)
        self._wire.writer.write(self._h2.data_to_send())
        return stream

    async def until(self, wanted: Callable[[h2.events.Event], bool]) -> list[h2.events.Event]:
        """Every event up to the wanted one; raises ConnectionError where the connection ends first."""
        seen: list[h2.events.Event] = []
        while not seen or not wanted(seen[-1]):
            data = await self._wire.reader.read(1 << 18)
            if not data:
                raise ConnectionResetError
            for event in self._h2.receive_data(data):
                seen.append(event)
                if isinstance(event, h2.events.DataReceived):
                    self._h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                if wanted(event):
                    break
            self._wire.writer.write(self._h2.data_to_send())
        return seen

    async def ended(self) -> None:
        with suppress(ConnectionError):
            await self.until(lambda _: False)

    def close(self) -> None:
        self._wire.close()

"""A gateway with real Envoy in a directory of its own, an app behind it, and clients that know only its address."""

import asyncio
import ssl
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import httpx

from assay.access.exchange import Allow, CheckAnswer, CheckRequest, Redirect, Refuse
from assay.apps import parse_upstream
from assay.gateway.certificates import CertificateFiles, ensure_certificates
from assay.gateway.check_server import Decide
from assay.gateway.cut import CutReport
from assay.gateway.gateway import Gateway
from assay.gateway.settings import (
    GatewaySettings,
    ProtectedApp,
    loopback_addresses,
)
from assay.values import AppId, SessionId
from tests.gateway.upstream import UpstreamApp
from tests.ports import free_port

BASE = "assay.localhost"
WIKI = AppId("app-wiki")


async def until(condition: Callable[[], bool]) -> None:
    """Wait for what the kernel does, which tells nobody; fails after a minute."""
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110 - there is no event to wait for
            await asyncio.sleep(0.002)


class Rig:
    """Everything one test needs; `decide` answers by the `session` cookie unless a test gives another."""

    def __init__(
        self,
        directory: Path,
        decide: Decide | None = None,
        *,
        issued: datetime | None = None,
        proxies: Sequence[str] = (),
        proxy_protocol: bool = False,
        certificates: CertificateFiles | None = None,
        check_timeout_ms: int = 30_000,
        addresses: Sequence[str] = (),
        max_connections: int = 20_000,
    ) -> None:
        self.app = UpstreamApp()
        self.pages = UpstreamApp()
        self.requests: list[CheckRequest] = []
        self.certificates = certificates or ensure_certificates(
            directory / "certificates", BASE, seal=bytes, open_sealed=bytes, now=issued or datetime.now(UTC)
        )
        self.settings = GatewaySettings(
            base_domain=BASE,
            port=free_port(),
            addresses=tuple(addresses) or loopback_addresses(),
            certificate=self.certificates.certificate,
            private_key=self.certificates.private_key,
            directory=directory / "envoy",
            run_directory=directory / "run",
            check_sockets=(directory / "run" / "check.sock",),
            pages_socket=directory / "pages.sock",
            check_timeout_ms=check_timeout_ms,
            max_connections=max_connections,
            trusted_proxies=tuple(proxies),
            proxy_protocol=proxy_protocol,
        )
        self.apps: list[ProtectedApp] = []
        self.gateway = Gateway(self.settings, decide or self.decide)

    def decide(self, request: CheckRequest) -> CheckAnswer:
        self.requests.append(request)
        session = dict(pair.strip().partition("=")[::2] for pair in request.cookie.split(";")).get(
            "__Host-assay-session"
        )
        if request.path.startswith("/sign-in"):
            return Redirect(location=f"https://id.{BASE}/", set_cookies=("__Host-assay-state=1; Path=/; Secure",))
        if session is None:
            return Refuse(status=401, body=b'{"error":"sign in"}')
        return Allow(
            session_id=SessionId(session),
            app_id=WIKI,
            headers=(("Assay-Assertion", f"for-{session}"),),
            cookie=request.cookie,
        )

    async def start(self) -> None:
        await self.app.start()
        await self.pages.start(str(self.settings.pages_socket))
        self.apps = [self.protected("wiki")]
        await self.gateway.start(self.apps)

    def cut_sessions(self, sessions: Sequence[SessionId], app: AppId | None = None) -> CutReport:
        """Reset what these sessions have open, for one app or any, as enforcement does."""
        connections = self.gateway.connections
        return self.gateway.cut({socket for session in sessions for socket in connections.of_session(session, app)})

    async def stop(self) -> None:
        await self.gateway.stop()
        await self.app.stop()
        await self.pages.stop()

    def protected(self, label: str, *, any_path: bool = False, url: str = "") -> ProtectedApp:
        return ProtectedApp(
            app_id=AppId(f"app-{label}"),
            name=label,
            host=f"{label}.{self.settings.base_domain}",
            upstream=parse_upstream(url or self.app.url),
            any_path=any_path,
        )

    @property
    def tls(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.certificates.authority))

    def authority(self, label: str = "wiki") -> str:
        return f"{self.host(label)}:{self.settings.port}"

    def host(self, label: str) -> str:
        """A host below the base domain; the label "" is the base domain itself."""
        return f"{label}.{BASE}" if label else BASE

    async def connect(
        self, label: str = "wiki", *, alpn: str = "", port: int = 0, source: str = "127.0.0.1", to: str = "127.0.0.1"
    ) -> "RawConnection":
        """TLS to the gateway, or to what stands in front of it on `port`, from this address of the machine."""
        tls = self.tls
        if alpn:
            tls.set_alpn_protocols([alpn])
        reader, writer = await asyncio.open_connection(
            to,
            port or self.settings.port,
            ssl=tls,
            server_hostname=self.host(label),
            limit=4 << 20,
            local_addr=(source, 0),
        )
        return RawConnection(self.authority(label), reader, writer)

    async def get(
        self,
        target: str,
        *,
        label: str = "wiki",
        session: str | None = "s1",
        headers: Sequence[tuple[str, str]] = (),
        method: str = "GET",
    ) -> httpx.Response:
        """One request on a connection of its own, as a foreign client would make it."""
        connection = await self.connect(label)
        try:
            await connection.send(method, target, session=session, headers=headers)
            return await connection.response()
        finally:
            connection.close()


class RawConnection:
    """One TLS connection on which the test writes the bytes itself."""

    def __init__(self, authority: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.authority = authority
        self.reader = reader
        self.writer = writer

    async def send(
        self,
        method: str,
        target: str,
        *,
        session: str | None = "s1",
        headers: Sequence[tuple[str, str]] = (),
    ) -> None:
        lines = [f"{method} {target} HTTP/1.1"]
        if not any(name.lower() == "host" for name, _ in headers):
            lines.append(f"Host: {self.authority}")
        if session is not None:
            lines.append(f"Cookie: __Host-assay-session={session}; theme=dark")
        lines += [f"{name}: {value}" for name, value in headers]
        self.writer.write(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))
        await self.writer.drain()

    async def head(self) -> tuple[int, list[tuple[str, str]]]:
        lines = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        pairs = [line.partition(": ")[::2] for line in lines[1:] if line]
        return int(lines[0].split(" ")[1]), [(name.lower(), value) for name, value in pairs]

    async def response(self) -> httpx.Response:
        """One response with its whole body, by Content-Length."""
        status, headers = await self.head()
        length = int(dict(headers).get("content-length", "0"))
        return httpx.Response(status, headers=headers, content=await self.reader.readexactly(length))

    def pause(self) -> None:
        """Read nothing more from the network; only a write shows that the connection has ended."""
        transport = self.writer.transport
        assert isinstance(transport, asyncio.ReadTransport)
        transport.pause_reading()

    async def ended(self) -> int:
        """Read at full speed until the connection ends; returns how many bytes came first."""
        count = 0
        with suppress(ConnectionError, ssl.SSLError):
            while block := await self.reader.read(1 << 20):
                count += len(block)
        return count

    def close(self) -> None:
        self.writer.transport.abort()

"""The pages on a real TLS port, behind a small stand-in for the gateway that hands on the peer and serves an app."""

import asyncio
import base64
import hashlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import uvicorn
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from litestar.types import ASGIApp, Receive, Scope, Send
from playwright.sync_api import Cookie

from assay.access.cookies import APP_COOKIE, STATE_COOKIE
from assay.gateway.authority import make_authority
from assay.gateway.certificates import make_leaf
from assay.pages import PagesSettings, create_pages
from tests.pages.company import Company

BASE = "assay.localhost"


@dataclass
class Serving:
    """A running server, what is behind it, and the hash by which a browser trusts its key."""

    settings: PagesSettings
    company: Company
    spki: str
    # The cookies of whoever signed in first, for visits that begin signed in (tests/pages/visits.py).
    signed_in: list[Cookie] = field(default_factory=list)

    @property
    def url(self) -> str:
        return self.settings.origin

    def app(self, name: str) -> str:
        return self.company.app_url(name)


class StandInGateway:
    """Hands on the peer's address as the gateway does, and answers for an app whose visitor has its cookie."""

    def __init__(self, pages: ASGIApp, settings: PagesSettings) -> None:
        self._pages = pages
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._pages(scope, receive, send)
            return
        headers = dict(scope["headers"])
        host = headers.get(b"host", b"").decode()
        if self._settings.is_app_host(host) and not scope["path"].startswith("/.assay/"):
            await self._app(host, scope["path"], headers.get(b"cookie", b"").decode(), send)
            return
        address, port = scope["client"] or ("127.0.0.1", 1)
        kept = [pair for pair in scope["headers"] if pair[0] != b"assay-connection"]
        scope["headers"] = [*kept, (b"assay-connection", f"{address}:{port}|127.0.0.1:8443|1|HTTP/1.1|".encode())]
        await self._pages(scope, receive, send)

    async def _app(self, host: str, path: str, cookie: str, send: Send) -> None:
        if f"{APP_COOKIE}=" in cookie:
            status, headers = 200, [(b"content-type", b"text/html")]
        else:
            name = host.partition(".")[0]
            location = f"{self._settings.origin}/continue?app={name}&path={path}&state=s"
            state = f"{STATE_COOKIE}=s; Path=/; Secure; HttpOnly; SameSite=Lax"
            status, headers = 302, [(b"location", location.encode()), (b"set-cookie", state.encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        body = f"<title>{host}</title><h1>The app at {path}</h1>".encode()
        await send({"type": "http.response.body", "body": body, "more_body": False})


@contextmanager
def serving(directory: Path) -> Iterator[Serving]:
    """Serve the pages on a port that the kernel chooses, until the block ends."""
    authority = make_authority(BASE, datetime.now(UTC))
    leaf, key = make_leaf(authority, BASE, datetime.now(UTC))
    pem = directory / "leaf.pem"
    plain = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    pem.write_bytes(leaf.public_bytes(Encoding.PEM) + plain)
    spki = leaf.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        settings = PagesSettings(base_domain=BASE, port=listener.getsockname()[1])
        company = Company(settings)
        pages = create_pages(
            sign_in=company.sign_in,
            enrol=company.enrol,
            tickets=company.app_hosts,
            help_desk=company.help_desk,
            own_resets=company.own_resets,
            command_lines=company.command_lines,
            own_home=company.own_home,
            own_sessions=company.own_sessions,
            own_devices=company.own_devices,
            own_sign_ins=company.own_sign_ins,
            settings=settings,
        )
        config = uvicorn.Config(
            StandInGateway(pages, settings), ssl_certfile=pem, ssl_keyfile=pem, log_level="warning", lifespan="off"
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listener])))
        thread.start()
        try:
            yield Serving(settings, company, base64.b64encode(hashlib.sha256(spki).digest()).decode())
        finally:
            server.should_exit = True
            thread.join()

"""A browser in the hands of somebody who means harm: it sends what it likes, when it likes."""

import asyncio
import base64
import os
import re
import ssl
from collections.abc import Callable
from urllib.parse import urlencode, urlsplit

from assay.cli.bench.person import Credentials, Person
from assay.cli.bench.wire import Answer, Wire, tls_context
from tests.end_to_end.installation import Installation

PASSWORD = "a quiet river under seven bridges"
BASE = "assay.localhost"
ID, WIKI = f"id.{BASE}", f"wiki.{BASE}"
ID_COOKIE, APP_COOKIE, STATE_COOKIE = "__Host-assay-id", "__Host-assay-app", "__Host-assay-state"
BROWSER = (("accept", "text/html"), ("user-agent", "Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0"))
FORM, JSON = "application/x-www-form-urlencoded", "application/json"
Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


def cookies_set(answer: Answer) -> dict[str, str]:
    """The cookies of an answer that hold a value."""
    pairs = (value.partition(";")[0].partition("=") for name, value in answer.headers if name == "set-cookie")
    return {name: value for name, _, value in pairs if value}


class People:
    """Everybody's passwords and codes, and raw requests to the installation."""

    def __init__(self, installed: Installation) -> None:
        self.installed = installed
        self.knows: dict[str, Credentials] = {}

    @property
    def port(self) -> int:
        return self.installed.port

    def tls(self, *protocols: str) -> ssl.SSLContext:
        return tls_context(self.installed.authority, *protocols)

    async def enrol(self, name: str, link: str) -> None:
        person = Person(self.port, self.tls(), Credentials(user_name=name, password=PASSWORD))
        await person.enrol(link)
        await let_go(person.close)
        self.knows[name] = person.knows

    async def send(
        self,
        host: str,
        method: str,
        target: str,
        *,
        cookies: dict[str, str] | None = None,
        headers: tuple[tuple[str, str], ...] = BROWSER,
        body: bytes = b"",
    ) -> Answer:
        """One request on a connection of its own."""
        wire = Wire(host, self.port, self.tls())
        if cookies:
            headers += (("cookie", "; ".join(f"{name}={value}" for name, value in cookies.items())),)
        try:
            return await wire.request(method, target, headers, body)
        finally:
            await let_go(wire.close)

    async def post(
        self, target: str, fields: dict[str, str] | bytes, *, cookies: dict[str, str] | None = None, kind: str = FORM
    ) -> Answer:
        """A form, or bytes of any kind, to the person's pages."""
        headers = (*BROWSER, ("content-type", kind), ("origin", f"https://{ID}:{self.port}"))
        body = fields if isinstance(fields, bytes) else urlencode(fields).encode()
        return await self.send(ID, "POST", target, cookies=cookies, headers=headers, body=body)

    async def with_password(self, name: str, password: str = PASSWORD) -> dict[str, str]:
        """The cookie of a new session at id., {} where there is none."""
        return cookies_set(await self.post("/sign-in/password", {"user_name": name, "password": password}))

    async def ticket(self, session: dict[str, str], path: str = "/json") -> tuple[str, dict[str, str]]:
        """A ticket for the wiki and the state cookie that goes with it; "" where none is given."""
        sent_away = await self.send(WIKI, "GET", path)
        state = {STATE_COOKIE: cookies_set(sent_away)[STATE_COOKIE]}
        where = urlsplit(sent_away.header("location"))
        answer = await self.send(ID, "GET", f"{where.path}?{where.query}", cookies=session)
        found = re.search(r"ticket=([\w-]{43})", answer.header("location") + answer.body.decode())
        return (found[1] if found else ""), state

    async def redeem(self, ticket: str, state: dict[str, str]) -> dict[str, str]:
        """The wiki's cookie for a ticket, {} where it is refused."""
        answer = await self.send(WIKI, "GET", f"/.assay/ticket?ticket={ticket}", cookies=state)
        found = cookies_set(answer)
        return {APP_COOKIE: found[APP_COOKIE]} if APP_COOKIE in found else {}

    async def at_wiki(self, name: str) -> tuple[dict[str, str], dict[str, str]]:
        """Cookies of a new session at id. and of its copy at the wiki."""
        session = await self.with_password(name)
        app = await self.redeem(*await self.ticket(session))
        assert app
        return session, app

    async def open(self, app: dict[str, str], *, web_socket: bool, agent: str = "Mozilla/5.0 (X11; Linux)") -> Stream:
        """A WebSocket or a stream of events at the wiki; raises ConnectionError where it is refused."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, ssl=self.tls(), server_hostname=WIKI)
        lines = [f"GET {'/ws' if web_socket else '/events'} HTTP/1.1", f"host: {WIKI}:{self.port}"]
        lines += [f"cookie: {APP_COOKIE}={app[APP_COOKIE]}", f"user-agent: {agent}"]
        if web_socket:
            key = base64.b64encode(os.urandom(16)).decode()
            lines += ["upgrade: websocket", "connection: Upgrade", "sec-websocket-version: 13"]
            lines += [f"sec-websocket-key: {key}"]
        try:
            writer.write("\r\n".join((*lines, "", "")).encode())
            head = await reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError:
            await let_go(writer.transport.abort)
            raise ConnectionResetError("cut before the answer") from None
        except BaseException:
            await let_go(writer.transport.abort)
            raise
        if int(head.split()[1]) not in (101, 200):
            await let_go(writer.transport.abort)
            raise ConnectionRefusedError(head.decode())
        return reader, writer


async def ends(stream: Stream, *, within: float) -> bool:
    """Whether a stream ends within so many seconds, whatever it carries until then."""
    reader, writer = stream
    try:
        async with asyncio.timeout(within):
            while await reader.read(65_536):
                pass
    except TimeoutError:
        return False
    except OSError:
        return True
    finally:
        await let_go(writer.transport.abort)
    return True


async def let_go(abort: Callable[[], None]) -> None:
    """Abort, and give the loop the two turns in which TLS and then its socket are closed."""
    abort()
    await asyncio.sleep(0)
    await asyncio.sleep(0)

"""The service under test: `assay up` as a child, in a directory and on a port of its own, with one app behind it."""

import asyncio
import contextlib
import os
import re
import signal
import ssl
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Self

from assay.cli.bench.administrator import Administrator
from assay.cli.bench.person import Credentials, Person
from assay.cli.bench.processes import envoy_of, free_port
from assay.cli.bench.wire import tls_context
from assay.gateway import die_with_parent
from assay.values import AssayError

BASE_DOMAIN = "assay.localhost"
APP = "bench"
PASSWORD = "correct horse battery staple 42"  # noqa: S105 - opens an installation that lives for one measurement
START_SECONDS = 120.0
UP = "from assay.cli import main; main()"


class Child:
    """A program of ours as a child; every line it prints is kept, and can be waited for."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.lines: list[str] = []
        self._listeners: list[Callable[[str], None]] = []
        self._reading = asyncio.create_task(self._read())

    @classmethod
    async def start(cls, *arguments: str, environment: dict[str, str] | None = None) -> Self:
        """Start this interpreter with these arguments; it dies with us, however we die."""
        return cls(
            await asyncio.create_subprocess_exec(
                sys.executable,
                "-IS",
                die_with_parent.__file__,
                str(os.getpid()),
                sys.executable,
                *arguments,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
                env=os.environ | (environment or {}),
            )
        )

    def on_line(self, listen: Callable[[str], None]) -> None:
        """Call `listen` with each line from now on."""
        self._listeners.append(listen)

    async def until(self, pattern: str) -> re.Match[str]:
        """The first line that matches; raises AssayError with its last words when the program ends first."""
        found: asyncio.Future[re.Match[str]] = asyncio.get_running_loop().create_future()

        def look(line: str) -> None:
            match = re.search(pattern, line)
            if match is not None and not found.done():
                found.set_result(match)

        for line in self.lines:
            look(line)
        self.on_line(look)
        ended = asyncio.ensure_future(self.process.wait())
        async with asyncio.timeout(START_SECONDS):
            await asyncio.wait((found, ended), return_when=asyncio.FIRST_COMPLETED)
            if not found.done():
                await self._reading
        if not found.done():
            raise AssayError(f"a program under measurement ended: {' / '.join(self.lines[-5:])}")
        ended.cancel()
        return found.result()

    def next_line(self, pattern: str) -> asyncio.Future[re.Match[str]]:
        """The next line that matches, of those it prints from now on."""
        found: asyncio.Future[re.Match[str]] = asyncio.get_running_loop().create_future()

        def look(line: str) -> None:
            match = re.search(pattern, line)
            if match is not None and not found.done():
                found.set_result(match)
                self._listeners.remove(look)

        self._listeners.append(look)
        return found

    async def end(self, number: int = signal.SIGTERM) -> None:
        """Send this signal and wait for the end."""
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(number)
        await self.process.wait()
        await self._reading

    async def _read(self) -> None:
        assert self.process.stdout is not None
        async for raw in self.process.stdout:
            line = raw.decode(errors="replace").rstrip("\n")
            self.lines.append(line)
            for listen in tuple(self._listeners):
                listen(line)


class Stage:
    """The service with the app `bench` and whoever was enrolled; use as an async context manager."""

    def __init__(self, directory: Path, *, port: int = 0, options: tuple[str, ...] = ()) -> None:
        self.directory = directory
        self.data = directory / "data"
        self.port = port or free_port()
        self.options = options
        self.app_socket = directory / "app.sock"
        self.app_url = f"https://{APP}.{BASE_DOMAIN}:{self.port}/"
        self._people: list[Person] = []
        self.service: Child
        self.app: Child
        self.admin: Administrator
        self.authority: Path
        self.tls: ssl.SSLContext

    async def __aenter__(self) -> Self:
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.app = await Child.start("-m", "assay.cli.bench.upstream", str(self.app_socket))
        try:
            await self.app.until("^up$")
            await self.start_service()
        except BaseException:
            await self.app.end(signal.SIGKILL)
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        for person in self._people:
            person.close()
        await self.stop_service()
        await self.app.end()

    async def start_service(self, *program: str) -> None:
        """`assay up` on the same data, or another program that says the same; returns when it says that it is up."""
        where = ("--data", str(self.data), "--base-domain", BASE_DOMAIN, "--port", str(self.port))
        command = program or ("-c", UP, "up", *where, *self.options)
        await self.served_by(await Child.start(*command, environment=self.environment))

    async def served_by(self, service: Child) -> None:
        """Returns when this one, which was started on the same data, says that it is up."""
        self.service = service
        await service.until("^Assay is up")
        self.authority = self.data / "certificates" / BASE_DOMAIN / "authority.pem"
        self.tls = tls_context(self.authority)
        self.admin = Administrator(self.data / "run" / "admin.sock")

    async def stop_service(self, number: int = signal.SIGTERM) -> None:
        """End the service; whoever was signed in stays signed in when it comes back."""
        await self.admin.close()
        await self.service.end(number)

    @property
    def environment(self) -> dict[str, str]:
        """What keeps the key and the checkpoints of a measurement out of the operator's own directories."""
        return {"XDG_CONFIG_HOME": str(self.directory / "config"), "XDG_DATA_HOME": str(self.directory / "share")}

    @property
    def service_pid(self) -> int:
        return self.service.process.pid

    @property
    def envoy_pid(self) -> int:
        return envoy_of(self.service_pid)

    async def owner(self) -> Person:
        """The owner, enrolled by the link of the first start."""
        link = (await self.service.until(r"https://id\.\S+/enrol/\S+"))[0]
        return await self.enrol("owner", link)

    async def enrol(self, user_name: str, link: str) -> Person:
        """A person who used their one-time link."""
        person = self.person(Credentials(user_name=user_name, password=PASSWORD))
        await person.enrol(link)
        return person

    def person(self, knows: Credentials) -> Person:
        """Somebody at a fresh browser, which is closed with the stage."""
        person = Person(self.port, self.tls, knows)
        self._people.append(person)
        return person

    async def protect_app(self) -> None:
        """Put the app behind the gateway, its owner assigned."""
        await self.admin.protect(f"unix://{self.app_socket}", APP)

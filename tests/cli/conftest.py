"""The program as people run it, against a service in the test's own process."""

import asyncio
import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from assay.store import Store
from tests.access.house import HandClock, House
from tests.api.service import AdminService, short_directory
from tests.forked_program import run_program


class Ran(msgspec.Struct, frozen=True):
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, object]:
        decoded: dict[str, object] = msgspec.json.decode(self.out)
        return decoded


async def run(*arguments: str, data: Path | None = None, given: bytes = b"", **environment: str) -> Ran:
    """Run the program; `data` goes into the environment."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    if data is not None:
        kept["ASSAY_DATA"] = str(data)
    # Beside the loop, which has the service to run.
    done = await asyncio.to_thread(run_program, *arguments, environment=kept | environment, given=given)
    return Ran(done.returncode, done.stdout, done.stderr)


class Assay:
    """The program with its service."""

    def __init__(self, service: AdminService) -> None:
        self.service = service
        self.house = service.house

    async def __call__(self, *arguments: str, given: bytes = b"") -> Ran:
        return await run(*arguments, data=self.service.data, given=given)

    async def done(self, *arguments: str, given: bytes = b"") -> Ran:
        """Run a command that succeeds."""
        ran = await self(*arguments, given=given)
        assert ran.code == 0, (arguments, ran)
        return ran


@pytest.fixture
async def house(sqlite_store: Store) -> AsyncIterator[House]:
    """The flows behind the socket."""
    # Commands compare the service's clock with the machine's: this one began an hour ago.
    opened = House(sqlite_store, HandClock(datetime.now(UTC) - timedelta(hours=1)))
    await opened.start()
    yield opened
    await opened.premises.publications.close()
    opened.hashing.close()


@pytest.fixture
async def assay(house: House) -> AsyncIterator[Assay]:
    """The program, and a service that answers it."""
    with short_directory() as directory:
        running = AdminService(house, Path(directory))
        await running.server.start()
        yield Assay(running)
        await running.server.stop()

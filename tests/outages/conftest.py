"""What a failure is made on: a disk of one's own, and an installation with an owner and an app."""

import contextlib
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from pathlib import Path

import pytest

from tests.end_to_end.installation import Installation, installation
from tests.end_to_end.person import Person
from tests.end_to_end.upstream import echoing
from tests.ports import free_port

Disk = Callable[[int], AbstractContextManager[Path]]
SignedIn = Callable[[Installation], AbstractAsyncContextManager[Person]]


@pytest.fixture
def port() -> int:
    """Two test processes on one machine begin to look for a port at different places."""
    return free_port()


@pytest.fixture
def disk(tmp_path: Path) -> Disk:
    """A disk of so many megabytes; mounting takes root."""

    @contextlib.contextmanager
    def mounted(megabytes: int) -> Iterator[Path]:
        place = tmp_path / "disk"
        place.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(place)], check=True)
        try:
            yield place
        finally:
            subprocess.run(["umount", "--lazy", str(place)], check=True)

    return mounted


@pytest.fixture
def signed_in(tmp_path: Path) -> SignedIn:
    """The owner of this installation, with the app `wiki` open."""

    @contextlib.asynccontextmanager
    async def of(installed: Installation) -> AsyncIterator[Person]:
        with echoing(tmp_path / "app") as app:
            owner = Person(installed, "owner")
            async with contextlib.aclosing(owner.client):
                await owner.enrol(installed.owner_link())
                installed.run("apps", "protect", f"unix://{app}", "--name", "wiki")
                assert (await owner.open("wiki")).status_code == 200
                yield owner

    return of


@pytest.fixture
def installed(tmp_path: Path, port: int) -> Iterator[Installation]:
    """An empty installation that has just been started for the first time."""
    with installation(tmp_path, port=port) as running:
        yield running

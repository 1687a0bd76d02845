"""The admin socket: the kernel says who asks, and only the service's own user and root are answered."""

import asyncio
import os
import pwd
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from assay.events import EventQuery, search
from assay.events.records.search import content
from assay.server.unix_socket import UnixSocket, UnixSocketError
from tests.access.house import House
from tests.api.service import AdminService, short_directory

# The kernel keeps the user who connects: whoever starts as root becomes the stranger before that.
ASK = """
import os, socket, sys
if os.getuid() == 0:
    os.setgroups([])
    os.setgid(int(sys.argv[2]))
    os.setuid(int(sys.argv[2]))
with socket.socket(socket.AF_UNIX) as client:
    client.connect(sys.argv[1])
    client.sendall(b"GET /v1/users HTTP/1.1\\r\\nHost: assay\\r\\nConnection: close\\r\\n\\r\\n")
    while octets := client.recv(65536):
        sys.stdout.buffer.write(octets)
"""


@pytest.fixture
async def open_socket(house: House) -> AsyncIterator[AdminService]:
    """A socket that every user of the host can reach, as it would be after somebody opened its directory.

    Where the tests run as an ordinary user, that user is nobody who may ask.
    """
    with short_directory() as directory:
        uids = None if os.getuid() == 0 else frozenset({0})
        running = AdminService(house, Path(directory), uids=uids)
        await running.server.start()
        for path in (Path(directory), running.data, running.data / "run"):
            path.chmod(0o755)
        running.server.path.chmod(0o666)
        yield running
        await running.server.stop()


async def test_a_user_of_the_host_who_is_not_the_services_own_is_told_403(open_socket: AdminService) -> None:
    stranger = str(pwd.getpwnam("nobody").pw_uid)
    asking = await asyncio.create_subprocess_exec(
        sys.executable, "-I", "-c", ASK, str(open_socket.server.path), stranger, stdout=asyncio.subprocess.PIPE
    )
    answer, _ = await asking.communicate()
    assert answer.startswith(b"HTTP/1.1 403")
    assert b'"code":"wrongHostUser"' in answer


async def test_only_its_owner_reaches_the_socket_from_its_first_moment(service: AdminService) -> None:
    run = service.data / "run"
    assert run.stat().st_mode & 0o777 == 0o700
    assert service.server.path.stat().st_mode & 0o777 == 0o600


async def test_the_actor_of_a_change_is_the_user_of_the_host(service: AdminService, client: httpx.AsyncClient) -> None:
    assert (await client.post("/users", json={"userPrincipalName": "alice"})).status_code == 201
    page = await service.house.store.read(lambda reader: search(reader, EventQuery(code="user.created")))
    said = content(page.events[0])
    assert said is not None
    me = pwd.getpwuid(os.getuid())
    assert (said.actor.user.uid, said.actor.user.name) == (f"host:{me.pw_uid}", me.pw_name)


async def test_a_socket_left_behind_by_a_killed_service_is_replaced(house: House) -> None:
    with short_directory() as directory:
        (Path(directory) / "data" / "run").mkdir(parents=True, mode=0o700)
        left = Path(directory) / "data" / "run" / "admin.sock"
        left.touch()
        again = UnixSocket(_never, left)
        await again.start()
        assert left.is_socket()
        await again.stop()
        assert not left.exists()


async def test_a_path_too_long_for_a_socket_says_so(tmp_path: Path) -> None:
    server = UnixSocket(_never, tmp_path / ("x" * 120) / "admin.sock")
    with pytest.raises(UnixSocketError):
        await server.start()


async def _never(scope: object, receive: object, send: object) -> None:
    raise AssertionError("nobody asks")

"""A node that reaches the database through PgBouncer in transaction mode, beside one that does not."""

import asyncio
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.end_to_end.person import Person
from tests.nodes.house import House, Node
from tests.nodes.lan import Lan
from tests.nodes.test_outages import answers, until
from tests.nodes.test_two_nodes import SCRIPT, blocked, carried, owner_of, sign_in_by_recovery_code

pytestmark = [pytest.mark.namespaces, pytest.mark.interop, pytest.mark.slow]

PORT = 6432
# Fewer servers than a node has connections: whoever counts on keeping one is found out.
SETTINGS = """
[databases]
* = host={address} port=5432 user=postgres

[pgbouncer]
listen_addr = {address}
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 3
server_reset_query =
"""


@contextmanager
def pgbouncer(place: Lan, directory: Path) -> Iterator[None]:
    """PgBouncer on the database's machine."""
    directory.mkdir(mode=0o755)
    settings = directory / "pgbouncer.ini"
    settings.write_text(SETTINGS.format(address=place.address("db"), port=PORT))
    as_nobody = ("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups")
    # Given on its standard input: `nobody` may not enter where tests keep their files.
    with settings.open("rb") as given, (directory / "pgbouncer.log").open("wb") as log:
        process = subprocess.Popen(
            [*place.within("db"), *as_nobody, "pgbouncer", "/dev/stdin"], stdin=given, stdout=log, stderr=log
        )
    try:
        with place.at("client"):
            deadline = time.monotonic() + 60
            while True:
                try:
                    socket.create_connection((place.address("db"), PORT), timeout=1).close()
                    break
                except OSError:
                    assert time.monotonic() < deadline, (directory / "pgbouncer.log").read_text()
                    time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait(60)


@pytest.fixture(scope="module", autouse=True)
def _behind(built: House, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Node A beside the database, node B behind PgBouncer."""
    with pgbouncer(built.place, tmp_path_factory.mktemp("behind") / "pgbouncer"):
        built.b.stop()
        built.b.configure(database=built.database.replace("/assay_", f":{PORT}/assay_"))
        built.b.start()
        yield
        built.b.stop()
        built.b.configure()


async def ends_with(client: httpx.AsyncClient, url: str, revoking: Node) -> None:
    """A download through one node ends after everything was revoked on `revoking`: it is not told, and asks."""
    async with client.stream("GET", url, headers=SCRIPT) as download:
        received = download.aiter_raw()
        await anext(received)
        assert "sessions ended: 1" in await asyncio.to_thread(revoking.run, "sessions", "revoke", "--all")
        async with asyncio.timeout(30):
            with pytest.raises(httpx.TransportError):
                async for _ in received:
                    pass


async def test_a_node_behind_pgbouncer_signs_in_cuts_and_publishes(two: House, tmp_path: Path) -> None:
    owner = await owner_of(two)
    other = two.client_of(owner, two.b)
    wiki = two.a.app_origin("wiki")
    assert (await carried(owner.client, other, f"{wiki}/")).status_code == 200

    # Revoked on A, cut on B, which nobody notifies; and the other way round, with a sign-in through B.
    await ends_with(other, f"{wiki}/stream", two.a)
    assert (await other.get(f"{wiki}/", headers=SCRIPT)).status_code == 401
    there = Person(two.b, "owner")
    there.recovery_codes = owner.recovery_codes
    await sign_in_by_recovery_code(there)
    at_a = two.client_of(there, two.a)
    assert (await carried(there.client, at_a, f"{wiki}/")).status_code == 200
    await ends_with(at_a, f"{wiki}/stream", two.b)

    # The same statements over and over, at once, by other servers each time.
    await asyncio.gather(*(asyncio.to_thread(two.b.run, "users", "add", f"behind{number}") for number in range(12)))
    assert "behind11" in two.a.run("users", "list")
    await sign_in_by_recovery_code(there)
    assert (await carried(there.client, at_a, f"{wiki}/")).status_code == 200
    policy = blocked(two, tmp_path / "block.json", name="Closed behind")
    two.b.run("policy", "import", str(policy), "--state", "on")
    await until(lambda: answers(at_a, f"{wiki}/", 403))
    two.a.run("policy", "off", "Closed behind")
    await until(lambda: answers(there.client, f"{wiki}/", 200))
    assert two.b.run("events", "verify").startswith("good")
    for client in (owner.client, other, there.client, at_a):
        await client.aclose()

"""Few descriptors, little memory: who is in goes on, what is new is refused, nothing opens, and it passes."""

import asyncio
import contextlib
import resource
import ssl
from pathlib import Path

import httpx
import pytest

from assay.cli.bench.processes import envoy_of
from assay.gateway.open_files import connections_within
from tests.end_to_end.installation import Installation
from tests.end_to_end.person import Person
from tests.https_client import tls_context
from tests.outages.conftest import SignedIn
from tests.outages.waiting import until

pytestmark = pytest.mark.slow
FILES = 256
CROWD = 200
REFUSED = 5
WAIT = 30.0  # seconds


class Narrow(Installation):
    """A service that may have 256 files open, and so may its Envoy."""

    @property
    def launcher(self) -> tuple[str, ...]:
        return ("sh", "-c", f'ulimit -n {FILES} && exec "$@"', "sh")


async def test_r04_with_few_descriptors_who_is_in_goes_on_and_the_rest_is_refused_at_once(
    tmp_path: Path, port: int, signed_in: SignedIn
) -> None:
    installed = Narrow(tmp_path, port=port)
    installed.start()
    try:
        async with signed_in(installed) as owner, contextlib.AsyncExitStack() as crowd:
            assert installed.process is not None
            envoy = envoy_of(installed.process.pid)
            assert (await owner.fetch("wiki")).status_code == 200
            tls = tls_context(installed.authority)
            let_in, refused = list[asyncio.StreamReader](), list[OSError]()

            async def come(context: ssl.SSLContext | None = None) -> None:
                of_tls = {"server_hostname": "id.assay.localhost", "ssl_handshake_timeout": WAIT} if context else {}
                opened = await asyncio.open_connection("127.0.0.1", port, ssl=context, **of_tls)
                # The pair is kept: a reader that nobody holds closes its connection.
                crowd.push_async_callback(closed, opened)
                let_in.append(opened[0])

            def still_in() -> int:
                return sum(not reader.at_eof() and reader.exception() is None for reader in let_in)

            async def enough_were_refused() -> bool:
                assert (await owner.fetch("wiki", f"/{len(let_in)}")).status_code == 200
                # Who says nothing is closed after a while, or gives way: as many come again, and then one who speaks.
                for _ in range(CROWD - still_in()):
                    await come()
                try:
                    await come(tls)
                except (
                    TimeoutError,
                    ConnectionAbortedError,
                ) as waited:  # the second is asyncio's word for its own limit
                    raise AssertionError("who does not fit is told, and not left to wait") from waited
                except OSError as told:
                    refused.append(told)
                return len(refused) >= REFUSED

            await until(enough_were_refused, 120)

            # The last of those that did not fit may not have been told yet.
            async def no_more_than_fit() -> bool:
                assert (await owner.fetch("wiki", "/still")).status_code == 200
                return still_in() <= connections_within(FILES, 20_000)

            await until(no_more_than_fit)
            statuses = [(await owner.fetch("wiki", f"/{number}")).status_code for number in range(50)]
            assert set(statuses) == {200}
            assert installed.run("users", "list")
            assert envoy_of(installed.process.pid) == envoy, "nothing broke"
            await crowd.aclose()
            stranger = Person(installed, "owner")

            async def comes_in() -> bool:
                try:
                    return (await stranger.fetch("wiki")).status_code == 401
                except httpx.TransportError:
                    return False

            await until(comes_in)
            assert "Sign in" in (await stranger.open("wiki")).text, "new ones come in again"
            await stranger.client.aclose()
    finally:
        installed.stop()


async def test_r04_without_memory_no_password_is_looked_at_and_none_is_wrong(
    installed: Installation, signed_in: SignedIn
) -> None:
    async with signed_in(installed) as owner:
        # Anew, because memory in which a password was hashed before is kept for the next.
        installed.stop()
        installed.start()
        assert (await owner.fetch("wiki")).status_code == 200
        assert installed.process is not None
        pid = installed.process.pid
        guest = Person(installed, "owner")
        before = resource.prlimit(pid, resource.RLIMIT_AS)
        resource.prlimit(pid, resource.RLIMIT_AS, (mapped(pid) + (4 << 20), before[1]))
        try:
            answer: httpx.Response = await guest.give_password()
            assert answer.status_code == 503, answer.text
            assert answer.headers["retry-after"]
            assert (await owner.fetch("wiki")).status_code == 200
            assert (await guest.fetch("wiki")).status_code == 401
        finally:
            resource.prlimit(pid, resource.RLIMIT_AS, before)
        answer = await guest.give_password()
        assert answer.status_code in (200, 303), answer.text
        failures = installed.run("events", "search", "--code", "sign-in.failed")
        assert "owner" not in failures, "nobody's password was wrong"
        await guest.client.aclose()


async def closed(opened: tuple[asyncio.StreamReader, asyncio.StreamWriter]) -> None:
    _, writer = opened
    writer.transport.abort()
    with contextlib.suppress(OSError):
        await writer.wait_closed()


def mapped(pid: int) -> int:
    """The address space of this process in bytes (proc_pid_statm(5))."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[0]) * resource.getpagesize()

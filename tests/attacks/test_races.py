"""Nothing that opens in the moment of a cut outlives it."""

import asyncio
import contextlib
import socket
import time

import pytest

from tests.attacks.outsider import WIKI, People, Stream, let_go

pytestmark = pytest.mark.slow

ROUNDS = 3
# Shorter than the second after which everything open is judged again anyway.
AT_ONCE_SECONDS = 0.4
ESTABLISHED = 1  # tcp(7)


class Attempts:
    """What was got until now, whether there was anything, and whether to go on trying."""

    def __init__(self) -> None:
        self.opened: list[Stream] = []
        self.cookies: list[dict[str, str]] = []
        self.begun, self.stop = asyncio.Event(), asyncio.Event()


async def keep_opening(people: People, app: dict[str, str], attempts: Attempts, *, web_socket: bool) -> None:
    while not attempts.stop.is_set():
        with contextlib.suppress(ConnectionError):
            attempts.opened.append(await people.open(app, web_socket=web_socket))
            attempts.begun.set()


async def survivors(people: People, app: dict[str, str], *command: str) -> int:
    """How many streams are open after a command that ends them, while new ones are opened all the time."""
    attempts, kinds = Attempts(), (True, False, True)
    openers = [asyncio.create_task(keep_opening(people, app, attempts, web_socket=kind)) for kind in kinds]
    await attempts.begun.wait()
    assert is_open(attempts.opened[0])
    await asyncio.to_thread(people.installed.run, *command)
    attempts.stop.set()
    await asyncio.gather(*openers)
    try:
        # What the kernel says, as reading to the end of all takes long on a busy machine.
        until = time.monotonic() + AT_ONCE_SECONDS
        while (left := sum(map(is_open, attempts.opened))) and time.monotonic() < until:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        return left
    finally:
        for _, writer in attempts.opened:
            await let_go(writer.transport.abort)


def is_open(stream: Stream) -> bool:
    """Whether the connection stands: neither its end nor a reset has come."""
    connection = stream[1].get_extra_info("socket")
    if connection is None:
        return False
    try:
        return bool(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] == ESTABLISHED)
    except OSError:
        return False


async def test_revoked(people: People) -> None:
    for _ in range(ROUNDS):
        _, app = await people.at_wiki("bob")
        assert await survivors(people, app, "sessions", "revoke", "--user", "bob") == 0


async def test_unassigned(people: People) -> None:
    _, app = await people.at_wiki("bob")
    for _ in range(ROUNDS):
        assert await survivors(people, app, "apps", "unassign", "wiki", "--user", "bob") == 0
        people.installed.run("apps", "assign", "wiki", "--user", "bob")


async def keep_signing_in(people: People, attempts: Attempts) -> None:
    while not attempts.stop.is_set():
        session = await people.with_password("bob")
        if session:
            attempts.cookies.append(await people.redeem(*await people.ticket(session)))
            attempts.begun.set()


async def test_nobody_signs_in_past_being_disabled(people: People) -> None:
    for _ in range(ROUNDS):
        attempts = Attempts()
        trying = [asyncio.create_task(keep_signing_in(people, attempts)) for _ in range(4)]
        await attempts.begun.wait()
        await asyncio.to_thread(people.installed.run, "users", "disable", "bob")
        attempts.stop.set()
        await asyncio.gather(*trying)
        people.installed.run("users", "enable", "bob")
        for app in filter(None, attempts.cookies):
            assert (await people.send(WIKI, "GET", "/json", cookies=app)).status == 302

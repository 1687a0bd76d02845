"""A decision service that hangs, is dead or talks nonsense: nothing passes, quickly, in words; and it comes back."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.gateway.rig import RawConnection, Rig

pytestmark = pytest.mark.interop
NAVIGATION = [("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "document"), ("Accept", "text/html")]
OLDER_NAVIGATION = [("Accept", "text/html,*/*")]
PROGRAM = [("Accept", "application/json")]
# Less than the rig lets the check think; a machine that is busy with other tests takes its time.
IN_TIME_SECONDS = 25.0

ANSWERS = {
    "garbage": b"\x00\x01\x02\x03 no HTTP at all\r\n\r\n",
    "another protocol": b"SSH-2.0-OpenSSH_9.2p1\r\n",
    "half an answer": b"HTTP/1.1 200 OK\r\ncontent-le",
    "an end without an answer": b"",
    "500": b"HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\n\r\n",
    "a huge head": b"HTTP/1.1 200 OK\r\nassay-x: " + b"x" * 1_000_000 + b"\r\ncontent-length: 0\r\n\r\n",
    "ten thousand headers": b"HTTP/1.1 200 OK\r\n" + b"assay-x: x\r\n" * 10_000 + b"content-length: 0\r\n\r\n",
    "a length that is none": b"HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n",
    "two lengths": b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\ncontent-length: 5\r\n\r\nhello",
    "a line break in a value": b"HTTP/1.1 200 OK\r\nassay-x: a\x00b\r\ncontent-length: 0\r\n\r\n",
}


class Impostor:
    """Stands on the check's socket and answers every question in one way; `restore` puts the real one back."""

    def __init__(self, rig: Rig, answer: bytes) -> None:
        self._path = rig.settings.check_sockets[0]
        self._aside = self._path.with_name("aside.sock")
        self._answer = answer
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        self._path.rename(self._aside)
        self._server = await asyncio.start_unix_server(self._serve, self._path)

    async def restore(self) -> None:
        assert self._server is not None
        self._server.close()
        await self._server.wait_closed()
        self._aside.rename(self._path)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            # Envoy may also leave without a question.
            with suppress(OSError, asyncio.IncompleteReadError):
                await reader.readuntil(b"\r\n\r\n")
                writer.write(self._answer)
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()


async def refused(rig: Rig) -> None:
    """Everybody is refused in time, in the words they can read; the app hears of nothing."""
    before = rig.app.connections
    for headers, kind in ((NAVIGATION, "text/html"), (OLDER_NAVIGATION, "text/html"), (PROGRAM, "application/json")):
        async with asyncio.timeout(IN_TIME_SECONDS):
            answer = await rig.get("/", headers=headers)
        assert answer.status_code == 403
        assert answer.headers["content-type"].startswith(kind)
        assert answer.headers["cache-control"] == "no-store"
        if kind == "text/html":
            assert "nothing was let through" in answer.text
        else:
            assert answer.json()["error"]["code"] == "check_unavailable"
    assert rig.app.connections == before


@pytest.mark.parametrize("kind", ANSWERS)
async def test_an_answer_that_makes_no_sense_lets_nothing_through(rig: Rig, kind: str) -> None:
    impostor = Impostor(rig, ANSWERS[kind])
    await impostor.start()
    await refused(rig)
    await impostor.restore()
    assert (await rig.get("/")).status_code == 200


async def test_a_check_that_is_gone_lets_nothing_through_and_comes_back(rig: Rig) -> None:
    assert (await rig.get("/")).status_code == 200
    path = rig.settings.check_sockets[0]
    path.rename(path.with_name("aside.sock"))
    answers = {(await rig.get("/")).status_code for _ in range(20)}
    # What Envoy keeps open to it still works: that is the real check.
    assert answers <= {200, 403}
    path.with_name("aside.sock").rename(path)
    assert (await rig.get("/")).status_code == 200


@pytest.fixture
async def elsewhere(tmp_path: Path) -> AsyncIterator[tuple[Rig, asyncio.subprocess.Process]]:
    """A gateway in a process of its own, and what is needed to talk to it."""
    command = [sys.executable, "-m", "tests.gateway.alone", "serve", str(tmp_path)]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    port = json.loads(await process.stdout.readline())["port"]
    rig = Rig(tmp_path)
    yield Reached(rig, port), process
    process.send_signal(signal.SIGCONT)
    process.kill()
    await process.wait()


class Reached(Rig):
    """A client of somebody else's rig: its certificates, and the port it told."""

    def __init__(self, rig: Rig, port: int) -> None:
        self.__dict__ = rig.__dict__
        self.port = port

    def authority(self, label: str = "wiki") -> str:
        return f"{self.host(label)}:{self.port}"

    async def connect(
        self, label: str = "wiki", *, alpn: str = "", port: int = 0, source: str = "127.0.0.1"
    ) -> RawConnection:
        return await super().connect(label, alpn=alpn, port=port or self.port, source=source)


async def test_a_check_that_is_stopped_lets_nothing_through_and_comes_back(
    elsewhere: tuple[Rig, asyncio.subprocess.Process],
) -> None:
    rig, process = elsewhere
    await answers(rig)
    os.kill(process.pid, signal.SIGSTOP)
    await refused(rig)
    os.kill(process.pid, signal.SIGCONT)
    await answers(rig)


async def answers(rig: Rig) -> None:
    """Return once it does: its check has half a second for each answer, and on a busy machine not always one."""
    async with asyncio.timeout(60):
        while (await rig.get("/")).status_code != 200:  # noqa: ASYNC110 - the other process tells nobody
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("target", ["/a;b", "/a./b", "/.ASSAY/x"])
async def test_a_refused_navigation_gets_a_page_and_a_program_gets_json(rig: Rig, target: str) -> None:
    page = await rig.get(target, headers=NAVIGATION)
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "<h1>This request is refused</h1>" in page.text
    problem = await rig.get(target, headers=PROGRAM)
    assert problem.headers["content-type"] == "application/json"
    assert problem.json()["error"]["code"] in page.text
    assert page.status_code == problem.status_code


@pytest.mark.parametrize(
    ("target", "headers", "status"),
    [
        ("/a%00b", [], 400),
        ("/a%2fb", [], 400),
        ("/", [("Connection", "Upgrade, Cookie"), ("Upgrade", "x")], 403),
        ("/", [("Expect", "x")], 403),
        ("/", [("X-Big", "x" * 70_000)], 431),
    ],
)
async def test_what_envoy_refuses_by_itself_is_a_page_too(
    rig: Rig, target: str, headers: list[tuple[str, str]], status: int
) -> None:
    page = await rig.get(target, headers=[*NAVIGATION, *headers])
    assert page.status_code == status
    if status != 431:  # refused before there are headers by which a navigation is known
        assert "<h1>This request is refused</h1>" in page.text

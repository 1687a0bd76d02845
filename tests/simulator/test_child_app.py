"""Apps as our children: ready when they answer, started again, confined, and never left behind."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import httpx
import pytest

from assay.simulator.child_app import AppNotReadyError, AppProgram, ChildApp

ANSWERS = """
import http.server, socketserver, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = str(__import__("os").getpid()).encode()
        if self.path == "/eat":
            try:
                bytearray(400_000_000)
                body = b"ate"
            except MemoryError:
                body = b"could not"
        self.send_response(200); self.send_header("content-length", str(len(body))); self.end_headers()
        self.wfile.write(body)
    def address_string(self):
        return "-"
socketserver.ThreadingUnixStreamServer(sys.argv[1], Handler).serve_forever()
"""
SECONDS = 60


def program(directory: Path, code: str = ANSWERS) -> AppProgram:
    socket = directory / "app.sock"
    return AppProgram(name="app", arguments=("-c", code, str(socket)), socket=socket, megabytes=200)


async def asked(directory: Path, path: str = "/") -> str:
    transport = httpx.AsyncHTTPTransport(uds=str(directory / "app.sock"), verify=False)
    async with httpx.AsyncClient(transport=transport, timeout=SECONDS) as client:
        return (await client.get(f"http://app{path}")).text


async def ended(pid: int) -> None:
    """Return when the process has ended, whoever's child it is."""
    descriptor = os.pidfd_open(pid)
    over = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_reader(descriptor, over.set)
    try:
        await asyncio.wait_for(over.wait(), SECONDS)
    finally:
        loop.remove_reader(descriptor)
        os.close(descriptor)


async def test_it_is_ready_when_start_returns_and_gone_when_stop_does(tmp_path: Path) -> None:
    app = ChildApp(program(tmp_path), tmp_path)
    await app.start()
    pid = app.pid
    assert pid is not None
    assert await asked(tmp_path) == str(pid)
    await app.stop()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_it_starts_again_when_it_was_killed(tmp_path: Path) -> None:
    app = ChildApp(program(tmp_path), tmp_path)
    await app.start()
    first = app.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    async with asyncio.timeout(SECONDS):
        answer = ""
        while answer in ("", str(first)):
            try:
                answer = await asked(tmp_path)
            except httpx.TransportError:
                await asyncio.sleep(0.01)
    assert int(answer) != first
    await app.stop()


async def test_it_keeps_to_its_memory(tmp_path: Path) -> None:
    app = ChildApp(program(tmp_path), tmp_path)
    await app.start()
    assert await asked(tmp_path, "/eat") == "could not"
    await app.stop()


async def test_it_sees_nothing_of_our_environment(tmp_path: Path) -> None:
    names = "import os, sys; sys.exit(' '.join(sorted(os.environ)))"
    with pytest.raises(AppNotReadyError, match=r"ended with status 1: HOME LANG (LC_CTYPE )?PATH PYTHONUNBUFFERED"):
        await ChildApp(program(tmp_path, names), tmp_path).start()


async def test_what_it_said_last_is_told(tmp_path: Path) -> None:
    with pytest.raises(AppNotReadyError, match="no ink left"):
        await ChildApp(program(tmp_path, "import sys; sys.exit('no ink left')"), tmp_path).start()


async def test_it_dies_with_us(tmp_path: Path) -> None:
    parent = f"""
import asyncio
from pathlib import Path
from tests.simulator.test_child_app import ChildApp, program
async def main():
    app = ChildApp(program(Path({str(tmp_path)!r})), Path({str(tmp_path)!r}))
    await app.start()
    print(app.pid, flush=True)
    await asyncio.Event().wait()
asyncio.run(main())
"""
    root = Path(__file__).parents[2]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", parent, stdout=asyncio.subprocess.PIPE, cwd=root
    )
    assert process.stdout is not None
    pid = int(await asyncio.wait_for(process.stdout.readline(), SECONDS))
    # Before it is ended: what nobody watches is gone altogether as soon as somebody has taken its status.
    watching = asyncio.create_task(ended(pid))
    await asyncio.sleep(0)
    process.kill()
    await asyncio.gather(process.wait(), watching)

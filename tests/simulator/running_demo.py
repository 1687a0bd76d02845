"""A whole demo as another process, as `./run demo` starts it, in directories of its own."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from assay.simulator.demo_info import DemoInfo, read_demo_info
from tests.forked_program import run_program
from tests.ports import free_port

READY = "Ctrl-C stops it."
READY_SECONDS = 240
SMALL = ("--people", "8", "--days", "3")
STOP_SECONDS = 60


@dataclass(frozen=True)
class RunningDemo:
    """A demo that is ready; `output` is what it printed until then."""

    info: DemoInfo
    data: Path
    home: Path
    port: int
    process: asyncio.subprocess.Process
    output: str

    @property
    def cache(self) -> Path:
        """Where its past is kept, for others of its size."""
        return self.home / ".cache"


def environment(home: Path, cache: Path | None = None) -> dict[str, str]:
    """Only what a fresh machine has: neither settings nor keys of whoever runs the tests."""
    kept = {"XDG_CACHE_HOME": str(cache)} if cache is not None else {}
    return {"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8", "PYTHONUNBUFFERED": "1", **kept}


async def spawn(home: Path, *arguments: str, cache: Path | None = None) -> asyncio.subprocess.Process:
    """Any `assay` command; `cache` is where pasts are kept, HOME's own without it."""
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        "from assay.cli import main; main()",
        *arguments,
        env=environment(home, cache),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )


async def run(home: Path, *arguments: str) -> tuple[int, str]:
    """Exit code and output of a command that ends."""
    if arguments[0] not in ("up", "demo"):
        kept = {name: value for name, value in environment(home).items() if name != "PYTHONUNBUFFERED"}
        done = await asyncio.to_thread(run_program, *arguments, environment=kept, timeout=READY_SECONDS)
        return done.returncode, done.stdout + done.stderr
    process = await spawn(home, *arguments)
    output, _ = await asyncio.wait_for(process.communicate(), READY_SECONDS)
    assert process.returncode is not None
    return process.returncode, output.decode()


@contextlib.asynccontextmanager
async def running_demo(
    directory: Path, *options: str, port: int | None = None, cache: Path | None = None, size: tuple[str, ...] = SMALL
) -> AsyncIterator[RunningDemo]:
    """Start a demo in `directory`, a small one unless told otherwise, and stop it as Ctrl-C does."""
    home, data, port = directory / "home", directory / "data", port or free_port()
    home.mkdir(exist_ok=True)
    where = ("--data", str(data), "--port", str(port))
    process = await spawn(home, "up", "--demo", *where, *size, *options, cache=cache)
    try:
        output = await asyncio.wait_for(_until_ready(process), READY_SECONDS)
        yield RunningDemo(
            info=read_demo_info(data / "demo.json"), data=data, home=home, port=port, process=process, output=output
        )
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGINT)
        try:
            await asyncio.wait_for(process.communicate(), STOP_SECONDS)
        except TimeoutError:
            process.kill()
            raise


async def _until_ready(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None
    lines: list[str] = []
    async for line in process.stdout:
        lines.append(line.decode())
        if READY in lines[-1]:
            return "".join(lines)
    raise AssertionError(f"the demo ended: {''.join(lines)}")

"""An app of the demo as our child: on a unix socket, confined, started again when it ends, gone when we are."""

import asyncio
import contextlib
import logging
import os
import signal
import sys
from pathlib import Path
from typing import Final

import httpx

from assay.simulator import confined
from assay.values import AssayError, Value

logger = logging.getLogger("assay.simulator")
READY_SECONDS: Final = 60.0
POLL_SECONDS: Final = 0.05
RESTART_SECONDS: Final = 1.0
STOP_SECONDS: Final = 3.0
LOG_TAIL: Final = 2_000  # characters


class AppProgram(Value, frozen=True, kw_only=True):
    """A program that serves HTTP on `socket`; `arguments` follow the Python interpreter, memory is in MB."""

    name: str
    arguments: tuple[str, ...]
    socket: Path
    megabytes: int


class AppNotReadyError(AssayError):
    """The app ended, or did not answer in time."""


class ChildApp:
    """One app from start to stop; `directory` is its home and holds its log."""

    def __init__(self, program: AppProgram, directory: Path) -> None:
        self._program = program
        self._directory = directory
        self._log = directory / f"{program.name}.log"
        self._child: asyncio.subprocess.Process | None = None
        self._supervisor: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        return self._child.pid if self._child is not None and self._child.returncode is None else None

    async def start(self) -> None:
        """Return when the app answers; raises AppNotReadyError with the end of its log."""
        child = self._child = await self._spawn()
        try:
            async with asyncio.timeout(READY_SECONDS):
                await self._ready(child)
        except TimeoutError:
            raise self._not_ready(f"did not answer within {READY_SECONDS:g} s") from None
        self._supervisor = asyncio.create_task(self._supervise(child), name=f"app {self._program.name}")

    async def stop(self) -> None:
        """End the app and return when it is gone."""
        if self._supervisor is not None:
            self._supervisor.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._supervisor
        child = self._child
        if child is None:
            return
        for number in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, number)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(child.wait(), STOP_SECONDS)
                break

    async def _spawn(self) -> asyncio.subprocess.Process:
        self._program.socket.unlink(missing_ok=True)
        with self._log.open("ab") as log:
            return await asyncio.create_subprocess_exec(
                sys.executable,
                "-IS",
                confined.__file__,
                str(os.getpid()),
                str(self._program.megabytes),
                sys.executable,
                *self._program.arguments,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self._directory,
                env=self._environment(),
                start_new_session=True,  # Ctrl-C in the terminal is for Assay, which then stops this in its order
            )

    def _environment(self) -> dict[str, str]:
        """Nothing of ours: apps are neighbours, and theirs are the settings of nobody's home directory."""
        kept = {name: os.environ[name] for name in ("PATH", "TZ") if name in os.environ}
        return {**kept, "HOME": str(self._directory), "LANG": "C.UTF-8", "PYTHONUNBUFFERED": "1"}

    async def _ready(self, child: asyncio.subprocess.Process) -> None:
        transport = httpx.AsyncHTTPTransport(uds=str(self._program.socket), verify=False)
        async with httpx.AsyncClient(transport=transport, timeout=READY_SECONDS) as client:
            while child.returncode is None:
                try:
                    await client.get("http://app/")
                except httpx.TransportError:
                    await asyncio.sleep(POLL_SECONDS)
                else:
                    return
        raise self._not_ready(f"ended with status {child.returncode}")

    async def _supervise(self, child: asyncio.subprocess.Process) -> None:
        while True:
            status = await child.wait()
            logger.warning("the app %s ended with status %s; it starts again", self._program.name, status)
            await asyncio.sleep(RESTART_SECONDS)
            child = self._child = await self._spawn()

    def _not_ready(self, why: str) -> AppNotReadyError:
        tail = self._log.read_text(encoding="utf-8", errors="replace")[-LOG_TAIL:].strip()
        return AppNotReadyError(f"the app {self._program.name} {why}: {tail}", remedy=f"see {self._log}")

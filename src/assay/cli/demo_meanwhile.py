"""The whole company's days, lived by a process of its own while somebody looks at a first, small demo."""

import asyncio
import contextlib
import os
import re
import signal
import sys
from collections.abc import Callable
from typing import Final

from assay.gateway import die_with_parent

NICE: Final = 10
STOP_SECONDS: Final = 5.0
_SHARE: Final = re.compile(r"\s*(\d+) %:")
_PROGRAM: Final = ("-c", "from assay.cli import main; main()", "demo", "prepare")


class Meanwhile:
    """`assay demo prepare` beside a demo that runs; what it has done when it is stopped is lost, and nothing else."""

    def __init__(self, base_domain: str, say: Callable[[str], None], ready: str) -> None:
        """`ready`: what is said when all of it is there."""
        self._base_domain = base_domain
        self._say = say
        self._ready = ready
        self._child: asyncio.subprocess.Process | None = None
        self._telling: asyncio.Task[None] | None = None
        self._share = 0

    @property
    def lived(self) -> int | None:
        """How many per cent of it are lived by now; None where it is not under way."""
        return self._share if self._child is not None and self._child.returncode is None else None

    async def start(self) -> None:
        """Return when it has begun."""
        self._child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-IS",
            die_with_parent.__file__,
            str(os.getpid()),
            sys.executable,
            *_PROGRAM,
            "--base-domain",
            self._base_domain,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C in the terminal is for the demo, which then stops this
        )
        # Whoever looks at the demo goes first.
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, self._child.pid, NICE)
        self._telling = asyncio.create_task(self._tell(self._child), name="the whole company")

    async def stop(self) -> None:
        """End it and return when it is gone."""
        if self._telling is not None:
            self._telling.cancel()
        child = self._child
        if child is None:
            return
        for number in (signal.SIGINT, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, number)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(child.wait(), STOP_SECONDS)
                break

    async def _tell(self, child: asyncio.subprocess.Process) -> None:
        """Pass on what it says, and say how it ended."""
        assert child.stdout is not None
        async for line in child.stdout:
            told = line.decode(errors="replace").rstrip()
            self._share = share_of(told) or self._share
            self._say(f"meanwhile: {told}")
        status = await child.wait()
        self._say(self._ready if status == 0 else "the whole company is not there; the next start tries again")


def share_of(line: str) -> int | None:
    """How many per cent a line of it tells of."""
    found = _SHARE.match(line)
    return None if found is None else int(found[1])

"""A process of its own for what a solver thinks about: begun with nothing of ours, held to its limits, ended.

INVARIANT: nothing of a proof runs in the process that decides. The solver takes a core and some hundred megabytes while
it thinks, and whoever is waiting for a decision must not wait for that.
"""

import asyncio
import logging
import os
import resource
import signal
import sys
from pathlib import Path
from typing import Final

from assay.values import Value

MEMORY_BYTES: Final = 4 << 30  # of addresses; Z3 maps more than it uses
GRACE_SECONDS: Final = 15  # until it has begun, and ends itself
logger = logging.getLogger("assay.access")


class Said(Value, frozen=True, kw_only=True):
    """What it wrote; `complete`: it came to its end, and was not cut off by a limit."""

    output: bytes
    complete: bool


async def ask(module: str, content: bytes, seconds: float) -> Said:
    """Run `module`, which calls `confine`, with this on its standard input; it ends with whoever waits for it.

    What it wrote until a limit of its own is told; past `seconds` and what it takes to begin nothing is.
    """
    child = await asyncio.create_subprocess_exec(
        # By itself: nothing of where the service was started, and nothing of its environment, in which a key may stand.
        *(sys.executable, "-I", "-m", module),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={},
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(seconds + GRACE_SECONDS):
            output, errors = await child.communicate(content)
    except TimeoutError:
        logger.warning("%s did not end itself within %.0f s", module, seconds)
        return Said(output=b"", complete=False)
    finally:
        if child.returncode is None:
            child.kill()
            # Read to its end as well: then nothing of it is left, also where the event loop ends next.
            await child.communicate()
    if child.returncode:
        words = errors.decode(errors="replace")[-500:]
        logger.warning("%s ended early (%d): %s", module, child.returncode, words)
    return Said(output=output, complete=not child.returncode)


def confine(seconds: int) -> None:
    """Called by such a process before it reads: from then on the kernel ends it where it takes too much."""
    os.nice(10)
    # Where the machine's memory is short, this is what goes, and not whoever decides.
    Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
    signal.alarm(seconds)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))

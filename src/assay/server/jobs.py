"""What the service does again and again beside answering."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable

logger = logging.getLogger("assay.server")


async def every(seconds: float, work: Callable[[], Awaitable[object]], *, failing: str) -> None:
    """Do the work every so often, for ever; a failure is logged with these words and the next time tries again."""
    while True:
        await asyncio.sleep(seconds)
        try:
            await work()
        except Exception:
            logger.exception(failing)


async def end(job: asyncio.Task[None]) -> None:
    """Cancel a job and return once it has let go of what it held."""
    job.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await job

"""Wait for what has no event here."""

import asyncio
import time
from collections.abc import Awaitable, Callable


async def until(holds: Callable[[], Awaitable[bool]], seconds: float = 60) -> float:
    """How long it took; raises TimeoutError."""
    began = time.monotonic()
    async with asyncio.timeout(seconds):
        while not await holds():  # noqa: ASYNC110 - what is waited for has no event here
            await asyncio.sleep(0.05)
    return time.monotonic() - began

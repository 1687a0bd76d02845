"""The gateway serves the apps that are stored: who changed them waits until it does."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from assay.store import Change, Topic

logger = logging.getLogger("assay.server")


class ServedApps:
    """Applies changes of apps to the gateway; `apply` makes it serve exactly what is stored when it is called."""

    def __init__(self, apply: Callable[[], Awaitable[None]]) -> None:
        self._apply = apply
        self._newest: asyncio.Task[None] | None = None
        self._running: set[asyncio.Task[None]] = set()

    def changed(self, changes: tuple[Change, ...]) -> None:
        """Take over what changed, if it is about apps; to be called on the event loop."""
        if any(change.topic is Topic.APP for change in changes):
            self._newest = task = asyncio.create_task(self._applied(), name="serve changed apps")
            self._running.add(task)
            task.add_done_callback(self._done)

    async def served(self) -> None:
        """Return when the gateway serves exactly the apps that are stored; raises what kept it from that.

        Whoever gives up waiting (a client that went away) stops nothing that others wait for.
        """
        if self._newest is not None:
            await asyncio.shield(self._newest)

    async def _applied(self) -> None:
        await self._apply()

    def _done(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None:
            logger.error("the gateway does not serve the apps that are stored", exc_info=error)

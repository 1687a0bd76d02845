"""After the database lost acknowledged commits: nobody knows whose end was among them, so everybody's comes.

A standby that takes over without the last second of its primary would let a revoked session live again.
"""

import asyncio
import logging
from typing import Final

from assay.access.attempt import By
from assay.access.end_sessions import end_sessions_of
from assay.access.premises import Premises
from assay.access.standing import Standing
from assay.events import Actor
from assay.sessions.session import EndReason
from assay.values import Reason

logger = logging.getLogger("assay.server.nodes")
RETRY_SECONDS: Final = 1.0
CODE: Final = "historyLost"


class LostHistory:
    """Ends every session, and lets nothing through on this node before that is done; each node does it."""

    def __init__(self, premises: Premises, standing: Standing) -> None:
        self._premises = premises
        self._standing = standing
        self._task: asyncio.Task[None] | None = None
        premises.store.feed.on_rewritten(self._begin)

    def _begin(self) -> None:
        self._standing.leave(Reason.of(CODE))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._end_everything(), name="end what may have been revoked")

    async def _end_everything(self) -> None:
        by = By(actor=Actor.system(), reason=Reason.of(CODE))
        while True:
            try:
                await self._premises.store.write(
                    lambda transaction: end_sessions_of(self._premises, transaction, None, EndReason.REVOKED, by)
                )
            except Exception:
                logger.exception("sessions could not be ended; nothing is granted until they are")
                await asyncio.sleep(RETRY_SECONDS)
            else:
                self._standing.enter(CODE)
                return

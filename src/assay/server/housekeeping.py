"""What nobody asks for and has to be done: last uses kept, expired sessions ended, what nobody can use forgotten."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from assay.access.expire_sessions import expire_sessions
from assay.access.live_sessions import LiveSessions
from assay.access.premises import Premises
from assay.access.programs import Programs
from assay.apps.credentials import KEEP_DEAD
from assay.apps.records import credentials
from assay.identities.records import challenges
from assay.sessions.records import device_codes, expired, sessions, tickets
from assay.store import Dialect, Transaction
from assay.store.records import changes, nodes
from assay.values import SessionId

SECONDS: Final = 15.0
# A revocation that comes meanwhile waits for one such round, not for all who went home yesterday.
AT_ONCE: Final = 100
# An ended session answers nothing; its start and its end are in the log for good.
KEEP_ENDED: Final = timedelta(days=1)


class Housekeeping:
    """Done every few seconds; each step is a short transaction of its own."""

    def __init__(self, premises: Premises, live: LiveSessions, programs: Programs) -> None:
        self._premises = premises
        self._live = live
        self._programs = programs
        # What other nodes have seen and not stored yet; none of them grants anything to a session that is over.
        shared = premises.store.database.dialect is Dialect.POSTGRESQL
        self._unstored = timedelta(seconds=2 * SECONDS if shared else 0)

    async def tick(self) -> None:
        """Do what is due now. Raises what the store raises; the next time makes up for it."""
        store, at = self._premises.store, self._premises.now()
        seen = self._live.take_seen()
        # First the last uses: without them a session in use would look expired.
        try:
            await store.write(partial(_keep_seen, seen=seen))
        except Exception:
            self._live.give_back_seen(seen)
            raise
        await self._keep_used()
        self._live.drop_ended(at)
        until = at - self._unstored
        while found := await store.read(partial(expired.find, at=until, limit=AT_ONCE)):
            expire = partial(expire_sessions, premises=self._premises, found=found, until=until, at=at)
            if not await store.write(expire):
                break
        await store.write(partial(_forget, at=at))

    async def _keep_used(self) -> None:
        used = self._programs.take_used()
        if not used:
            return
        try:
            await self._premises.store.write(partial(credentials.used, last=used))
        except Exception:
            self._programs.give_back_used(used)
            raise


def _keep_seen(transaction: Transaction, seen: Mapping[SessionId, datetime]) -> None:
    sessions.seen(transaction, seen)


def _forget(transaction: Transaction, at: datetime) -> None:
    changes.sweep(transaction, at - changes.KEPT)
    nodes.forget(transaction, at - nodes.FORGET_AFTER)
    tickets.sweep(transaction, at)
    device_codes.sweep(transaction, at)
    challenges.remove_expired(transaction, at)
    expired.forget_app_sessions(transaction)
    expired.forget_sessions(transaction, before=at - KEEP_ENDED)
    credentials.forget_dead(transaction, before=at - KEEP_DEAD)

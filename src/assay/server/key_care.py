"""What keys need beside the work: a changed key file read, what older keys sealed sealed anew, schedules kept."""

import asyncio
import contextlib
import logging
from functools import partial
from typing import Final

from assay.access.attempt import By
from assay.access.premises import Premises
from assay.access.rotate_keys import Keys
from assay.events import About, Actor, Entity, change
from assay.events.types import KEYS_RESEALED
from assay.sealing.sealed_column import SealedColumn, reseal_some
from assay.server.keys import ServiceKeys
from assay.server.settings import ServiceSettings
from assay.server.vault import SEALED, FileVault
from assay.store import Transaction
from assay.values import Reason, Value

logger = logging.getLogger("assay.server.keys")

SECONDS: Final = 15.0
# A sign-in that comes meanwhile waits for one such change, a few milliseconds.
AT_ONCE: Final = 50
BY: Final = By(actor=Actor.system(), reason=Reason.of("onSchedule"))


class Resealed(Value, frozen=True, kw_only=True):
    """What one round sealed anew."""

    master_key: str
    values: int


class KeyCare:
    """`run` ticks every few seconds, and at once after a rotation; each step is a short transaction of its own.

    Killed in the middle it goes on where it was: what is sealed with an older key says so itself.
    """

    def __init__(
        self, premises: Premises, keys: ServiceKeys, settings: ServiceSettings, *, origin: str, node: str
    ) -> None:
        self._premises = premises
        self._keys = keys
        self._rotate_every = settings.assertion_keys_for
        self._one = asyncio.Lock()
        self._wanted = asyncio.Event()
        self.vault = FileVault(premises.store, keys, settings)
        self.flow = Keys(premises, self.vault, origin=origin, node=node, outage=settings.outage.existing_sessions)

    async def run(self) -> None:
        """Tick for ever: now, every few seconds, and when `soon` asks for it."""
        while True:
            try:
                await self.tick()
            except Exception:
                logger.exception("what keys need could not be done")
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(SECONDS):
                    await self._wanted.wait()
            self._wanted.clear()

    def soon(self) -> None:
        """Tick now rather than at the next round; returns at once."""
        self._wanted.set()

    async def tick(self) -> None:
        """Do what is due; raises what the store raises, and the next time makes up for it."""
        async with self._one:
            if await asyncio.to_thread(self._keys.reload):
                logger.info("the key file was read again; master key %s seals", self._keys.keyring.newest.id)
            await self._reseal()
            await self.flow.rotate_when_due(BY, every=self._rotate_every)

    async def _reseal(self) -> None:
        count = 0
        for column in SEALED:
            while done := await self._premises.store.write(partial(self._some, column=column)):
                count += done
                logger.info("sealed anew: %d of %s, %d so far", done, column.name, count)
        async with self.flow.still:
            count += await asyncio.to_thread(self.vault.reseal_files)
        if count:
            await self._premises.store.write(partial(self._record, count=count))

    def _some(self, transaction: Transaction, column: SealedColumn) -> int:
        return reseal_some(transaction, column, self._keys.keyring, limit=AT_ONCE)

    def _record(self, transaction: Transaction, count: int) -> None:
        newest = self._keys.keyring.newest.id
        event = change(
            KEYS_RESEALED,
            at=self._premises.now(),
            actor=Actor.system(),
            about=About(entity=Entity(uid=newest, name="master", type="key")),
            before=None,
            after=Resealed(master_key=newest, values=count),
            reason=Reason.of("masterKeyRotated"),
        )
        self._premises.record(transaction, event)

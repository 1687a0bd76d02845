"""What decides and remembers, without a door to the outside and without a beat of its own.

A service is this with doors and with jobs; a past that is lived under a moved clock is this alone.
"""

import asyncio
import contextlib
import logging
import os
import secrets
import time
from collections.abc import Callable, Collection
from typing import Final

from assay.access.built_in_apps import built_in_apps
from assay.access.check import Check
from assay.access.first_owner import FirstOwner
from assay.access.live_sessions import LiveSessions
from assay.access.policy_sets import keep_the_set_in_force
from assay.access.premises import Addresses, Premises
from assay.access.proving import Proving
from assay.access.revoke_sessions import Cut, nothing_open
from assay.access.rollout_deadlines import RolloutDeadlines
from assay.access.signals import Signals
from assay.access.standing import Standing
from assay.apps import Upstream
from assay.clock import Clock, SystemClock
from assay.events import About, Actor, DecisionLog, EventType, occurrence
from assay.events.checkpoint import Checkpointer
from assay.events.types import SERVICE_STOPPED
from assay.gateway.reachability import is_ours
from assay.identities.hashing import PasswordHashing
from assay.server.data_directory import lock, lock_database
from assay.server.entry import compose_entry
from assay.server.housekeeping import Housekeeping
from assay.server.keys import open_keys
from assay.server.mail import compose_delivery
from assay.server.settings import ServiceSettings
from assay.store import Database, Dialect, Store
from assay.store.migrate import upgrade
from assay.values import SessionId

logger = logging.getLogger("assay.server")
Random = Callable[[int], bytes]
# A round of deliveries sends a few messages; nobody waits for more rounds than this at one beat.
DELIVERIES: Final = 1_000


class Core:
    """Made by `start`, ended by `stop`; whoever moves the clock calls `beat` where a service has its jobs."""

    def __init__(
        self,
        settings: ServiceSettings,
        *,
        clock: Clock | None = None,
        random: Random = secrets.token_bytes,
        durable: bool = True,
        hashing: PasswordHashing | None = None,
    ) -> None:
        """`durable` False: what is written may be lost with the machine, because it can be made again.

        `hashing` is closed with this; without one it makes its own.
        """
        self.settings = settings
        self.clock: Clock = clock or SystemClock()
        self.addresses = Addresses(base=settings.base_domain, port=settings.typed_port)
        self.standing = Standing(self.settings.outage, time.monotonic)
        self._random = random
        self._durable = durable
        self._hashing = hashing
        self._stack = contextlib.AsyncExitStack()
        self._said_started = False
        self._origin = f"assay/{self.addresses.id_host}"

    async def start(self) -> None:
        """Bring everything up, in the order in which it is needed; what was started stops again if a part fails."""
        try:
            await self._start()
        except BaseException:
            await self._stack.aclose()
            raise

    async def stop(self) -> None:
        """Stop in reverse order; nothing that was acknowledged is lost."""
        await self._stack.aclose()

    async def beat(self) -> None:
        """Once what a service's jobs do again and again; raises what the store raises."""
        await self.decision_log.flush()
        for _ in range(DELIVERIES):
            if not await self.delivery.tick():
                break
        await self.deadlines.tick()
        await self.housekeeping.tick()
        await self.entry.guessing.sweep()
        await self.checkpointer.tick()

    def is_ours(self, upstream: Upstream) -> bool:
        """Whether this service listens there itself; may resolve a name, so not on the event loop."""
        return is_ours(upstream, run_directory=self.settings.places.run, port=self.settings.port)

    async def settled(self, ended: Collection[SessionId]) -> Cut:
        """What was cut for sessions that just ended: without a gateway nothing is open."""
        return await nothing_open(ended)

    async def owner_link(self) -> str | None:
        """The one-time link that makes the owner, or None when there is somebody who can administer."""
        return await FirstOwner(self.premises).link()

    async def _start(self) -> None:
        self._stack.callback(lock(self.settings.places))
        await self._open_store()
        await self._open_keys()
        # A decision names its policy set by hash; without the set itself it could not be explained.
        await keep_the_set_in_force(self.store)
        self.deadlines = RolloutDeadlines(self.premises)
        await self._go_back_at_once()
        self.signals = Signals(self.standing, built_in=built_in_apps(self.settings.places.console_socket))
        await self.signals.start(self.store)
        self._compose_log()
        self._compose_access()
        self.delivery = compose_delivery(self.premises, self.settings.mail, self.settings.places.data)
        self._stack.callback(self.delivery.close)

    async def _go_back_at_once(self) -> None:
        """What nobody confirmed while no service ran is out of force before anything is decided by it.

        With one database for several nodes the clock of this one is not held against theirs yet: its jobs look then.
        """
        if self.store.database.dialect is Dialect.SQLITE:
            try:
                await self.deadlines.tick()
            except Exception:
                logger.exception("unconfirmed steps of rollouts could not go back at the start; it is tried again")

    async def _open_store(self) -> None:
        database = Database(
            self.settings.database or f"sqlite:///{self.settings.places.database}", durable=self._durable
        )
        self._stack.callback(lock_database(database))
        # Here as well for a start that fails before there is a store; a store closes it too.
        self._stack.callback(database.close)
        await asyncio.to_thread(upgrade, database)
        self.store = Store(database)
        self._stack.push_async_callback(self.store.close)
        await self.store.listen(self.clock)
        await self._keep_reserve()

    async def _keep_reserve(self) -> None:
        await asyncio.to_thread(self.store.reserve.keep)

    async def _open_keys(self) -> None:
        self.keys = await open_keys(self.store, self.settings, self.clock, origin=self._origin)
        self.premises = Premises(
            store=self.store,
            clock=self.clock,
            random=self._random,
            addresses=self.addresses,
            keyring=lambda: self.keys.keyring,
            derivation=lambda: self.keys.derivation,
            proving=None if self.settings.invariants is None else Proving(self.settings.invariants),
        )
        self._stack.push_async_callback(self.premises.publications.close)

    def _compose_log(self) -> None:
        self.decision_log = DecisionLog(self.store, clock=self.clock, random=self.premises.random)
        self.checkpointer = Checkpointer(
            self.store,
            origin=self._origin,
            key=lambda: self.keys.checkpoint().ed25519(),
            clock=self.clock,
            outside=self.settings.places.checkpoints,
        )
        # Now, so that it comes after everything that still decides and writes while it stops.
        self._stack.push_async_callback(self._close_log)

    def _compose_access(self) -> None:
        self.hashing = self._hashing or PasswordHashing(os.cpu_count() or 1)
        self._stack.callback(self.hashing.close)
        self.entry = compose_entry(
            self.premises, self.signals, self.hashing, self.settings, jwks=self.keys.jwks, settled=self.settled
        )
        self.sessions = LiveSessions(self.store)
        self.check = Check(
            self.premises,
            signals=self.signals,
            sessions=self.sessions,
            assertion_key=self.keys.assertion,
            log=self.decision_log,
        )
        self.housekeeping = Housekeeping(self.premises, self.sessions, self.check.programs)

    async def _record(self, kind: EventType) -> None:
        event = occurrence(kind, at=self.clock.now(), actor=Actor.system(), about=About())
        await self.store.write(lambda transaction: self.premises.record(transaction, event))

    async def _close_log(self) -> None:
        """The last decisions, the last event and a signed checkpoint over all of it."""
        await self.decision_log.flush()
        if self._said_started:
            await self._record(SERVICE_STOPPED)
        await self.checkpointer.tick(now=True)

"""This process as one of the nodes on its database: that it is there, that its clock is right, how it stands."""

import logging
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from assay import __version__
from assay.access.standing import Standing
from assay.clock import Clock, SystemClock
from assay.store import Store, StoreUnavailableError
from assay.store.migrate import revisions
from assay.store.records import nodes
from assay.values import Reason

logger = logging.getLogger("assay.server.nodes")

WATCH_SECONDS: Final = 1.0
BEAT_SECONDS: Final = 5.0
# Beyond it a code of an authenticator app, a ticket or an assertion of this node is not worth what it says.
SKEW: Final = timedelta(seconds=30)
BELIEVED_SECONDS: Final = 60.0


class ClockSteps:
    """Tells a clock that was set from time that has passed.

    A step back would let everything live longer: it counts until the clock is where it should be, or a restart. A step
    forward ends things sooner, and is believed once the clock has stayed there for a minute.
    """

    def __init__(self, clock: Clock, passed: Callable[[], float]) -> None:
        """`passed`: seconds that go on while the machine sleeps, and that nobody can set."""
        self._clock = clock
        self._passed = passed
        self._began, self._from = clock.now(), passed()
        self._forward_since: float | None = None

    def step(self) -> timedelta:
        """How far the clock is from where it should be."""
        passed = self._passed()
        step = self._clock.now() - self._began - timedelta(seconds=passed - self._from)
        if step <= SKEW:
            self._forward_since = None
            return step
        if self._forward_since is None:
            self._forward_since = passed
        if passed - self._forward_since < BELIEVED_SECONDS:
            return step
        self._began, self._from, self._forward_since = self._clock.now(), passed, None
        return timedelta(0)


def since_boot() -> float:
    """Seconds, those of sleep included."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class Membership:
    """`watch` is called every second."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        standing: Standing,
        *,
        name: str,
        random: Callable[[int], bytes],
        seals_with: Callable[[], str],
    ) -> None:
        """`seals_with`: the id of the master key that this node seals with now."""
        self.name = name
        self._store = store
        self._clock = clock
        self._standing = standing
        self._seals_with = seals_with
        self._schema = revisions()[-1]
        self._instance = random(16).hex()
        self._started_at = clock.now()
        self._beat_at = 0.0
        # A simulated company's days pass as fast as they can.
        self._watches_clock = isinstance(clock, SystemClock)
        self._steps = ClockSteps(clock, since_boot)
        store.contact.on_change(self._contact_changed)

    async def join(self) -> None:
        """Be the node of this name from now on."""
        node = self._node()
        await self._store.write(lambda transaction: nodes.join(transaction, node))

    async def leave(self) -> None:
        """Be no node any more; a database that is gone will notice by itself."""
        try:
            await self._store.write(lambda transaction: nodes.leave(transaction, self.name, self._instance))
        except StoreUnavailableError:
            logger.warning("the database could not be told that this node stops")

    async def watch(self) -> None:
        """Look at the clock, and say from time to time that this node is there. Raises what the store raises."""
        if self._watches_clock:
            self._judge_clock()
        if time.monotonic() - self._beat_at >= BEAT_SECONDS:
            self._beat_at = time.monotonic()
            node = self._node()
            if await self._store.write(lambda transaction: nodes.beat(transaction, node)):
                return
            if not self._standing.has("nodeReplaced"):
                logger.critical("another process has taken the name %r over; this one grants nothing more", self.name)
            self._standing.leave(Reason.of("nodeReplaced", name=self.name))

    def _node(self) -> nodes.Node:
        out = self._standing.out
        skew = self._store.contact.skew or timedelta(0)
        return nodes.Node(
            name=self.name,
            instance=self._instance,
            version=__version__,
            started_at=self._started_at,
            beat_at=self._clock.now(),
            sequence=self._store.following.sequence,
            skew_milliseconds=skew // timedelta(milliseconds=1),
            in_rotation=out is None,
            says="" if out is None else out.code,
            seals_with=self._seals_with(),
            schema=self._schema,
        )

    def _judge_clock(self) -> None:
        skew = self._store.contact.skew
        if skew is None:
            # Nobody to ask: what the clock did is held against how much time has passed.
            skew = self._steps.step()
        if abs(skew) <= SKEW:
            if self._standing.has("nodeClock"):
                logger.warning("the clock is right again; this node grants again")
            self._standing.enter("nodeClock")
            return
        if not self._standing.has("nodeClock"):
            logger.critical("the clock is %+.0f s from what it should be; nothing is granted", skew.total_seconds())
        self._standing.leave(Reason.of("nodeClock", seconds=str(round(skew.total_seconds()))))

    def _contact_changed(self) -> None:
        contact = self._store.contact
        if contact.other_release:
            # Old trust does not go on here as in an outage: the others, and what they revoke, are not heard any more.
            self._standing.leave(Reason.of("otherRelease"))
        elif not contact.lost:
            self._standing.enter("otherRelease")
        if contact.lost:
            age = timedelta(seconds=time.monotonic() - contact.good_at)
            self._standing.lost(contact.good_at, self._clock.now() - age)
        else:
            self._standing.found()

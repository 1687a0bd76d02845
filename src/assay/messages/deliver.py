"""Empties the outbox: takes what is due, hands it on in threads, and keeps what came of it.

A message is delivered at least once: one that was handed on when the process died before it could note that is handed
on again, under the same Message-ID. A lease keeps two nodes from sending the same one at once.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from typing import Final, Protocol

from assay.clock import Clock
from assay.events import About, Actor, Event, EventType, occurrence
from assay.events.types import MESSAGE_GIVEN_UP, MESSAGE_SENT
from assay.messages.carrier import Carrier
from assay.messages.message import Message
from assay.messages.outcome import Attempt, Fate
from assay.messages.records import outbox
from assay.messages.render import Letterhead, render
from assay.messages.retry import KEEP_GIVEN_UP, is_over, next_attempt
from assay.store import Change, Reader, Store, StoreClosedError, Topic, Transaction
from assay.values import Reason, new_id

AT_ONCE: Final = 4
POLL_SECONDS: Final = 5.0
GRACE_SECONDS: Final = 2.0
# Beyond the carrier's own deadline: looking up a name, and waiting for the writer.
LEASE_MARGIN: Final = timedelta(seconds=30)
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
logger = logging.getLogger("assay.messages")


class Recorder(Protocol):
    """Appends an event in a transaction."""

    def __call__(self, transaction: Transaction, event: Event) -> object: ...


class Delivery:
    """The one who sends, on this node; `carrier` None: there is no way out, and nothing is kept for one."""

    def __init__(
        self,
        store: Store,
        *,
        clock: Clock,
        random: Callable[[int], bytes],
        record: Recorder,
        head: Letterhead,
        carrier: Carrier | None,
        alone: bool,
    ) -> None:
        """`alone`: no other process can have a message in hand, as on SQLite."""
        self._store = store
        self._alone = alone
        self._clock = clock
        self._random = random
        self._record = record
        self._head = head
        self._carrier = carrier
        self._lease = new_id(random(16))
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="assay-mail")
        self._due = asyncio.Event()
        self._pause = 0.0
        self.last_error = ""
        store.feed.follow(_new_messages, self._wake)

    async def run(self) -> None:
        """Deliver for ever; whatever fails is logged, and tried again."""
        while True:
            try:
                await self._take_over()
                busy = await self.tick()
            except StoreClosedError:
                return
            except Exception:
                logger.exception("messages could not be looked after")
                busy = False
            if busy:
                continue
            self._due.clear()
            wait = self._pause or POLL_SECONDS
            if self._pause:
                await asyncio.sleep(wait)
            else:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._due.wait(), wait)

    async def _take_over(self) -> None:
        """What a process before this one had in hand when it was killed waits for nobody: it can be sent at once."""
        if self._alone:
            if await self._store.read(outbox.is_in_hand):
                await self._store.write(outbox.let_go)
            self._alone = False

    async def tick(self) -> bool:
        """Send some of what is due now; True when there may be more at once."""
        at = self._clock.now()
        await self._give_up_overdue(at)
        if not await self._store.read(partial(outbox.is_due, at=at)):
            return False
        if self._carrier is None:
            await self._store.write(outbox.drop_waiting)
            return False
        until = at + timedelta(seconds=self._carrier.deadline) + LEASE_MARGIN
        taken = await self._store.write(partial(outbox.take, lease=self._lease, at=at, until=until, limit=AT_ONCE))
        batch = asyncio.create_task(self._send(taken))
        try:
            await asyncio.shield(batch)
        except asyncio.CancelledError:
            await self._finish(batch)
            raise
        return bool(taken) and not self._pause

    async def _send(self, taken: Sequence[Message]) -> None:
        await self._settle(taken, await asyncio.gather(*(self._attempt(message) for message in taken)))

    async def _finish(self, batch: asyncio.Task[None]) -> None:
        """A service that stops waits a moment for what is being sent, and then keeps what came of it."""
        await asyncio.wait({batch}, timeout=GRACE_SECONDS)
        if self._carrier is not None:
            self._carrier.close()
        await asyncio.wait({batch})

    @property
    def configured(self) -> bool:
        """Whether there is a way out."""
        return self._carrier is not None

    async def send_now(self, message: Message) -> Attempt:
        """One attempt for a message that is not in the outbox."""
        if self._carrier is None:
            return Attempt(fate=Fate.UNREACHABLE, error="no way to send messages is configured")
        return await self._attempt(message)

    def close(self) -> None:
        """Take no more; to be called after `run` was cancelled."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _attempt(self, message: Message) -> Attempt:
        mail = render(message, self._head)
        if mail is None or self._carrier is None:
            return Attempt(fate=Fate.REFUSED, error="the address is no plain mailbox")
        carry = partial(self._carrier.carry, mail, message_id=message.id, recipient=message.recipient)
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, carry)
        except Exception as error:
            # A fault of ours must not stop the outbox behind one message.
            logger.exception("a message could not be handed on")
            return Attempt(fate=Fate.LATER, error=f"failed: {type(error).__name__}")

    async def _settle(self, taken: Sequence[Message], attempts: Sequence[Attempt]) -> None:
        at = self._clock.now()
        for message, attempt in zip(taken, attempts, strict=True):
            await self._store.write(partial(self._keep, message=message, attempt=attempt, at=at))
        unreachable = [attempt for attempt in attempts if attempt.fate is Fate.UNREACHABLE]
        if unreachable:
            self._pause = min(self._pause * 2 or FIRST_PAUSE, LONGEST_PAUSE)
            if self.last_error != unreachable[0].error:
                logger.warning("messages cannot be sent at the moment: %s", unreachable[0].error)
            self.last_error = unreachable[0].error
        elif attempts:
            self._pause, self.last_error = 0.0, ""

    def _keep(self, transaction: Transaction, *, message: Message, attempt: Attempt, at: datetime) -> None:
        if attempt.fate is Fate.SENT:
            if outbox.sent(transaction, message.id, lease=self._lease):
                self._note(transaction, MESSAGE_SENT, message, at, error="")
            return
        over = attempt.fate is Fate.REFUSED or is_over(message.created_at, at)
        kept = outbox.failed(
            transaction,
            message.id,
            lease=self._lease,
            error=attempt.error,
            due_at=next_attempt(at, attempts=message.attempts + 1, jitter=self._random(1)[0] / 256),
            given_up_at=at if over else None,
        )
        if kept and over:
            self._note(transaction, MESSAGE_GIVEN_UP, message, at, error=attempt.error)

    async def _give_up_overdue(self, at: datetime) -> None:
        """What nobody could send in days is no news any more, and waits for an administrator to look at it."""
        overdue = await self._store.read(lambda reader: outbox.overdue(reader, at=at, limit=AT_ONCE))
        for message in overdue:
            if is_over(message.created_at, at):
                await self._store.write(partial(self._give_up, message=message, at=at))
        if await self._store.read(partial(outbox.has_given_up, before=at - KEEP_GIVEN_UP)):
            await self._store.write(partial(outbox.forget_given_up, before=at - KEEP_GIVEN_UP))

    def _give_up(self, transaction: Transaction, *, message: Message, at: datetime) -> None:
        if outbox.give_up(transaction, message.id, at=at):
            self._note(transaction, MESSAGE_GIVEN_UP, message, at, error=message.error)

    def _note(self, transaction: Transaction, kind: EventType, message: Message, at: datetime, *, error: str) -> None:
        about = About(user_id=message.user_id, user_name=message.name)
        reason = Reason.of(message.notice.value, message=message.id, **({"error": error} if error else {}))
        self._record(transaction, occurrence(kind, at=at, actor=Actor.system(), about=about, reason=reason))

    def _wake(self, new: bool) -> None:
        if new:
            self._due.set()


def _new_messages(reader: Reader, changes: Sequence[Change]) -> bool:
    del reader
    return any(change.topic is Topic.MESSAGE for change in changes)

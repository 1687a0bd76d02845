"""Whether the database answers; while it does not, nobody but the one who tries again waits for it."""

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from assay.store.errors import StoreUnavailableError
from assay.store.releases import OtherReleaseError

T = TypeVar("T")
logger = logging.getLogger("assay.store")


class Contact:
    """Said by the threads that speak with the database, heard on the event loop.

    `good_at`: the monotonic instant at which what is known was last known to be what is stored.
    """

    def __init__(self) -> None:
        self.good_at = time.monotonic()
        self.reason: Exception | None = None
        # This machine's clock ahead of the database's; None where it was never compared.
        self.skew: timedelta | None = None
        self.reconnects = 0
        # Counts the times between two losses. Whoever began in an earlier one knows nothing of the present one.
        self.era = 0
        self._gate = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._broken: asyncio.Future[None] | None = None
        self._listeners: list[Callable[[], None]] = []
        self._on_break: Callable[[], None] = lambda: None

    @property
    def other_release(self) -> bool:
        """Whether the database is there, and is another release's."""
        return isinstance(self.reason, OtherReleaseError)

    @property
    def lost(self) -> bool:
        return self.reason is not None

    def begin(self, loop: asyncio.AbstractEventLoop, on_break: Callable[[], None]) -> None:
        """From now on a loss is kept, until `back` ends it; `on_break` is called in the thread that found it."""
        self._loop = loop
        self._broken = loop.create_future()
        self._on_break = on_break

    def on_change(self, listen: Callable[[], None]) -> None:
        """Call `listen` on the event loop after contact was lost or was made again."""
        self._listeners.append(listen)

    def broke(self, error: Exception, *, era: int | None = None) -> None:
        """The database does not answer; `era`: that in which whoever found it began to ask, None for the present one.

        A connection that was begun while the network was cut fails two seconds later, when it may be whole again.
        """
        loop = self._loop
        if loop is None:
            return
        with self._gate:
            if era is not None and era != self.era:
                return
            if self.reason is not None and (self.other_release or not isinstance(error, OtherReleaseError)):
                return
            self.reason = error
        logger.error("the database does not answer; nothing new is granted until it does", exc_info=error)
        self._on_break()
        self._tell(loop, self._let_go)

    def back(self, apply: Callable[[], None]) -> None:
        """It answers, and everything was read: `apply` takes it over before anybody is served on it."""
        loop = self._loop
        if loop is None:
            return

        def taken_over() -> None:
            apply()
            with self._gate:
                was, self.reason = self.reason, None
                self.era += was is not None
            if was is not None:
                self.reconnects += 1
                self._broken = loop.create_future()
                logger.warning("the database answers again, and what changed meanwhile was taken over")
                self._heard()

        self._tell(loop, taken_over)

    def refuse(self) -> None:
        """Raise StoreUnavailableError while contact is lost."""
        if self.reason is not None:
            raise unavailable(self.reason)

    async def answered(self, answer: asyncio.Future[T]) -> bool:
        """Wait for this answer, or until contact is lost; whether the answer came."""
        broken = self._broken
        if broken is None:
            await _come(answer)
            return True
        await asyncio.wait((answer, broken), return_when=asyncio.FIRST_COMPLETED)
        return answer.done()

    def _let_go(self) -> None:
        if self._broken is not None and not self._broken.done() and self.reason is not None:
            self._broken.set_result(None)
        self._heard()

    def _heard(self) -> None:
        for listen in self._listeners:
            try:
                listen()
            except Exception:
                logger.exception("a change of contact with the database could not be taken over")

    @staticmethod
    def _tell(loop: asyncio.AbstractEventLoop, act: Callable[[], None]) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(act)


async def _come(answer: asyncio.Future[T]) -> None:
    """Wait for it and leave it alone, as `asyncio.wait` does for more than one; it goes on where who waits is ended."""
    if answer.done():
        return
    here = answer.get_loop().create_future()

    def came(_: asyncio.Future[T]) -> None:
        if not here.done():
            here.set_result(None)

    answer.add_done_callback(came)
    try:
        await here
    finally:
        answer.remove_done_callback(came)


def unavailable(error: Exception) -> StoreUnavailableError:
    """What a caller is told while contact is lost."""
    if isinstance(error, OtherReleaseError):
        return error
    return StoreUnavailableError(f"the database does not answer: {error}", remedy="try again shortly")

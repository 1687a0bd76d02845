"""What was proved of each publication: at once what the change itself found out, and the rest by a solver, afterwards.

INVARIANT: no change waits for the solver. It is asked once the change is made, one publication at a time, for a bounded
time; what it has not answered by then is not known, and what a node that stops was still asking about stays so.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime, timedelta
from typing import Final

import msgspec
from msgspec.structs import replace

from assay.access.draft_proofs import LINE, Asked, Proof
from assay.access.solver_process import ask
from assay.events.records import audits
from assay.events.records.search import content
from assay.events.types import POLICY_PROVED
from assay.policy.effect import Effect
from assay.store import Reader, StoreUnavailableError
from assay.values import Stored

SECONDS: Final = 30
WAITING: Final = 16  # publications at once, of which each holds two sets
TIGHTENING: Final = "tightening"
STATEMENT: Final = "whoever is let in now was let in before"
# Until when what was proved of a publication is in the log.
LATEST: Final = timedelta(minutes=15)
_PROVER: Final = "assay.access.prove_in_process"
logger = logging.getLogger("assay.access")


class Published(Stored, frozen=True, kw_only=True):
    """One publication: what became of who is let in, and what was proved of it.

    `versions`: of the policies that it made a version of, by id, the number of that. `replaced` and `policy_set_hash`:
    the sets before and after.
    """

    at: datetime
    effect: Effect
    replaced: str
    policy_set_hash: str
    versions: dict[str, int]
    proofs: tuple[Proof, ...]


_DECODER: Final = msgspec.json.Decoder(Published)
Keep = Callable[[Published], Awaitable[None]]


def published_at(reader: Reader, instants: Iterable[datetime]) -> tuple[Published, ...]:
    """What is known of the publications that were made about these instants."""
    events = map(content, audits.around(reader, instants, (POLICY_PROVED.code,), later=LATEST))
    return tuple(_DECODER.decode(event.unmapped.after) for event in events if event is not None)


class Receipt:
    """For whoever makes a change: what is proved of it, as soon as that is known."""

    def __init__(self) -> None:
        self._published: Published | None = None
        self._proving: asyncio.Task[Published] | None = None

    def tell(self, published: Published, proving: "asyncio.Task[Published] | None" = None) -> None:
        """What is known once the change is made; `proving`: what is still asked about it."""
        self._published, self._proving = published, proving

    async def within(self, seconds: float) -> Published | None:
        """What is known after so many seconds at the latest; None: nothing that decides was published."""
        if self._proving is not None:
            await asyncio.wait([self._proving], timeout=seconds)
            # Where it failed, the change is made all the same, and whoever made it is told so.
            if self._proving.done() and not self._proving.cancelled() and self._proving.exception() is None:
                return self._proving.result()
        return self._published


class Publications:
    """The publications of one node that are being proved."""

    def __init__(self) -> None:
        self._one = asyncio.Lock()
        self._running: set[asyncio.Task[Published]] = set()

    def begin(self, published: Published, asked: Asked, keep: Keep, receipt: Receipt | None) -> None:
        """Ask about a publication that has just been made, and keep what is answered; on the event loop."""
        proving = asyncio.get_running_loop().create_task(self._told(published, asked, keep))
        self._running.add(proving)
        proving.add_done_callback(self._ended)
        if receipt is not None:
            receipt.tell(published, proving)

    async def close(self) -> None:
        """End what is still asked."""
        running = tuple(self._running)
        for each in running:
            each.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    def _ended(self, proving: asyncio.Task[Published]) -> None:
        self._running.discard(proving)
        error = None if proving.cancelled() else proving.exception()
        if error is not None:
            logger.error("what was proved of a publication could not be told", exc_info=error)

    async def _told(self, published: Published, asked: Asked, keep: Keep) -> Published:
        answer = await self._answer(asked)
        told = replace(published, effect=_effect(answer), proofs=(*published.proofs, answer))
        try:
            await keep(told)
        except StoreUnavailableError as error:
            logger.warning("what was proved of a publication could not be kept: %s", error)
        return told

    async def _answer(self, asked: Asked) -> Proof:
        if len(self._running) > WAITING:
            return _not_known("too many publications are being proved")
        async with self._one:
            try:
                said = await ask(_PROVER, msgspec.json.encode(asked), SECONDS)
            except OSError as error:
                return _not_known(f"the solver could not be asked: {error}")
        line, ended, _ = said.output.partition(b"\n")
        if not ended:
            return _not_known(f"the solver did not answer within {SECONDS} seconds, or had not enough memory")
        return replace(LINE.decode(line), statement=STATEMENT)


def _effect(answer: Proof) -> Effect:
    return {"proved": Effect.TIGHTENS, "refuted": Effect.LOOSENS}.get(answer.result, Effect.NOT_KNOWN)


def _not_known(why: str) -> Proof:
    return Proof(question=TIGHTENING, statement=STATEMENT, result="notKnown", why=(why,))

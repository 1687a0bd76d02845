"""One-time links are looked up one at a time, and of one source only so many that were never made.

In memory, because whoever sends garbage must not cost a write: what a restart forgets is a few reads more.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from typing import Final, TypeVar

from msgspec.structs import replace

from assay.access.premises import Premises
from assay.access.visitor import Visitor
from assay.identities.guessing import Counter, GuessingLimits, blocked, counted, source_key
from assay.identities.methods.enrolment import EnrolmentPass, pass_digest
from assay.identities.records import enrolments
from assay.store import Reader
from assay.values import Value

T = TypeVar("T")
SOURCES_KEPT: Final = 10_000


class TooManyLinks(Value, frozen=True, kw_only=True):
    """Nothing was looked up; `retry_after` in seconds."""

    retry_after: int


class LinkLookups:
    """Finds the pass behind a link's code."""

    def __init__(self, premises: Premises, limits: GuessingLimits) -> None:
        self._premises = premises
        self._schedule = limits.source_links
        self._vain: OrderedDict[bytes, Counter] = OrderedDict()
        # Of the store's few readers one at most is busy with strangers' links.
        self._turn = asyncio.Lock()

    async def find(
        self, visitor: Visitor, code: str, look: Callable[[Reader, EnrolmentPass], T]
    ) -> T | TooManyLinks | None:
        """What `look` makes of the pass with this code, whatever its state; None for a code that was never issued."""
        digest = pass_digest(code)
        if digest is None:
            return None
        at, source = self._premises.now(), source_key(visitor.address)
        before = self._vain.get(source)
        refused = blocked(before, self._schedule, at) if before is not None else None
        if refused is not None:
            return TooManyLinks(retry_after=1)
        # Counted before it is looked at, so that many at once are not free.
        self._count(source, counted(source, before, self._schedule, at))

        def find(reader: Reader) -> tuple[T] | None:
            found = enrolments.by_digest(reader, digest)
            return None if found is None else (look(reader, found),)

        async with self._turn:
            made = await self._premises.store.read(find)
        if made is None:
            return None
        # No guess: a company whose people all register on one day shares an address.
        held = self._vain.get(source)
        if held is not None:
            self._count(source, replace(held, failures=max(held.failures - 1, 0)))
        return made[0]

    def _count(self, source: bytes, counter: Counter) -> None:
        self._vain[source] = counter
        self._vain.move_to_end(source)
        if len(self._vain) > SOURCES_KEPT:
            self._vain.popitem(last=False)

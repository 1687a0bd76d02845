"""The log, as administrators follow, search, verify and export it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from functools import partial
from typing import BinaryIO, Final

from msgspec.structs import replace

from assay.access import named
from assay.access.premises import Premises
from assay.events import EventQuery, Page, Verification, Verifier, export, parse_verifier, search, tail, verify_log
from assay.events.records.log import Leaf, read_tree
from assay.store import Reader
from assay.values import InvalidInputError

FOLLOW_SECONDS: Final = 0.2
PAGE: Final = 1_000
CHECKPOINTS_LIMIT: Final = 16 * 1024 * 1024


class Log:
    """The flow behind `assay events`; `verifiers`: the service's own checkpoint keys, retired ones included."""

    def __init__(self, premises: Premises, *, verifiers: Callable[[], Sequence[Verifier]]) -> None:
        self._premises = premises
        self._verifiers = verifiers
        self._verifying = 0

    async def last(self, count: int) -> tuple[Leaf, ...]:
        """The newest events, in order."""

        def look(reader: Reader) -> tuple[Leaf, ...]:
            return tail(reader, after=read_tree(reader).size - 1 - max(count, 0), limit=max(count, 1))

        return await self._premises.store.read(look) if count > 0 else ()

    async def follow(self, count: int) -> AsyncIterator[tuple[Leaf, ...]]:
        """The newest events, then every event as it comes, for ever; an empty tuple while nothing happens."""
        known = await self.last(count)
        after = known[-1].leaf_index if known else await self._premises.store.read(read_size) - 1
        yield known
        while True:
            fresh = await self._premises.store.read(partial(tail, after=after, limit=PAGE))
            if not fresh:
                await asyncio.sleep(FOLLOW_SECONDS)
            else:
                after = fresh[-1].leaf_index
            yield fresh

    async def search(self, query: EventQuery, *, user: str | None = None, app: str | None = None) -> Page:
        """Events that match, newest first; `user` and `app` by name. Raises InvalidInputError or NotFoundError."""

        def look(reader: Reader) -> Page:
            user_id = query.user_id if user is None else named.person(reader, user).id
            app_id = query.app_id if app is None else named.app(reader, app).id
            return search(reader, replace(query, user_id=user_id, app_id=app_id))

        return await self._premises.store.read(look)

    async def verify(self, *, checkpoints: str = "", keys: Sequence[str] = ()) -> Verification:
        """Verify the whole log; `checkpoints` and `keys` as kept outside this service, "" and none: only inside.

        Keys that are given are the only ones believed: whoever rewrote the database may have replaced ours.
        Raises InvalidInputError.
        """
        if len(checkpoints) > CHECKPOINTS_LIMIT:
            raise InvalidInputError(
                "this is more than a file of checkpoints holds", remedy="give the newest part of it"
            )
        verifiers = tuple(map(parse_verifier, keys)) or tuple(self._verifiers())
        self._verifying += 1
        try:
            return await self._premises.store.read_long(
                lambda reader: verify_log(reader, verifiers=verifiers, outside=checkpoints)
            )
        finally:
            self._verifying -= 1

    @property
    def verifying(self) -> bool:
        """Whether the log is read at this moment, or is to be as soon as what reads before it has ended."""
        return self._verifying > 0

    async def export(self, into: BinaryIO) -> int:
        """Write every event as a line of OCSF JSON; how many."""
        return await self._premises.store.read_long(lambda reader: export(reader, into.write))


def read_size(reader: Reader) -> int:
    """How many events the log has."""
    return read_tree(reader).size

"""The checkpointer: signs the tree every thousand events or ten seconds, and tells a file outside the database."""

import asyncio
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assay.clock import Clock
from assay.events.note import sign_checkpoint
from assay.events.records.checkpoints import keep_checkpoint, largest_checkpoint, thin_checkpoints
from assay.events.records.log import read_tree, stream_leaf_hashes
from assay.events.tree import Frontier, append, root
from assay.store import Reader, Store, Transaction
from assay.values import AssayError

EVENTS_BETWEEN: Final = 1_000
SECONDS_BETWEEN: Final = 10.0
ALL_KEPT_FOR: Final = timedelta(days=1)
SECONDS_BETWEEN_THINNING: Final = 3_600.0


class LogRewrittenError(AssayError):
    """The log is not a continuation of what was signed before; nothing is signed until a person has looked."""


class Checkpointer:
    """`tick` is called every second or so by the server's jobs."""

    def __init__(
        self,
        store: Store,
        *,
        origin: str,
        key: Callable[[], Ed25519PrivateKey],
        clock: Clock,
        outside: Path | None = None,
    ) -> None:
        """`outside`: a file that whoever writes to the database should not be able to write to."""
        self._store = store
        self._origin = origin
        self._key = key
        self._clock = clock
        self._outside = outside
        self._seen: Frontier | None = None
        self._signed_size = 0
        self._signed_at = clock.monotonic()
        self._thin_at = clock.monotonic()

    async def tick(self, *, now: bool = False) -> str | None:
        """Sign when it is time, or `now` (at shutdown); returns the note that was signed.

        Raises LogRewrittenError where leaves that this process has seen are gone or changed, and OSError where the
        outside file cannot be written.
        """
        tree = await self._store.read(self._look)
        self._seen = tree
        grown = tree.size - self._signed_size
        waited = self._clock.monotonic() - self._signed_at
        if grown == 0 or not (now or grown >= EVENTS_BETWEEN or waited >= SECONDS_BETWEEN):
            return None
        note = sign_checkpoint(self._origin, tree.size, root(tree), self._key())
        at = self._clock.now()
        thin = self._clock.monotonic() >= self._thin_at

        def keep(transaction: Transaction) -> None:
            keep_checkpoint(transaction, tree.size, note, at)
            if thin:
                thin_checkpoints(transaction, at - ALL_KEPT_FOR)

        await self._store.write(keep)
        if thin:
            self._thin_at = self._clock.monotonic() + SECONDS_BETWEEN_THINNING
        if self._outside is not None:
            await asyncio.to_thread(append_note, self._outside, note)
        self._signed_size = tree.size
        self._signed_at = self._clock.monotonic()
        return note

    def _look(self, reader: Reader) -> Frontier:
        """The tree, grown from the one seen before by the leaves themselves; never by what the tree's row says."""
        tree = read_tree(reader)
        if self._seen is None:
            self._signed_size = largest_checkpoint(reader)
            if tree.size < self._signed_size:
                raise _rewritten(f"it has {tree.size} records, but {self._signed_size} were signed")
            return tree
        grown = self._seen
        for leaf_hash in stream_leaf_hashes(reader, first=grown.size, end=tree.size):
            grown = append(grown, leaf_hash)
        if grown != tree:
            raise _rewritten(f"records after number {self._seen.size} do not lead to the tree that is stored")
        return tree


def append_note(path: Path, note: str) -> None:
    """Append a note and a blank line to the outside file, and wait for the disk."""
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        # First a line end, which closes the half line that a power cut may have left.
        os.write(descriptor, f"\n{note}".encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _rewritten(why: str) -> LogRewrittenError:
    return LogRewrittenError(
        f"the log was rewritten: {why}",
        remedy="run: assay events verify --checkpoints FILE, with the file kept outside, and keep a copy of everything",
    )

"""A backup of the running service: one snapshot of everything, sealed as it is read."""

import asyncio
import queue
import threading
from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Final

from assay import __version__
from assay.access.attempt import By
from assay.access.note_backup import begin_backup
from assay.access.premises import Premises
from assay.access.rotate_keys import Keys
from assay.events.records.log import read_tree
from assay.events.tree import root
from assay.sealing.segments import seal_segments
from assay.server.backup_format import CERTIFICATES, CHECKPOINTS, MASTER_KEY, End, KeptFile, Manifest, Piece, encode
from assay.server.settings import ServiceSettings
from assay.store import Reader
from assay.store.dump import TableHead, TableRows, dump
from assay.store.migrate import revisions

# Segments that wait for whoever takes them: 4 MiB, however slow their disk is.
_WAITING: Final = 64
_LOOK_SECONDS: Final = 0.5


class _GoneError(Exception):
    """Whoever took the backup has gone."""


class Backups:
    """The flow behind `assay backup`."""

    def __init__(self, premises: Premises, settings: ServiceSettings, keys: Keys) -> None:
        self._premises = premises
        self._settings = settings
        self._keys = keys

    async def stream(self, by: By, content_key: bytes, bound: bytes) -> AsyncIterator[bytes]:
        """The sealed segments of everything there is now; `bound` is the header that they follow.

        Who takes it is in the log before the first of them is there. Writing goes on meanwhile: what is read is one
        snapshot. No key is rotated or retired until it is done.
        """
        await begin_backup(self._premises, by, bound)
        return self._segments(content_key, bound)

    async def _segments(self, content_key: bytes, bound: bytes) -> AsyncIterator[bytes]:
        pipe: queue.Queue[bytes | None] = queue.Queue(_WAITING)
        gone = threading.Event()

        def put(segment: bytes | None) -> None:
            while not gone.is_set():
                try:
                    return pipe.put(segment, timeout=_LOOK_SECONDS)
                except queue.Full:
                    continue
            raise _GoneError

        def produce(reader: Reader) -> None:
            try:
                for segment in seal_segments(encode(self._pieces(reader)), content_key, bound=bound):
                    put(segment)
            finally:
                if not gone.is_set():
                    put(None)

        async with self._keys.still:
            reading = asyncio.create_task(self._premises.store.read_long(produce))
            try:
                while (segment := await asyncio.to_thread(pipe.get)) is not None:
                    yield segment
                await reading
            finally:
                gone.set()
                # Not before the snapshot is closed: what it reads is sealed with keys that must not go.
                await asyncio.gather(reading, return_exceptions=True)

    def _pieces(self, reader: Reader) -> Iterator[Piece]:
        settings, tree = self._settings, read_tree(reader)
        yield Manifest(
            release=__version__,
            schema=revisions()[-1],
            taken_at=self._premises.now(),
            base_domain=settings.base_domain,
            port=settings.port,
            database=reader.connection.dialect.name,
            log_size=tree.size,
            log_root=root(tree),
        )
        yield from self._files()
        yield from counted(dump(reader))

    def _files(self) -> Iterator[KeptFile]:
        places = self._settings.places
        yield KeptFile(name=MASTER_KEY, content=places.master_key.read_bytes())
        if places.checkpoints.exists():
            yield KeptFile(name=CHECKPOINTS, content=places.checkpoints.read_bytes())
        for path in sorted(places.certificates.glob("*/*")):
            if path.is_file() and not path.name.startswith("."):
                name = f"{CERTIFICATES}{path.relative_to(places.certificates).as_posix()}"
                yield KeptFile(name=name, content=path.read_bytes())


def counted(parts: Iterable[TableHead | TableRows]) -> Iterator[Piece]:
    """The tables, and the end that says how many rows each had."""
    counts: dict[str, int] = {}
    name = ""
    for part in parts:
        if isinstance(part, TableHead):
            name = part.name
            counts[name] = 0
        else:
            counts[name] += len(part.rows)
        yield part
    yield End(rows=counts)

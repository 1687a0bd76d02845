"""Read a backup's file: opened segment by segment, and verified as a whole."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, Final

from assay.events.hand_over import follow
from assay.events.note import Checkpoint, Verifier, read_checkpoints
from assay.events.tree import Frontier, append, root
from assay.sealing.backup_header import HEADER_LIMIT, BackupError, Header, open_key, parse_header
from assay.sealing.segments import open_segments
from assay.server.backup_format import CHECKPOINTS, End, KeptFile, Manifest, Piece, decode
from assay.store.dump import TableHead, TableRows
from assay.store.migrate import revisions
from assay.values import Value

_LOG: Final = "event"
_CHECKPOINTS: Final = "checkpoint"
_SCHEMA: Final = re.compile(r"[0-9]{4}")


class Contents(Value, frozen=True, kw_only=True):
    """What a backup that was read whole holds; `proved` records by signed checkpoints (0 where no key was given)."""

    manifest: Manifest
    rows: dict[str, int]
    proved: int
    size: int


def read_pieces(path: Path, *, passphrase: str = "", identity: str = "", content_key: bytes = b"") -> Iterator[Piece]:
    """Every piece; raises BackupError, SealBrokenError or InvalidInputError. Use nothing before the last one came."""
    with path.open("rb") as file:
        header, line = _header(file)
        key = content_key or open_key(header, passphrase=passphrase, identity=identity)
        yield from decode(open_segments(file.read, key, bound=line))


def verify_backup(
    path: Path,
    *,
    passphrase: str = "",
    identity: str = "",
    content_key: bytes = b"",
    verifiers: Sequence[Verifier] = (),
) -> Contents:
    """Read all of it: every segment, the counts, the log's tree against the manifest and every checkpoint in it.

    `verifiers`: checkpoint keys that were kept elsewhere; with them each checkpoint must be signed. Whoever knows the
    recipient can make a backup, but not one that such a key has signed.
    """
    check = _Check(verifiers)
    for piece in read_pieces(path, passphrase=passphrase, identity=identity, content_key=content_key):
        check.next(piece)
    return check.verdict(path.stat().st_size)


class _Check:
    def __init__(self, verifiers: Sequence[Verifier]) -> None:
        self._verifiers = verifiers
        self._notes: list[str] = []
        self._tree = Frontier()
        self._roots: dict[int, bytes] = {}
        self._manifest: Manifest | None = None
        self._rows: dict[str, int] = {}
        self._head: TableHead | None = None

    def next(self, piece: Piece) -> None:
        match piece:
            case Manifest():
                self._manifest = known_schema(piece)
            case KeptFile(name=name, content=content) if name == CHECKPOINTS:
                self._notes.append(content.decode("utf-8", "replace"))
            case TableHead():
                self._head = piece
            case TableRows() if self._head is not None and self._head.name == _LOG:
                self._grow(self._head, piece)
            case TableRows() if self._head is not None and self._head.name == _CHECKPOINTS:
                at = self._head.columns.index("note")
                self._notes.extend(str(row[at]) for row in piece.rows)
            case End():
                self._rows = piece.rows
            case _:
                pass

    def verdict(self, size: int) -> Contents:
        manifest = self._manifest
        if manifest is None:
            raise BackupError("the backup has no manifest")
        if (self._tree.size, root(self._tree)) != (manifest.log_size, manifest.log_root):
            raise BackupError("the log in the backup is not the one that its manifest names")
        return Contents(manifest=manifest, rows=self._rows, proved=self._proved(), size=size)

    def _grow(self, head: TableHead, rows: TableRows) -> None:
        index, leaf = head.columns.index("leaf_index"), head.columns.index("leaf_hash")
        for row in rows.rows:
            leaf_hash = row[leaf]
            if row[index] != self._tree.size or not isinstance(leaf_hash, bytes):
                raise BackupError(f"the log in the backup lacks record {self._tree.size}")
            self._tree = append(self._tree, leaf_hash)
            self._roots[self._tree.size] = root(self._tree)

    def _proved(self) -> int:
        text = "\n".join(self._notes)
        points = list(read_checkpoints(text, follow(self._verifiers, text)))
        signed = [point for point in points if point.signed] if self._verifiers else points
        if self._verifiers and points and not signed:
            raise BackupError("no checkpoint in the backup is signed by the key that was given")
        for point in signed:
            self._compare(point)
        within = (point.size for point in signed if point.size <= self._tree.size)
        return max(within, default=0) if self._verifiers else 0

    def _compare(self, point: Checkpoint) -> None:
        # The file of checkpoints is read after the snapshot was taken and may be a few records ahead of it.
        if point.size in self._roots and self._roots[point.size] != point.root:
            raise BackupError(f"the log in the backup is not the one that was signed at {point.size} records")


def known_schema(manifest: Manifest) -> Manifest:
    """The manifest; raises BackupError for a schema that this release does not know."""
    if not _SCHEMA.fullmatch(manifest.schema) or manifest.schema not in revisions():
        raise BackupError(
            f"the backup has schema {manifest.schema} of release {manifest.release}, which this release does not know",
            remedy="restore it with that release or a later one",
        )
    return manifest


def _header(file: BinaryIO) -> tuple[Header, bytes]:
    line = file.readline(HEADER_LIMIT)
    return parse_header(line), line

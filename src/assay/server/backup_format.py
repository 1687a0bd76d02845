"""What is in a backup: a manifest, files, tables with their rows, and at the end how many rows there were."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final

import msgspec

from assay.sealing.backup_header import BackupError
from assay.store.dump import TableHead, TableRows
from assay.values import Value

MASTER_KEY: Final = "master-key.json"
CHECKPOINTS: Final = "checkpoints.txt"
CERTIFICATES: Final = "certificates/"
_LENGTH_BYTES: Final = 4
_PIECE_LIMIT: Final = 1 << 30


class Manifest(Value, frozen=True, kw_only=True, tag="manifest"):
    """What was backed up; base domain, port and kind of database are hints for whoever restores it."""

    release: str
    schema: str
    taken_at: datetime
    base_domain: str
    port: int
    database: str
    log_size: int
    log_root: bytes


class KeptFile(Value, frozen=True, kw_only=True, tag="file"):
    """A file beside the database; `name` is ours, never a path to write to."""

    name: str
    content: bytes


class End(Value, frozen=True, kw_only=True, tag="end"):
    """The last piece: rows by table."""

    rows: dict[str, int]


Piece = Manifest | KeptFile | TableHead | TableRows | End
_encoder: Final = msgspec.msgpack.Encoder()
_decoder: Final[msgspec.msgpack.Decoder[Piece]] = msgspec.msgpack.Decoder(Piece)


def encode(pieces: Iterable[Piece]) -> Iterator[bytes]:
    """The pieces as octets, each after its length."""
    for piece in pieces:
        content = _encoder.encode(piece)
        yield len(content).to_bytes(_LENGTH_BYTES) + content


def decode(octets: Iterable[bytes]) -> Iterator[Piece]:
    """The pieces again; raises BackupError for what is none, and where the end does not count what came before."""
    waiting, counts, ended, name = bytearray(), dict[str, int](), False, ""
    for chunk in octets:
        waiting += chunk
        while (piece := _next(waiting)) is not None:
            if ended:
                raise BackupError("the backup goes on after its end")
            if isinstance(piece, TableHead):
                name = piece.name
                counts[name] = 0
            elif isinstance(piece, TableRows):
                counts[name] = counts.get(name, 0) + len(piece.rows)
            elif isinstance(piece, End):
                ended = True
                if piece.rows != counts:
                    raise BackupError("the backup does not hold as many rows as it says")
            yield piece
    if waiting or not ended:
        raise BackupError("the backup ends too early", remedy="use another copy of it")


def _next(waiting: bytearray) -> Piece | None:
    if len(waiting) < _LENGTH_BYTES:
        return None
    length = int.from_bytes(waiting[:_LENGTH_BYTES])
    if length > _PIECE_LIMIT:
        raise BackupError("the backup holds a piece that is too long")
    if len(waiting) < _LENGTH_BYTES + length:
        return None
    content = bytes(waiting[_LENGTH_BYTES : _LENGTH_BYTES + length])
    del waiting[: _LENGTH_BYTES + length]
    try:
        return _decoder.decode(content)
    except msgspec.MsgspecError as error:
        raise BackupError(f"the backup holds a piece that this release does not know: {error}") from None

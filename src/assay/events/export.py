"""Export as OCSF, a JSON object a line, with what an outsider needs to verify it without us."""

from collections.abc import Callable, Iterable, Iterator, Sequence

import msgspec

from assay.events.canonical import canonical_json
from assay.events.decision import DecisionRecord
from assay.events.envelope import decoder
from assay.events.findings import Verification
from assay.events.hand_over import follow
from assay.events.logged import Logged, stream_log
from assay.events.note import Verifier, read_checkpoints
from assay.events.records.decisions import DecisionRow, first_reason
from assay.events.records.log import Leaf
from assay.events.tree import salted_leaf
from assay.events.verify import Checkpoints, verify
from assay.store import Reader
from assay.store.columns import EPOCH
from assay.values import EventId, InvalidInputError, Stored

_Object = dict[str, msgspec.Raw]
_objects = msgspec.json.Decoder(_Object)


class ExportedDecision(Stored, frozen=True, kw_only=True, rename="lower"):
    """One decision of the batch that an event vouches for."""

    record: msgspec.Raw
    salt: bytes


class Integrity(Stored, frozen=True, kw_only=True, rename="lower"):
    """Where the record stands in the log and what its hash was made of; `salt` None: its content was erased.

    Take `unmapped.integrity` out of the line, spell the rest by RFC 8785, and SHA-256(0x00, salt, those bytes) is the
    leaf's hash at `index` of an RFC 6962 tree. Octets are in base64.
    """

    index: int
    leaf_hash: bytes
    salt: bytes | None = None
    decisions: tuple[ExportedDecision, ...] = ()


def export(reader: Reader, write: Callable[[bytes], object]) -> int:
    """Hand every line to `write`, in order, a thousand records in memory at a time; returns how many."""
    count = 0
    for line in export_lines(stream_log(reader)):
        write(line + b"\n")
        count += 1
    return count


def export_lines(logged: Iterable[Logged]) -> Iterator[bytes]:
    """The lines, without line ends."""
    for each in logged:
        if each.leaf is not None:
            yield _line(each.leaf, each.decisions)


def verify_export(lines: Iterable[bytes], checkpoints: str, verifiers: Sequence[Verifier]) -> Verification:
    """Verify an exported file against checkpoints that came another way, without database or service.

    A key that one of the `verifiers` handed over to in the file of checkpoints counts too. The export counts as cut
    off where a checkpoint knows of more records than it has. Raises InvalidInputError for a line that is no exported
    record.
    """
    known = follow(verifiers, checkpoints)
    return verify(map(_logged, lines), Checkpoints((), tuple(read_checkpoints(checkpoints, known))))


def _line(leaf: Leaf, decisions: Sequence[DecisionRow]) -> bytes:
    integrity = Integrity(
        index=leaf.leaf_index,
        leaf_hash=leaf.leaf_hash,
        salt=leaf.salt,
        decisions=tuple(ExportedDecision(record=msgspec.Raw(row.record.encode()), salt=row.salt) for row in decisions),
    )
    record = _objects.decode(leaf.payload) if leaf.payload is not None else {"unmapped": msgspec.Raw(b"{}")}
    unmapped = _objects.decode(record["unmapped"])
    unmapped["integrity"] = msgspec.Raw(msgspec.json.encode(integrity))
    record["unmapped"] = msgspec.Raw(msgspec.json.encode(unmapped))
    return msgspec.json.encode(record)


def _logged(line: bytes) -> Logged:
    """A line as the row it came from; what cannot be told from it is left for verification to miss."""
    try:
        record = _objects.decode(line)
        unmapped = _objects.decode(record["unmapped"])
        integrity = msgspec.json.decode(unmapped.pop("integrity"), type=Integrity)
    except (msgspec.DecodeError, KeyError) as error:
        raise InvalidInputError(f"not a line of an export: {error}") from error
    record["unmapped"] = msgspec.Raw(msgspec.json.encode(unmapped))
    payload = None if integrity.salt is None else canonical_json(msgspec.json.encode(record))
    leaf = _leaf(payload, integrity)
    rows = (_row(integrity.index, position, each) for position, each in enumerate(integrity.decisions))
    return Logged(leaf=leaf, decisions=tuple(rows))


def _leaf(payload: bytes | None, integrity: Integrity) -> Leaf:
    try:
        envelope = None if payload is None else decoder.decode(payload)
    except msgspec.ValidationError:
        envelope = None
    return Leaf(
        leaf_index=integrity.index,
        id=envelope.metadata.uid if envelope else EventId(""),
        at=envelope.time_dt if envelope else EPOCH,
        code=envelope.metadata.event_code if envelope else "",
        type_uid=envelope.type_uid if envelope else 0,
        severity_id=envelope.severity_id if envelope else 0,
        status_id=envelope.status_id if envelope else 0,
        actor_id=envelope.actor.user.uid if envelope else None,
        user_id=envelope.user.uid if envelope and envelope.user else None,
        app_id=envelope.service.uid if envelope and envelope.service else None,
        session_id=envelope.session.uid if envelope and envelope.session else None,
        payload=None if payload is None else payload.decode(),
        salt=integrity.salt,
        leaf_hash=integrity.leaf_hash,
    )


def _row(batch: int, position: int, exported: ExportedDecision) -> DecisionRow:
    text = canonical_json(bytes(exported.record))
    try:
        record = msgspec.json.decode(text, type=DecisionRecord)
    except msgspec.ValidationError as error:
        raise InvalidInputError(f"not a decision of an export: {error}") from error
    return DecisionRow(
        id=record.uid,
        short_code=record.short_code,
        batch=batch,
        position=position,
        at=record.at,
        outcome=record.outcome,
        user_id=record.user_id,
        app_id=record.app_id,
        session_id=record.session_id,
        snapshot_hash=record.snapshot_hash,
        record=text.decode(),
        salt=exported.salt,
        row_hash=salted_leaf(exported.salt, text),
        reason=first_reason(record),
        times=record.count,
    )

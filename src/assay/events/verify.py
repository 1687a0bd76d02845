"""Verification: was a record edited, deleted, inserted, moved or cut off, and which one."""

from collections.abc import Iterable, Sequence

import msgspec

from assay.events.decision import DecisionRecord, short_code
from assay.events.envelope import BatchRoot, Envelope, decoder
from assay.events.event import event_id
from assay.events.evidence import check_evidence
from assay.events.findings import FindingKind, Findings, Ranges, Verification
from assay.events.hand_over import follow
from assay.events.logged import Logged, stream_log
from assay.events.note import Checkpoint, Verifier, read_checkpoints
from assay.events.records.checkpoints import stream_checkpoints
from assay.events.records.decisions import DecisionRow, first_reason
from assay.events.records.hand_overs import hand_over_notes
from assay.events.records.log import Leaf, read_tree
from assay.events.tree import Frontier, append, root, root_of, salted_leaf
from assay.store import Reader
from assay.values import InvalidInputError


def verify_log(reader: Reader, *, verifiers: Sequence[Verifier], outside: str = "") -> Verification:
    """Verify the whole log as this reader sees it, a thousand rows in memory at a time.

    `verifiers`: the keys that checkpoints may be signed by; every key that one of them handed over to counts too.
    `outside`: the text of a checkpoint file kept where the database's owner could not write; without it, a log that
    was rewritten as a whole, keys and all, looks good.
    """
    notes = "".join(hand_over_notes(reader))
    verifiers = follow(verifiers, f"{outside}\n{notes}")
    inside = [point for note in stream_checkpoints(reader) for point in read_checkpoints(note, verifiers)]
    checkpoints = Checkpoints(inside, list(read_checkpoints(outside, verifiers)))
    check = LeafCheck(Findings(), checkpoints)
    try:
        tree, damaged = read_tree(reader), False
    except InvalidInputError:
        tree, damaged = None, True
    for each in stream_log(reader):
        check.next(each)
    check.evidence(reader)
    return check.verdict(tree, tree_damaged=damaged)


def verify(logged: Iterable[Logged], checkpoints: "Checkpoints") -> Verification:
    """Verify leaves in order against their own hashes and what was signed, where there is no more than the leaves."""
    check = LeafCheck(Findings(), checkpoints)
    for each in logged:
        check.next(each)
    return check.verdict(None, tree_damaged=False)


class Checkpoints:
    """Signed roots, by size; each is compared as the tree grows through its size."""

    def __init__(self, inside: Sequence[Checkpoint], outside: Sequence[Checkpoint]) -> None:
        self.forged = tuple(point for point in (*inside, *outside) if not point.signed)
        signed = [(point.size, point.root, False) for point in inside if point.signed]
        signed += [(point.size, point.root, True) for point in outside if point.signed]
        self._waiting = sorted(signed, reverse=True)
        self.anchored = 0
        self.anchored_outside = 0
        self._differs = False

    @property
    def largest(self) -> int:
        return self._waiting[0][0] if self._waiting else 0

    def compare(self, tree: Frontier, findings: Findings) -> None:
        """Compare those of exactly this tree's size."""
        while self._waiting and self._waiting[-1][0] <= tree.size:
            size, expected, is_outside = self._waiting.pop()
            if expected == root(tree):
                self.anchored = max(self.anchored, size)
                if is_outside:
                    self.anchored_outside = max(self.anchored_outside, size)
            elif not self._differs:
                # Those after it differ for the same reason; the first tells most closely where.
                self._differs = True
                findings.add(FindingKind.CHECKPOINT_DIFFERS, self.anchored, size - 1)


class DecisionCheck:
    """The decisions, batch by batch beside the leaves that vouch for them."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._missing = Ranges()
        self.count = 0
        # Hashes of policy sets, each with the first batch that names it: as many as were ever published.
        self.policy_sets: dict[str, int] = {}

    def own(self, leaf_index: int | None, decisions: Sequence[DecisionRow]) -> list[DecisionRow]:
        """The rows of this leaf's batch; rows of leaves that do not exist are a finding."""
        for batch in sorted({row.batch for row in decisions} - {leaf_index}):
            self._findings.add(FindingKind.DECISIONS_DIFFER, batch)
        return [row for row in decisions if row.batch == leaf_index]

    def batch(self, leaf_index: int, rows: Sequence[DecisionRow], expected: BatchRoot | None) -> None:
        """Check a leaf's batch; None: the leaf vouches for none, so there may be none."""
        if expected is None:
            if rows:
                self._findings.add(FindingKind.DECISIONS_DIFFER, leaf_index)
        elif not rows:
            self._missing.add(leaf_index, leaf_index)
        else:
            self.count += len(rows)
            records = [_true_record(row) for row in rows]
            for record in records:
                if record is not None:
                    self.policy_sets.setdefault(record.policy_set_hash, leaf_index)
            if None in records or root_of(row.row_hash for row in rows).hex() != expected.root:
                self._findings.add(FindingKind.DECISIONS_DIFFER, leaf_index)

    def end(self, pruned_through: int) -> None:
        """After the last leaf: only what was pruned on the record may be missing."""
        pruned = Ranges()
        pruned.add(0, pruned_through)
        for gone in self._missing.without(pruned):
            self._findings.add(FindingKind.DECISIONS_MISSING, gone.first, gone.last)


class LeafCheck:
    """The leaves, one after the other."""

    def __init__(self, findings: Findings, checkpoints: Checkpoints) -> None:
        self._findings = findings
        self._checkpoints = checkpoints
        self._decisions = DecisionCheck(findings)
        self._tree = Frontier()
        self._expected = 0
        self._whole = True
        self._erased = Ranges()
        self._erasures = Ranges()
        self._pruned_through = -1

    def next(self, logged: Logged) -> None:
        """The next row."""
        leaf = logged.leaf
        rows = self._decisions.own(leaf.leaf_index if leaf else None, logged.decisions)
        if leaf is None:
            return
        if leaf.leaf_index != self._expected:
            # A gap was deleted; a number below the expected one can only have been inserted.
            missing = leaf.leaf_index > self._expected
            last = leaf.leaf_index - 1 if missing else self._expected
            self._findings.add(FindingKind.MISSING if missing else FindingKind.MOVED, self._expected, last)
            self._whole = False
        self._expected = leaf.leaf_index + 1
        self._content(leaf, rows)
        if self._whole:
            self._tree = append(self._tree, leaf.leaf_hash)
            self._checkpoints.compare(self._tree, self._findings)

    def evidence(self, reader: Reader) -> None:
        """After the last row: what the decisions rest on, which is kept beside the log."""
        check_evidence(reader, self._decisions.policy_sets, self._findings)

    def verdict(self, tree: Frontier | None, *, tree_damaged: bool) -> Verification:
        """After the last row."""
        size = self._expected
        self._end(size, tree, tree_damaged=tree_damaged)
        self._decisions.end(self._pruned_through)
        for erased in self._erased.without(self._erasures):
            self._findings.add(FindingKind.ERASED_UNRECORDED, erased.first, erased.last)
        for forged in self._checkpoints.forged:
            self._findings.add(FindingKind.CHECKPOINT_FORGED, min(forged.size, size))
        return Verification(
            size=size,
            root=root(self._tree) if self._whole else None,
            findings=self._findings.sorted(),
            more_findings=self._findings.more,
            erased=self._erased.all(),
            decisions=self._decisions.count,
            anchored=self._checkpoints.anchored,
            anchored_outside=self._checkpoints.anchored_outside,
        )

    def _end(self, size: int, tree: Frontier | None, *, tree_damaged: bool) -> None:
        promised = max(self._checkpoints.largest, tree.size if tree else 0)
        if promised > size:
            self._findings.add(FindingKind.CUT_OFF, size, promised - 1)
        differs = tree is not None and self._whole and tree.size == size and tree != self._tree
        if tree_damaged or differs:
            self._findings.add(FindingKind.TREE_DIFFERS, self._checkpoints.anchored, max(size - 1, 0))
        elif tree is not None and tree.size < size:
            self._findings.add(FindingKind.APPENDED, tree.size, size - 1)

    def _content(self, leaf: Leaf, rows: Sequence[DecisionRow]) -> None:
        index = leaf.leaf_index
        if leaf.payload is None:
            self._erased.add(index, index)
            self._decisions.batch(index, rows, None)
            return
        if leaf.salt is None or salted_leaf(leaf.salt, leaf.payload.encode()) != leaf.leaf_hash:
            self._findings.add(FindingKind.EDITED, index)
            return
        try:
            envelope = decoder.decode(leaf.payload)
        except msgspec.ValidationError:
            self._findings.add(FindingKind.UNREADABLE, index)
            return
        if envelope.metadata.sequence != index:
            self._findings.add(FindingKind.MOVED, index)
        elif not _columns_agree(leaf, leaf.salt, envelope):
            self._findings.add(FindingKind.COLUMNS_EDITED, index)
        self._decisions.batch(index, rows, envelope.unmapped.batch)
        for erased in envelope.unmapped.erased:
            self._erasures.add(erased.first, erased.last)
        if envelope.unmapped.pruned_through is not None:
            self._pruned_through = max(self._pruned_through, envelope.unmapped.pruned_through)


def _columns_agree(leaf: Leaf, salt: bytes, envelope: Envelope) -> bool:
    return (
        leaf.id == envelope.metadata.uid == event_id(salt)
        and leaf.at == envelope.time_dt
        and leaf.code == envelope.metadata.event_code
        and leaf.type_uid == envelope.type_uid
        and leaf.severity_id == envelope.severity_id
        and leaf.status_id == envelope.status_id
        and leaf.actor_id == envelope.actor.user.uid
        and leaf.user_id == (envelope.user.uid if envelope.user else None)
        and leaf.app_id == (envelope.service.uid if envelope.service else None)
        and leaf.session_id == (envelope.session.uid if envelope.session else None)
    )


def _true_record(row: DecisionRow) -> DecisionRecord | None:
    """The record of a row; None where hash, content and columns do not agree."""
    if salted_leaf(row.salt, row.record.encode()) != row.row_hash:
        return None
    try:
        record = row.decode()
    except msgspec.ValidationError:
        return None
    agree = (
        row.id == record.uid
        and row.short_code == short_code(record.uid)
        and row.at == record.at
        and row.outcome == record.outcome
        and row.user_id == record.user_id
        and row.app_id == record.app_id
        and row.session_id == record.session_id
        and row.snapshot_hash == record.snapshot_hash
        and row.reason == first_reason(record)
        and row.times == record.count
    )
    return record if agree else None

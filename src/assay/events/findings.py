"""What verification can find, and its verdict."""

from collections.abc import Iterator
from enum import StrEnum

from assay.events.envelope import LeafRange
from assay.values import Value

# Whoever rewrote a log of a million records need not be told a million times.
FINDINGS_LIMIT = 100


class FindingKind(StrEnum):
    """What is wrong with a record, or with the whole."""

    EDITED = "edited"  # the content is not what its hash was made of
    COLUMNS_EDITED = "columnsEdited"  # the columns beside the content tell otherwise
    UNREADABLE = "unreadable"  # the hash is right, but this release cannot read the content
    MOVED = "moved"  # the content says it is another number: inserted before it, or reordered
    MISSING = "missing"  # deleted
    CUT_OFF = "cutOff"  # the end is missing
    APPENDED = "appended"  # behind the end, not by us
    TREE_DIFFERS = "treeDiffers"  # all hashes together are not what the log's own tree says
    CHECKPOINT_DIFFERS = "checkpointDiffers"  # all hashes together are not what was signed
    CHECKPOINT_FORGED = "checkpointForged"  # not signed by a key of ours
    ERASED_UNRECORDED = "erasedUnrecorded"  # content is gone, and no record says who erased it
    DECISIONS_DIFFER = "decisionsDiffer"  # a batch's decisions are not those that its record vouches for
    DECISIONS_MISSING = "decisionsMissing"  # a batch's decisions are gone, and no record says who pruned them
    EVIDENCE_EDITED = "evidenceEdited"  # a snapshot or policy set is not the one that a decision names
    EVIDENCE_MISSING = "evidenceMissing"  # a snapshot or policy set that a decision names is gone


class Finding(Value, frozen=True, kw_only=True):
    """Something wrong with records `first` to `last` (both included), or somewhere between them."""

    kind: FindingKind
    first: int
    last: int


class Verification(Value, frozen=True, kw_only=True):
    """The verdict.

    `anchored`: records below this number are proved by a signed checkpoint that matched, `anchored_outside` by one
    kept outside the database. What lies above may have been rewritten as a whole by whoever owns the database.
    """

    size: int
    root: bytes | None
    findings: tuple[Finding, ...]
    more_findings: int
    erased: tuple[LeafRange, ...]
    decisions: int
    anchored: int
    anchored_outside: int

    @property
    def ok(self) -> bool:
        return not self.findings

    @property
    def first_bad(self) -> int | None:
        """The number of the first record that is not proved to be good."""
        return min((finding.first for finding in self.findings), default=None)


class Findings:
    """Findings as they are made, at most a hundred of them kept."""

    def __init__(self) -> None:
        self.kept: list[Finding] = []
        self.more = 0

    def add(self, kind: FindingKind, first: int, last: int | None = None) -> None:
        finding = Finding(kind=kind, first=first, last=first if last is None else last)
        if len(self.kept) < FINDINGS_LIMIT:
            self.kept.append(finding)
        else:
            self.more += 1

    def sorted(self) -> tuple[Finding, ...]:
        return tuple(sorted(self.kept, key=lambda finding: (finding.first, finding.last, finding.kind)))


class Ranges:
    """A set of numbers that is kept as ranges."""

    def __init__(self) -> None:
        self._ranges: list[LeafRange] = []

    def add(self, first: int, last: int) -> None:
        if self._ranges and self._ranges[-1].last + 1 == first:
            self._ranges[-1] = LeafRange(first=self._ranges[-1].first, last=last)
        else:
            self._ranges.append(LeafRange(first=first, last=last))

    def all(self) -> tuple[LeafRange, ...]:
        return tuple(self._ranges)

    def without(self, other: "Ranges") -> Iterator[LeafRange]:
        """What is in no range of the other, which may overlap."""
        covers = sorted(other.all(), key=lambda cover: cover.first)
        for each in self._ranges:
            start = each.first
            for cover in covers:
                if cover.last < start or cover.first > each.last:
                    continue
                if cover.first > start:
                    yield LeafRange(first=start, last=cover.first - 1)
                start = max(start, cover.last + 1)
            if start <= each.last:
                yield LeafRange(first=start, last=each.last)

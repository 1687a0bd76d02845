"""What decisions rest on, checked: the snapshots and policy sets that they name by hash are there and unedited."""

from collections.abc import Mapping
from hashlib import sha256

import msgspec

from assay.events.findings import FindingKind, Findings
from assay.events.records.decisions import policy_set, stream_named_snapshots
from assay.policy import PolicySet, policy_set_hash
from assay.store import Reader

# Before anything was published there were no policies, and nobody had kept that.
_NOTHING_PUBLISHED = policy_set_hash(PolicySet())


def check_evidence(reader: Reader, policy_sets: Mapping[str, int], findings: Findings) -> None:
    """Check all that decisions name; `policy_sets`: the hashes, each with the first batch that names it."""
    for batch, digest, content in stream_named_snapshots(reader):
        _found(findings, batch, content, good=content is not None and sha256(content).hexdigest() == digest)
    for digest, batch in policy_sets.items():
        content = policy_set(reader, digest)
        if content is not None or digest != _NOTHING_PUBLISHED:
            _found(findings, batch, content, good=content is not None and _hash_of(content) == digest)


def _found(findings: Findings, batch: int, content: bytes | None, *, good: bool) -> None:
    if not good:
        findings.add(FindingKind.EVIDENCE_MISSING if content is None else FindingKind.EVIDENCE_EDITED, batch)


def _hash_of(content: bytes) -> str | None:
    """The hash of the policy set that this is; None where it is none."""
    try:
        return policy_set_hash(msgspec.json.decode(content, type=PolicySet))
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None

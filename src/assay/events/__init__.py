"""Event types, the log and its Merkle tree, the decision log, verification and export."""

from assay.events.checkpoint import Checkpointer, LogRewrittenError
from assay.events.decision import DecisionEntry, DecisionId, DecisionRecord, short_code
from assay.events.decision_log import DecisionLog, record_decision
from assay.events.envelope import Actor, ActorKind, Entity, Envelope, LeafRange
from assay.events.erase import erase, prune_decisions
from assay.events.event import SALT_BYTES, About, Event, Source, change, occurrence
from assay.events.export import export, verify_export
from assay.events.findings import Finding, FindingKind, Verification
from assay.events.log import record, record_all
from assay.events.note import Verifier, parse_verifier
from assay.events.records.search import EventQuery, Page, search, tail
from assay.events.types import EVENT_TYPES, ChangeType, EventType
from assay.events.verify import verify_log

__all__ = [
    "EVENT_TYPES",
    "SALT_BYTES",
    "About",
    "Actor",
    "ActorKind",
    "ChangeType",
    "Checkpointer",
    "DecisionEntry",
    "DecisionId",
    "DecisionLog",
    "DecisionRecord",
    "Entity",
    "Envelope",
    "Event",
    "EventQuery",
    "EventType",
    "Finding",
    "FindingKind",
    "LeafRange",
    "LogRewrittenError",
    "Page",
    "Source",
    "Verification",
    "Verifier",
    "change",
    "erase",
    "export",
    "occurrence",
    "parse_verifier",
    "prune_decisions",
    "record",
    "record_all",
    "record_decision",
    "search",
    "short_code",
    "tail",
    "verify_export",
    "verify_log",
]

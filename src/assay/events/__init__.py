"""Event types, the log and its Merkle tree, the decision log, verification and export."""

from assay.events.envelope import Actor, ActorKind, Entity, Envelope
from assay.events.event import SALT_BYTES, About, Event, Source, change, occurrence
from assay.events.log import record, record_all
from assay.events.types import EVENT_TYPES, ChangeType, EventType

__all__ = [
    "EVENT_TYPES",
    "SALT_BYTES",
    "About",
    "Actor",
    "ActorKind",
    "ChangeType",
    "Entity",
    "Envelope",
    "Event",
    "EventType",
    "Source",
    "change",
    "occurrence",
    "record",
    "record_all",
]

"""/v1.0/auditLogs/directoryAudits: every change of what is stored, as Graph's directoryAudit."""

import json
from datetime import datetime
from typing import Final

import msgspec

from assay.access.activity import Change
from assay.access.authorize import Permission
from assay.api.graph.resource import Resource
from assay.api.odata.properties import EVERY_OPERATOR, Collection, Kind, Property, members_of
from assay.api.reason_sentences import reason_sentence
from assay.events.audits import ACTIVITIES, CODE_OF, values_of
from assay.events.envelope import ActorKind, Envelope
from assay.events.types import FAILURE
from assay.values import Wire
from assay.values.asking import Order


class AuditUser(Wire, frozen=True, kw_only=True):
    """Graph's userIdentity."""

    id: str | None
    display_name: str | None
    user_principal_name: str | None
    ip_address: str | None


class AuditApp(Wire, frozen=True, kw_only=True):
    """Graph's appIdentity: a program, a user of the host, or Assay itself."""

    app_id: str | None
    display_name: str | None


class Initiator(Wire, frozen=True, kw_only=True):
    """Graph's auditActivityInitiator: exactly one of the two."""

    user: AuditUser | None
    app: AuditApp | None


class ModifiedProperty(Wire, frozen=True, kw_only=True):
    """Graph's modifiedProperty; the values are JSON."""

    display_name: str
    old_value: str | None
    new_value: str | None


class TargetResource(Wire, frozen=True, kw_only=True):
    """Graph's targetResource."""

    id: str | None
    display_name: str | None
    type: str
    user_principal_name: str | None
    modified_properties: tuple[ModifiedProperty, ...]


class AuditShape(Wire, frozen=True, kw_only=True):
    """Graph's directoryAudit."""

    id: str
    activity_date_time: datetime
    activity_display_name: str
    category: str
    correlation_id: str | None
    logged_by_service: str
    operation_type: str
    result: str
    result_reason: str
    initiated_by: Initiator
    target_resources: tuple[TargetResource, ...]


def audit_shape(change: Change) -> AuditShape:
    """A change as Graph shows it."""
    event = change.event
    activity = ACTIVITIES[event.metadata.event_code]
    reason = event.unmapped.reason
    return AuditShape(
        id=event.metadata.uid,
        activity_date_time=event.time_dt,
        activity_display_name=activity.name,
        category=activity.category,
        correlation_id=event.actor.session.uid if event.actor.session is not None else None,
        logged_by_service=activity.service,
        operation_type=activity.operation,
        result="failure" if event.status_id == FAILURE else "success",
        result_reason="" if reason is None else reason_sentence(reason),
        initiated_by=_initiator(event),
        target_resources=_targets(event, activity.target),
    )


def _initiator(event: Envelope) -> Initiator:
    who = event.actor.user
    if event.actor.kind is ActorKind.USER:
        address = event.src_endpoint.ip if event.src_endpoint is not None else None
        user = AuditUser(id=who.uid, display_name=who.name, user_principal_name=who.name, ip_address=address)
        return Initiator(user=user, app=None)
    return Initiator(user=None, app=AuditApp(app_id=who.uid, display_name=who.name))


def _targets(event: Envelope, kind: str) -> tuple[TargetResource, ...]:
    """What was changed first, with its properties, then what it was changed for."""
    modified = _modified(event)
    named = (
        ("User", event.user.uid, event.user.name) if event.user is not None else None,
        ("Group", event.group.uid, event.group.name) if event.group is not None else None,
        ("App", event.service.uid, event.service.name) if event.service is not None else None,
        (kind, event.entity.uid, event.entity.name) if event.entity is not None else None,
    )
    found = sorted((each for each in named if each is not None), key=lambda each: each[0] != kind)
    return tuple(
        TargetResource(
            id=uid,
            display_name=name,
            type=type_,
            user_principal_name=name if type_ == "User" else None,
            modified_properties=modified if number == 0 else (),
        )
        for number, (type_, uid, name) in enumerate(found)
    )


def _modified(event: Envelope) -> tuple[ModifiedProperty, ...]:
    before, after = _members(event.unmapped.before), _members(event.unmapped.after)
    return tuple(
        ModifiedProperty(display_name=name, old_value=before.get(name), new_value=after.get(name))
        for name in dict.fromkeys((*before, *after))
        if before.get(name) != after.get(name)
    )


def _members(raw: msgspec.Raw) -> dict[str, str]:
    """The members of a JSON object, each as JSON; nothing where there is none."""
    if not bytes(raw):
        return {}
    found: object = json.loads(bytes(raw))
    if not isinstance(found, dict):
        return {}
    return {str(name): json.dumps(value, ensure_ascii=False) for name, value in found.items()}


AUDITS: Final = Resource(
    path="/auditLogs/directoryAudits",
    permission=Permission.AUDIT_LOG_READ_ALL,
    asked=Collection(
        name="auditLogs/directoryAudits",
        properties=(
            Property(path="id", field="id"),
            Property(path="activityDateTime", field="at", kind=Kind.INSTANT, operators=EVERY_OPERATOR, ordered=True),
            Property(path="activityDisplayName", field="code", spelled=CODE_OF),
            Property(path="category", field="category", spelled={each: each for each in values_of("category")}),
            Property(path="loggedByService", field="service", spelled={each: each for each in values_of("service")}),
            Property(path="operationType", field="operation", spelled={each: each for each in values_of("operation")}),
            Property(path="result", field="result", spelled={"success": "success", "failure": "failure"}),
            Property(path="correlationId", field="session_id", nullable=True),
            Property(path="initiatedBy/user/id", field="actor_id", nullable=True),
            Property(path="assay/targetUserId", field="user_id", nullable=True),
            Property(path="assay/targetAppId", field="app_id", nullable=True),
        ),
        selectable=members_of(AuditShape),
        order=Order(field="at", descending=True),
        key=(("at", Kind.INSTANT), ("leaf_index", Kind.NUMBER)),
    ),
    shape=AuditShape,
    words="Changes, newest first.",
    find=lambda graph, ask: graph.reading.activity.changes(ask),
    show=audit_shape,
    one=lambda graph, audit_id: graph.reading.activity.change(audit_id),
    one_words="One change, by id.",
)

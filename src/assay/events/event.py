"""An event before it has its place in the log, and how it becomes the envelope that is kept."""

from datetime import datetime
from hashlib import sha256
from typing import Final

import msgspec

from assay.events.envelope import (
    NOTHING,
    Actor,
    BatchRoot,
    DecisionReference,
    Endpoint,
    Entity,
    Envelope,
    Group,
    HttpRequest,
    LeafRange,
    Metadata,
    Service,
    Session,
    Unmapped,
    User,
    milliseconds,
)
from assay.events.types import ChangeType, EventType
from assay.values import AppId, EventId, GroupId, InvalidInputError, Reason, SessionId, UserId, Value, new_id

SALT_BYTES: Final = 32
# What clients send is cut, never refused: an attacker must not be able to keep an event out of the log.
TEXT_LIMIT: Final = 512


class Source(Value, frozen=True, kw_only=True):
    """Where it came from: the connection's peer and what its client called itself."""

    ip: str
    port: int | None = None
    user_agent: str = ""


class About(Value, frozen=True, kw_only=True):
    """What the event is about; the names are kept as they were at that moment."""

    user_id: UserId | None = None
    user_name: str = ""
    group_id: GroupId | None = None
    group_name: str = ""
    app_id: AppId | None = None
    app_name: str = ""
    entity: Entity | None = None
    session_id: SessionId | None = None


class Event(Value, frozen=True, kw_only=True):
    """Something that happened; `change` and `occurrence` make them."""

    type: EventType
    at: datetime
    actor: Actor
    about: About
    source: Source | None = None
    reason: Reason | None = None
    before: msgspec.Raw = NOTHING
    after: msgspec.Raw = NOTHING
    decision: DecisionReference | None = None
    batch: BatchRoot | None = None
    erased: tuple[LeafRange, ...] = ()
    pruned_through: int | None = None
    cut_microseconds: tuple[int, ...] = ()


def change(
    kind: ChangeType,
    *,
    at: datetime,
    actor: Actor,
    about: About,
    before: msgspec.Struct | None,
    after: msgspec.Struct | None,
    reason: Reason,
    source: Source | None = None,
) -> Event:
    """A change of what is stored.

    `before` and `after` are the values as JSON objects, None where there was or is nothing. They must hold no
    secret, sealed or hashed: the log is read by more people than the tables are.
    """
    return Event(
        type=kind,
        at=at,
        actor=actor,
        about=about,
        before=_json(before),
        after=_json(after),
        reason=reason,
        source=source,
    )


def occurrence(
    kind: EventType,
    *,
    at: datetime,
    actor: Actor,
    about: About,
    source: Source | None = None,
    reason: Reason | None = None,
) -> Event:
    """Something that happened without changing what is stored; raises InvalidInputError for a type of change."""
    if isinstance(kind, ChangeType):
        raise InvalidInputError(f"an event {kind.code} needs before, after and reason")
    return Event(type=kind, at=at, actor=actor, about=about, source=source, reason=reason)


def event_id(salt: bytes) -> EventId:
    """The id of the event with this salt: one way, so that it survives the salt's erasure without telling it.

    It also makes a salt used twice a duplicate id, which the database refuses.
    """
    if len(salt) != SALT_BYTES:
        raise InvalidInputError(f"a salt has {SALT_BYTES} random bytes, not {len(salt)}")
    return EventId(new_id(sha256(b"assay event id\x00" + salt).digest()))


def envelope(event: Event, uid: EventId, sequence: int) -> Envelope:
    """The event as leaf number `sequence`."""
    kind, about = event.type, event.about
    return Envelope(
        metadata=Metadata(uid=uid, sequence=sequence, event_code=kind.code),
        class_uid=kind.class_uid,
        category_uid=kind.category_uid,
        activity_id=kind.activity_id,
        type_uid=kind.type_uid,
        severity_id=kind.severity_id,
        status_id=kind.status_id,
        status_code=event.reason.code if event.reason else None,
        time=milliseconds(event.at),
        time_dt=event.at,
        actor=event.actor,
        user=_user(about),
        group=Group(uid=about.group_id, name=_cut(about.group_name)) if about.group_id else None,
        service=Service(uid=about.app_id, name=_cut(about.app_name)) if about.app_id else None,
        entity=about.entity,
        session=Session(uid=about.session_id) if about.session_id else None,
        src_endpoint=Endpoint(ip=event.source.ip, port=event.source.port) if event.source else None,
        http_request=_http_request(event.source),
        unmapped=Unmapped(
            reason=event.reason,
            before=event.before,
            after=event.after,
            decision=event.decision,
            batch=event.batch,
            erased=event.erased,
            pruned_through=event.pruned_through,
            cut_microseconds=event.cut_microseconds,
        ),
    )


def _json(value: msgspec.Struct | None) -> msgspec.Raw:
    return NOTHING if value is None else msgspec.Raw(msgspec.json.encode(value, order="deterministic"))


def _user(about: About) -> User | None:
    if about.user_id is None and not about.user_name:
        return None
    return User(uid=about.user_id, name=_cut(about.user_name) or None)


def _http_request(source: Source | None) -> HttpRequest | None:
    return HttpRequest(user_agent=_cut(source.user_agent)) if source and source.user_agent else None


def _cut(text: str) -> str:
    # A lone surrogate has no bytes; what cannot be written down must not stop the record.
    return text[:TEXT_LIMIT].encode("utf-8", "replace").decode()

"""The envelope: one versioned record, OCSF 1.8 in shape and names, for everything that happens here."""

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

import msgspec

from assay.values import AppId, CredentialId, EventId, GroupId, PolicyId, Reason, SessionId, Stored, UserId

ENVELOPE_VERSION: Final = "1"
OCSF_VERSION: Final = "1.8.0"

# An absent object; msgspec knows no optional Raw. Always this one: it is recognised by identity and left out.
NOTHING: Final = msgspec.Raw(b"")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Ocsf(Stored, frozen=True, kw_only=True, rename="lower", omit_defaults=True):
    """The base of OCSF's objects, whose names are in snake case."""


class ActorKind(StrEnum):
    """Who acted: a person who signed in, a program with a token, a user of the host at the admin socket, or Assay."""

    USER = "user"
    PROGRAM = "program"
    HOST = "host"
    SYSTEM = "system"


class Session(Ocsf, frozen=True, kw_only=True):
    """OCSF `session`."""

    uid: SessionId


class User(Ocsf, frozen=True, kw_only=True):
    """OCSF `user`: `uid` is absent where somebody typed a name that nobody has."""

    uid: str | None = None
    name: str | None = None
    type: str | None = None


class Actor(Ocsf, frozen=True, kw_only=True):
    """OCSF `actor`: who acted, and in which session."""

    user: User
    session: Session | None = None

    @classmethod
    def person(cls, user_id: UserId, name: str, session_id: SessionId | None = None) -> "Actor":
        """A person of this organisation."""
        session = Session(uid=session_id) if session_id else None
        return cls(user=User(uid=user_id, name=name, type=ActorKind.USER), session=session)

    @classmethod
    def program(cls, token_id: CredentialId, name: str) -> "Actor":
        """A script with a named token of the API; the token's id is where a person's would be."""
        return cls(user=User(uid=token_id, name=name, type=ActorKind.PROGRAM))

    @classmethod
    def host(cls, uid: int, name: str) -> "Actor":
        """A user of the host, as SO_PEERCRED tells it."""
        return cls(user=User(uid=f"host:{uid}", name=name, type=ActorKind.HOST))

    @classmethod
    def system(cls) -> "Actor":
        """Assay itself: jobs, first start, expiry."""
        return cls(user=User(uid="system", name="Assay", type=ActorKind.SYSTEM))

    @property
    def kind(self) -> ActorKind:
        return ActorKind(self.user.type or ActorKind.USER)


class Group(Ocsf, frozen=True, kw_only=True):
    """OCSF `group`."""

    uid: GroupId
    name: str


class Service(Ocsf, frozen=True, kw_only=True):
    """OCSF `service`: the app that the event is about."""

    uid: AppId
    name: str


class Entity(Ocsf, frozen=True, kw_only=True):
    """OCSF `managed_entity`: what was changed where it is no user, group or app (policy, role, location, key)."""

    uid: str
    name: str = ""
    type: str


class Endpoint(Ocsf, frozen=True, kw_only=True):
    """OCSF `network_endpoint`: the connection's peer."""

    ip: str
    port: int | None = None


class HttpRequest(Ocsf, frozen=True, kw_only=True):
    """OCSF `http_request`, as far as it is kept."""

    user_agent: str


class Product(Ocsf, frozen=True, kw_only=True):
    """OCSF `product`."""

    name: str
    vendor_name: str


class Metadata(Ocsf, frozen=True, kw_only=True):
    """OCSF `metadata`: `sequence` is the leaf's number in the tree, so that a record betrays being moved."""

    uid: EventId
    sequence: int
    event_code: str
    version: str = msgspec.field(default_factory=lambda: OCSF_VERSION)
    log_version: str = msgspec.field(default_factory=lambda: ENVELOPE_VERSION)
    product: Product = msgspec.field(default_factory=lambda: Product(name="Assay", vendor_name="Assay"))
    profiles: tuple[str, ...] = ("datetime",)


class Applied(Ocsf, frozen=True, kw_only=True):
    """One policy that applied, by the name it had then, and its result in Graph's words."""

    policy: PolicyId
    name: str
    result: str


class DecisionReference(Ocsf, frozen=True, kw_only=True):
    """What a decision rested on, enough to make it again: hashes point into `policy_set` and `snapshot`."""

    uid: str
    outcome: str
    policy_set_hash: str
    snapshot_hash: str
    engine_version: str
    applied: tuple[Applied, ...] = ()


class BatchRoot(Ocsf, frozen=True, kw_only=True):
    """The decisions that this record vouches for: their number and the root of their own tree, in hex."""

    count: int
    root: str


class LeafRange(Ocsf, frozen=True, kw_only=True):
    """Leaves first to last, both included."""

    first: int
    last: int


class Unmapped(Ocsf, frozen=True, kw_only=True):
    """OCSF `unmapped`: what the standard has no place for.

    `before` and `after` are JSON objects as bytes: their shapes belong to the rooms that write them.
    `erased`: leaves whose content was removed, `pruned_through`: batches up to this leaf lost their decisions.
    `cut_microseconds`: what each connection that was cut took, from when its access was withdrawn to its reset.
    """

    reason: Reason | None = None
    before: msgspec.Raw = NOTHING
    after: msgspec.Raw = NOTHING
    decision: DecisionReference | None = None
    batch: BatchRoot | None = None
    erased: tuple[LeafRange, ...] = ()
    pruned_through: int | None = None
    cut_microseconds: tuple[int, ...] = ()


class Envelope(Ocsf, frozen=True, kw_only=True):
    """One event as it is kept, hashed and exported; `time` is milliseconds since 1970, `time_dt` is exact."""

    metadata: Metadata
    class_uid: int
    category_uid: int
    activity_id: int
    type_uid: int
    severity_id: int
    status_id: int
    status_code: str | None = None
    time: int
    time_dt: datetime
    actor: Actor
    user: User | None = None
    group: Group | None = None
    service: Service | None = None
    entity: Entity | None = None
    session: Session | None = None
    src_endpoint: Endpoint | None = None
    http_request: HttpRequest | None = None
    unmapped: Unmapped


def milliseconds(instant: datetime) -> int:
    """OCSF's `time`: whole milliseconds since 1970."""
    return (instant - _EPOCH) // timedelta(milliseconds=1)


decoder = msgspec.json.Decoder(Envelope)

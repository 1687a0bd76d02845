"""Events and decisions as flows would write them, for the tests of this room."""

import os
from datetime import UTC, datetime, timedelta

import msgspec

from assay.events import About, Actor, DecisionEntry, Event, Source, change, occurrence, record, types
from assay.events.records.log import Leaf, stream_leaves
from assay.policy import PolicySet, policy_set_hash
from assay.store import Store, Transaction
from assay.values import AppId, EventId, Reason, SessionId, UserId, Value

NOTHING_PUBLISHED = policy_set_hash(PolicySet())
AT = datetime(2026, 3, 2, 9, 30, 0, 123456, tzinfo=UTC)


class Person(Value, frozen=True, kw_only=True):
    name: str


class TestClock:
    """A clock that moves when it is told to."""

    __test__ = False

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> datetime:
        return AT + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return self.seconds


def failed_sign_in(name: str = "alice", *, at: datetime = AT) -> Event:
    return occurrence(
        types.SIGN_IN_FAILED,
        at=at,
        actor=Actor.system(),
        about=About(user_id=UserId(f"id-{name}"), user_name=name),
        source=Source(ip="203.0.113.9", user_agent="curl"),
        reason=Reason.of("password-wrong"),
    )


def user_created(name: str = "alice") -> Event:
    return change(
        types.USER_CREATED,
        at=AT,
        actor=Actor.host(1000, "root"),
        about=About(user_id=UserId(f"id-{name}"), user_name=name),
        before=None,
        after=Person(name=name),
        reason=Reason.of("asked"),
    )


def entry(
    session: str = "s1",
    app: str = "wiki",
    outcome: str = "allow",
    policies: str = NOTHING_PUBLISHED,
    snapshot: bytes = b'{"address":"203.0.113.9"}',
) -> DecisionEntry:
    return DecisionEntry(
        session_id=SessionId(session),
        user_id=UserId("id-alice"),
        app_id=AppId(app),
        outcome=outcome,
        policy_set_hash=policies,
        snapshot=snapshot,
        engine_version="1",
        reasons=(Reason.of("mfa-missing"),),
    )


async def append(store: Store, *events: Event) -> list[EventId]:
    """Append each in a transaction of its own."""

    ids = []
    for event in events:
        salt = os.urandom(32)

        def write(transaction: Transaction, event: Event = event, salt: bytes = salt) -> EventId:
            return record(transaction, event, salt=salt)

        ids.append(await store.write(write))
    return ids


async def leaves_of(store: Store) -> list[Leaf]:
    return await store.read(lambda reader: list(stream_leaves(reader)))


def as_json(line: bytes) -> dict[str, object]:
    return msgspec.json.decode(line, type=dict[str, object])

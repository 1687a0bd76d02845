"""Sign-ins, changes and decisions as lists show them, each row with what a reader looks up beside it."""

from collections.abc import Iterable, Mapping
from functools import lru_cache

import msgspec

from assay.access.policy_sets import kept_policy_set
from assay.access.premises import Premises
from assay.apps.records import apps
from assay.events import DecisionRecord
from assay.events.envelope import Envelope, decoder
from assay.events.records import audits, decisions, sign_ins
from assay.events.records.log import Leaf
from assay.events.records.sign_ins import ListedSignIn
from assay.events.sign_ins import SignIn
from assay.identities.records import users
from assay.policy import ConditionalAccessPolicy, PolicySet
from assay.policy.targets import NAMED_TARGETS
from assay.store import Reader
from assay.values import AppId, EventId, NotFoundError, UserId, Value
from assay.values.asking import Ask, Found


class ShownSignIn(Value, frozen=True, kw_only=True):
    """A sign-in with its event and the policies of its time, by id; `display_name` is the person's of today."""

    sign_in: SignIn
    event: Envelope
    display_name: str
    policies: Mapping[str, ConditionalAccessPolicy]


class ShownDecision(Value, frozen=True, kw_only=True):
    """A decision with the names of today."""

    record: DecisionRecord
    user_name: str
    app_name: str
    address: str


class Change(Value, frozen=True, kw_only=True):
    """A change of what is stored."""

    event: Envelope


class _Asked(Value, frozen=True, kw_only=True):
    address: str | None = None


class Activity:
    """The flow behind the lists of what happened."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises

    async def sign_ins(self, ask: Ask) -> Found[ShownSignIn]:
        """A page of sign-ins."""

        def look(reader: Reader) -> Found[ShownSignIn]:
            found = sign_ins.page(reader, ask)
            return Found(rows=shown_sign_ins(reader, found.rows), next=found.next, count=found.count)

        return await self._premises.store.read(look)

    async def sign_in(self, event_id: str) -> ShownSignIn:
        """One sign-in; raises NotFoundError."""

        def look(reader: Reader) -> ShownSignIn:
            found = sign_ins.by_id(reader, EventId(event_id.lower()))
            shown = () if found is None else shown_sign_ins(reader, (found,))
            if not shown:
                raise NotFoundError(f"there is no sign-in {event_id!r}", remedy="list them: /v1.0/auditLogs/signIns")
            return shown[0]

        return await self._premises.store.read(look)

    async def changes(self, ask: Ask) -> Found[Change]:
        """A page of changes."""

        def look(reader: Reader) -> Found[Change]:
            found = audits.page(reader, ask)
            read = [(leaf, envelope_of(leaf)) for leaf in found.rows]
            rows = tuple(Change(event=event) for _, event in read if event is not None)
            return Found(rows=rows, next=found.next, count=found.count)

        return await self._premises.store.read(look)

    async def change(self, event_id: str) -> Change:
        """One change; raises NotFoundError, also where its content was erased."""

        def look(reader: Reader) -> Change:
            leaf = audits.by_id(reader, EventId(event_id.lower()))
            event = None if leaf is None else envelope_of(leaf)
            if event is None:
                raise NotFoundError(
                    f"there is no change {event_id!r}", remedy="list them: /v1.0/auditLogs/directoryAudits"
                )
            return Change(event=event)

        return await self._premises.store.read(look)

    async def decisions(self, ask: Ask) -> Found[ShownDecision]:
        """A page of decisions."""

        def look(reader: Reader) -> Found[ShownDecision]:
            found = decisions.page(reader, ask)
            return Found(rows=shown_decisions(reader, found.rows), next=found.next, count=found.count)

        return await self._premises.store.read(look)


def shown_sign_ins(reader: Reader, listed: Iterable[ListedSignIn]) -> tuple[ShownSignIn, ...]:
    """Rows with what their event says; one whose event was erased meanwhile is left out."""
    names: dict[str, str] = {}
    found: list[ShownSignIn] = []
    for each in listed:
        event, user_id = envelope_of(each.leaf), each.sign_in.user_id
        if event is None:
            continue
        if user_id and user_id not in names:
            user = users.get(reader, UserId(user_id))
            names[user_id] = "" if user is None else user.display_name
        found.append(
            ShownSignIn(
                sign_in=each.sign_in,
                event=event,
                display_name=names.get(user_id, ""),
                policies=_policies(reader, event),
            )
        )
    return tuple(found)


def shown_decisions(reader: Reader, records: Iterable[DecisionRecord]) -> tuple[ShownDecision, ...]:
    """Decisions with names and addresses."""
    records = tuple(records)
    user_names = {
        user_id: user.user_name
        for user_id in {record.user_id for record in records if record.user_id is not None}
        if (user := users.get(reader, user_id)) is not None
    }
    app_names = {app.id: app.display_name for app in apps.every(reader)}
    return tuple(
        ShownDecision(
            record=record,
            user_name=user_names.get(record.user_id, "") if record.user_id is not None else "",
            app_name=_app_name(record.app_id, app_names),
            address=_address(decisions.snapshot(reader, record.snapshot_hash)),
        )
        for record in records
    )


def envelope_of(leaf: Leaf) -> Envelope | None:
    """What an event says; None where it was erased or cannot be read."""
    try:
        return None if leaf.payload is None else decoder.decode(leaf.payload)
    except msgspec.ValidationError:
        return None


def _policies(reader: Reader, event: Envelope) -> Mapping[str, ConditionalAccessPolicy]:
    decision = event.unmapped.decision
    if decision is None or not decision.applied:
        return {}
    content = decisions.policy_set(reader, decision.policy_set_hash)
    return _by_id(kept_policy_set(reader, decision.policy_set_hash) if content is None else _decoded(content))


@lru_cache(maxsize=16)
def _decoded(content: bytes) -> PolicySet:
    return msgspec.json.decode(content, type=PolicySet)


def _by_id(policy_set: PolicySet | None) -> Mapping[str, ConditionalAccessPolicy]:
    return {} if policy_set is None else {policy.id: policy for policy in policy_set.policies}


def _app_name(app_id: AppId | None, names: Mapping[AppId, str]) -> str:
    if app_id is None:
        return ""
    return names.get(app_id, NAMED_TARGETS.get(app_id, ""))


def _address(snapshot: bytes | None) -> str:
    try:
        return "" if snapshot is None else msgspec.json.decode(snapshot, type=_Asked).address or ""
    except msgspec.MsgspecError:
        return ""

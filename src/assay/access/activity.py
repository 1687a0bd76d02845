"""Sign-ins, changes and decisions as lists show them, each row with what a reader looks up beside it."""

from collections.abc import Iterable, Mapping
from functools import lru_cache, partial

import msgspec
from msgspec.structs import replace

from assay.access.policy_sets import kept_policy_set
from assay.access.premises import Premises
from assay.apps.records import apps
from assay.events import DecisionRecord
from assay.events.envelope import Envelope, decoder
from assay.events.records import audits, decisions, sign_ins
from assay.events.records.log import Leaf, event_table, find_by_id
from assay.events.records.sign_ins import ListedSignIn
from assay.events.sign_ins import SignIn
from assay.identities.records import users
from assay.policy import ConditionalAccessPolicy, PolicySet
from assay.policy.targets import NAMED_TARGETS
from assay.store import DamagedRow, Reader
from assay.values import AppId, EventId, InvalidInputError, NotFoundError, UserId, Value
from assay.values.asking import All, Among, Ask, Compare, Condition, Either, Found, Not, Scalar


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

        return await self._premises.store.read_list(look)

    async def sign_in(self, event_id: str) -> ShownSignIn:
        """One sign-in; raises NotFoundError."""

        def look(reader: Reader) -> ShownSignIn:
            found = sign_ins.by_id(reader, EventId(event_id.lower()))
            shown = () if found is None else shown_sign_ins(reader, (found,))
            if not shown:
                raise NotFoundError(f"there is no sign-in {event_id!r}", remedy="list them: /v1.0/auditLogs/signIns")
            return shown[0]

        return await self._premises.store.read_list(look)

    async def changes(self, ask: Ask) -> Found[Change]:
        """A page of changes."""

        def look(reader: Reader) -> Found[Change]:
            found = audits.page(reader, ask)
            read = (envelope_of(reader, leaf) for leaf in found.rows)
            rows = tuple(Change(event=event) for event in read if event is not None)
            return Found(rows=rows, next=found.next, count=found.count)

        return await self._premises.store.read_list(look)

    async def change(self, event_id: str) -> Change:
        """One change; raises NotFoundError, also where its content was erased."""

        def look(reader: Reader) -> Change:
            leaf = audits.by_id(reader, EventId(event_id.lower()))
            event = None if leaf is None else envelope_of(reader, leaf)
            if event is None:
                raise NotFoundError(
                    f"there is no change {event_id!r}", remedy="list them: /v1.0/auditLogs/directoryAudits"
                )
            return Change(event=event)

        return await self._premises.store.read_list(look)

    async def decisions(self, ask: Ask) -> Found[ShownDecision]:
        """A page of decisions; the field `user_key` is a person's name of today (`users.key_of`)."""

        def look(reader: Reader) -> Found[ShownDecision]:
            found = decisions.page(reader, _by_person(reader, ask))
            return Found(rows=shown_decisions(reader, found.rows), next=found.next, count=found.count)

        return await self._premises.store.read_list(look)


def shown_sign_ins(reader: Reader, listed: Iterable[ListedSignIn]) -> tuple[ShownSignIn, ...]:
    """Rows with what their event says; one whose event was erased meanwhile, or cannot be read, is left out."""
    listed = tuple(listed)
    people = users.several(reader, {UserId(each.sign_in.user_id) for each in listed if each.sign_in.user_id})
    sets: dict[str, Mapping[str, ConditionalAccessPolicy]] = {}
    found: list[ShownSignIn] = []
    for each in listed:
        event, user = envelope_of(reader, each.leaf), people.get(UserId(each.sign_in.user_id))
        if event is None:
            continue
        found.append(
            ShownSignIn(
                sign_in=each.sign_in,
                event=event,
                display_name="" if user is None else user.display_name,
                policies=_policies(reader, event, sets),
            )
        )
    return tuple(found)


def shown_decisions(reader: Reader, records: Iterable[DecisionRecord]) -> tuple[ShownDecision, ...]:
    """Decisions with names and addresses."""
    records = tuple(records)
    people = users.several(reader, {record.user_id for record in records if record.user_id is not None})
    app_names = {app.id: app.display_name for app in apps.every(reader)}
    seen = decisions.snapshots(reader, {record.snapshot_hash for record in records})
    return tuple(
        ShownDecision(
            record=record,
            user_name=people[record.user_id].user_name if record.user_id in people else "",
            app_name=_app_name(record.app_id, app_names),
            address=_address(seen.get(record.snapshot_hash)),
        )
        for record in records
    )


def envelope_of(reader: Reader, leaf: Leaf) -> Envelope | None:
    """What an event says; None where it was erased, or cannot be read, which is told like a row that cannot."""
    try:
        return None if leaf.payload is None else decoder.decode(leaf.payload)
    except msgspec.MsgspecError as error:
        damaged = DamagedRow(table=str(event_table.name), key=str(leaf.leaf_index), error=type(error).__name__)
        reader.skipped(damaged, partial(_decoded_again, event_id=leaf.id))
        return None


def _decoded_again(reader: Reader, event_id: EventId) -> Envelope | None:
    leaf = find_by_id(reader, event_id)
    return None if leaf is None or leaf.payload is None else decoder.decode(leaf.payload)


def _policies(
    reader: Reader, event: Envelope, sets: dict[str, Mapping[str, ConditionalAccessPolicy]]
) -> Mapping[str, ConditionalAccessPolicy]:
    """The policies of that time; `sets`: those of the page's rows so far, nearly all of which rest on one set."""
    decision = event.unmapped.decision
    if decision is None or not decision.applied:
        return {}
    digest = decision.policy_set_hash
    if digest not in sets:
        sets[digest] = _kept(reader, digest)
    return sets[digest]


def _kept(reader: Reader, digest: str) -> Mapping[str, ConditionalAccessPolicy]:
    content = decisions.policy_set(reader, digest)
    try:
        return _by_id(kept_policy_set(reader, digest) if content is None else _decoded(content))
    except (InvalidInputError, msgspec.MsgspecError):
        # What these policies demanded is not shown; that the set is damaged, `assay explain` and the log's check say.
        return {}


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


def _by_person(reader: Reader, ask: Ask) -> Ask:
    """The same question with people's ids in place of their names, which decisions do not have."""
    return ask if ask.where is None else replace(ask, where=_of_person(reader, ask.where))


def _of_person(reader: Reader, condition: Condition) -> Condition:
    match condition:
        case All() | Either():
            return replace(condition, parts=tuple(_of_person(reader, part) for part in condition.parts))
        case Not():
            return Not(part=_of_person(reader, condition.part))
        case Compare() if condition.field == "user_key":
            return Compare(field="user_id", operator=condition.operator, value=_id_of(reader, condition.value))
        case Among() if condition.field == "user_key":
            return Among(field="user_id", values=tuple(_id_of(reader, value) for value in condition.values))
        case _:
            return condition


def _id_of(reader: Reader, name: Scalar) -> Scalar:
    """The id of who has this name; "" is nobody's, and None means that nobody was known."""
    if name is None:
        return None
    user = users.by_name(reader, str(name))
    return "" if user is None else user.id

"""What a draft of policies would have made of the decisions that are kept: who, at which app, by which policy."""

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from assay.access.explain import UNASKED
from assay.access.import_policies import ImportOptions, ImportPlan, plan_import
from assay.access.policy_sets import kept_policy_set
from assay.access.premises import Premises
from assay.access.snapshot import decode_snapshot
from assay.apps.records import apps, credentials
from assay.events import DecisionRecord
from assay.events.records.decision_pages import decisions_since
from assay.events.records.decisions import snapshots
from assay.identities.records import users
from assay.policy import (
    AccessRequest,
    CompiledPolicySet,
    DanglingReference,
    Decision,
    Outcome,
    PolicySet,
    SourceFile,
    compile_policies,
)
from assay.policy.definition import PolicyState
from assay.policy.malformed_sentences import sentence_at
from assay.policy.replayed import Changed, ChangeKind, Counted, Counter, change_kind, policies_behind
from assay.policy.targets import NAMED_TARGETS
from assay.store import Reader
from assay.values import AppId, CredentialId, InvalidInputError, UserId, Value

if TYPE_CHECKING:
    from assay.policy.columns import Columns

PAGE: Final = 4_000  # decisions that are held at once
SNAPSHOTS_AT_ONCE: Final = 500
COMPILED: Final = 4  # sets by which decisions were made that are kept compiled
SHOWN: Final = 20  # of the errors of a draft


class NamedCount(Value, frozen=True, kw_only=True):
    """How many decisions on one person or app, or by one policy; `example`: the id of one of them."""

    id: str
    name: str
    count: int
    example: str


class ChangedDecisions(Value, frozen=True, kw_only=True):
    """The decisions that would come out differently in one way.

    `already`: of these so many come out so by the policies in force, without the draft.
    `beyond`: of the people so many decisions are not counted by name, because there are too many people.
    """

    kind: ChangeKind
    count: int
    already: int
    people: tuple[NamedCount, ...]
    apps: tuple[NamedCount, ...]
    policies: tuple[NamedCount, ...]
    beyond: int


class Replayed(Value, frozen=True, kw_only=True):
    """What became of the decisions from `first` to `last`. `not_on`: of those `drafted` they decide nothing.

    `dangling`: what the draft names and is not here, so that nobody and nothing is meant by it.
    `unasked`: no policy was asked. `unreadable`: the decision or its signals are not kept, or cannot be read.
    `without_set`: the policies that it was made by are not kept, so that it could not be made again.
    `differently`: made again by today's engine it does not come out as recorded; `differently_example`: one of these.
    """

    replaces: bool
    drafted: tuple[str, ...]
    not_on: tuple[str, ...]
    dangling: tuple[DanglingReference, ...]
    first: datetime | None
    last: datetime | None
    decisions: int
    unchanged: int
    changes: tuple[ChangedDecisions, ...]
    unasked: int
    unreadable: int
    without_set: int
    differently: int
    differently_example: str


class Replays:
    """The flow behind `assay policy replay`."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises

    async def replay(
        self, files: tuple[SourceFile, ...], options: ImportOptions, *, whole: bool, since: datetime | None
    ) -> Replayed:
        """Hold a draft against what was decided since an instant, or ever. Nothing is stored.

        `whole`: the draft takes the place of all policies; otherwise each of its policies takes the place of the one
        with its id, or is added. Raises InvalidInputError where the draft cannot be read or has no policy.
        """
        store = self._premises.store
        plan = await store.read_long(lambda reader: _plan(reader, files, options))
        replaying = _Replaying(plan, _drafted(plan, whole=whole))
        after: tuple[datetime, str] | None = None
        while True:
            after = await store.read_long(partial(replaying.page, since=since, after=after))
            if after is None:
                break
        return await store.read_long(lambda reader: replaying.told(reader, plan, whole=whole))


def _plan(reader: Reader, files: tuple[SourceFile, ...], options: ImportOptions) -> ImportPlan:
    plan = plan_import(reader, files, options)
    if plan.malformed:
        told = "; ".join(bad.source + sentence_at(bad.path, bad.reason) for bad in plan.malformed[:SHOWN])
        raise InvalidInputError(f"the draft cannot be read: {told}", remedy="mend it; nothing was replayed")
    if not plan.policies:
        raise InvalidInputError("the draft holds no policy", remedy="give a policy as Graph exports it")
    return plan


def _drafted(plan: ImportPlan, *, whole: bool) -> PolicySet:
    """The set that the draft would lead to; its policies in the states that they ask for."""
    now = plan.now
    policies = {} if whole else {policy.id: policy for policy in now.policies}
    policies |= {each.policy.id: replace(each.policy, state=each.wanted) for each in plan.policies}
    locations = {each.id: each for each in now.locations} | {each.location.id: each.location for each in plan.locations}
    strengths = {each.id: each for each in now.strengths} | {each.strength.id: each.strength for each in plan.strengths}
    return PolicySet(
        policies=tuple(policies.values()), locations=tuple(locations.values()), strengths=tuple(strengths.values())
    )


class _Replaying:
    """The counts so far; bounded by people, apps and policies, not by decisions."""

    def __init__(self, plan: ImportPlan, drafted: PolicySet) -> None:
        self._draft = compile_policies(drafted)
        self._now = compile_policies(plan.now)
        self._then: OrderedDict[str, CompiledPolicySet | None] = OrderedDict()
        self._changes = {kind: Changed() for kind in ChangeKind}
        self._names: dict[str, str] = {}
        self._first: datetime | None = None
        self._last: datetime | None = None
        self._decisions = self._unasked = self._unreadable = self._without_set = self._differently = 0
        self._differently_example = ""

    def page(
        self, reader: Reader, *, since: datetime | None, after: tuple[datetime, str] | None
    ) -> tuple[datetime, str] | None:
        """Replay the next decisions; after which the next page begins."""
        found = decisions_since(reader, since, after, PAGE)
        self._unreadable += found.unreadable
        by_set: dict[str, list[DecisionRecord]] = {}
        for record in found.records:
            self._first, self._last = self._first or record.at, record.at
            self._decisions += record.count
            if any(reason.code in UNASKED for reason in record.reasons):
                self._unasked += record.count
            else:
                by_set.setdefault(record.policy_set_hash, []).append(record)
        asked = _requests(reader, [record for records in by_set.values() for record in records])
        for digest, records in by_set.items():
            kept = [record for record in records if record.snapshot_hash in asked]
            self._unreadable += sum(record.count for record in records) - sum(record.count for record in kept)
            if kept:
                self._replay(self._set_of(reader, digest), kept, asked)
        return found.last

    def _set_of(self, reader: Reader, digest: str) -> CompiledPolicySet | None:
        """The set that decisions were made by; None: it is not kept, or not as it was."""
        if digest not in self._then:
            try:
                kept = kept_policy_set(reader, digest)
            except InvalidInputError:
                kept = None
            self._then[digest] = None if kept is None else compile_policies(kept)
        self._then.move_to_end(digest)
        while len(self._then) > COMPILED:
            self._then.popitem(last=False)
        return self._then[digest]

    def _replay(
        self, then: CompiledPolicySet | None, records: Sequence[DecisionRecord], asked: Mapping[str, AccessRequest]
    ) -> None:
        # Only now: a service that never replays does not pay for NumPy.
        from assay.policy.columns import Columns

        places = {digest: place for place, digest in enumerate(dict.fromkeys(each.snapshot_hash for each in records))}
        columns = Columns(
            [asked[digest] for digest in places],
            [places[record.snapshot_hash] for record in records],
            [record.at for record in records],
        )
        before = None if then is None else _decided(then, columns)
        already, after = _decided(self._now, columns), _decided(self._draft, columns)
        if before is None:
            self._without_set += sum(record.count for record in records)
        else:
            for record, decision in zip(records, before, strict=True):
                self._hold_against(record, decision)
        for place, record in enumerate(records):
            self._count(record, None if before is None else before[place], already[place], after[place])

    def _hold_against(self, record: DecisionRecord, again: Decision) -> None:
        """Whether today's engine answers as was recorded, as far as columns say (all but until when it holds)."""
        said = tuple((found.policy, found.result.value) for found in (*again.applied, *again.report_only))
        kept = tuple((found.policy, found.result) for found in record.applied)
        if again.outcome.value != record.outcome or again.reasons != record.reasons or said != kept:
            self._differently += record.count
            self._differently_example = self._differently_example or record.uid

    def _count(self, record: DecisionRecord, before: Decision | None, already: Decision, after: Decision) -> None:
        was = Outcome(record.outcome)
        alike = before is None or (before.limits == after.limits and before.session == after.session)
        kind = change_kind(was, after.outcome, alike=alike)
        changed = self._changes[kind]
        changed.count += record.count
        if kind is ChangeKind.UNCHANGED:
            return
        if already.outcome is after.outcome and already.limits == after.limits and already.session == after.session:
            changed.already += record.count
        changed.people.add(record.user_id or record.session_id or "", record.count, record.uid)
        changed.apps.add(record.app_id or "", record.count, record.uid)
        for policy, name in policies_behind(kind, before, after):
            self._names[policy] = name
            changed.policies.add(policy, record.count, record.uid)

    def told(self, reader: Reader, plan: ImportPlan, *, whole: bool) -> Replayed:
        """All that was found, with the names of today."""
        changes = tuple(
            _told(reader, kind, found, self._names)
            for kind, found in self._changes.items()
            if kind is not ChangeKind.UNCHANGED
        )
        return Replayed(
            replaces=whole,
            drafted=tuple(each.policy.display_name for each in plan.policies),
            not_on=tuple(each.policy.display_name for each in plan.policies if each.wanted is not PolicyState.ENABLED),
            dangling=tuple(reference for each in plan.policies for reference in each.dangling),
            first=self._first,
            last=self._last,
            decisions=self._decisions,
            unchanged=self._changes[ChangeKind.UNCHANGED].count,
            changes=changes,
            unasked=self._unasked,
            unreadable=self._unreadable,
            without_set=self._without_set,
            differently=self._differently,
            differently_example=self._differently_example,
        )


def _decided(compiled: CompiledPolicySet, columns: "Columns") -> list[Decision]:
    from assay.policy.simulate import simulate

    answers = simulate(compiled, columns)
    return [answers.decisions[sort] for sort in answers.sorts.tolist()]


def _requests(reader: Reader, records: Sequence[DecisionRecord]) -> dict[str, AccessRequest]:
    """What was asked, by the hash of the signals; those that are kept and can be read."""
    wanted = list(dict.fromkeys(record.snapshot_hash for record in records))
    instants = {record.snapshot_hash: record.at for record in records}
    found: dict[str, AccessRequest] = {}
    for start in range(0, len(wanted), SNAPSHOTS_AT_ONCE):
        for digest, content in snapshots(reader, wanted[start : start + SNAPSHOTS_AT_ONCE]).items():
            if sha256(content).hexdigest() != digest:  # not what was seen then
                continue
            try:
                found[digest] = decode_snapshot(content, instants[digest])
            except InvalidInputError:
                continue
    return found


def _told(reader: Reader, kind: ChangeKind, found: Changed, names: Mapping[str, str]) -> ChangedDecisions:
    return ChangedDecisions(
        kind=kind,
        count=found.count,
        already=found.already,
        people=_named(found.people, lambda each: _person(reader, each.id)),
        apps=_named(found.apps, lambda each: _app(reader, each.id)),
        policies=_named(found.policies, lambda each: names.get(each.id, "")),
        beyond=found.people.beyond,
    )


def _named(counter: Counter, name: Callable[[Counted], str]) -> tuple[NamedCount, ...]:
    return tuple(
        NamedCount(id=each.id, name=name(each) or each.id, count=each.count, example=each.example)
        for each in counter.every()
    )


def _person(reader: Reader, name: str) -> str:
    person = users.get(reader, UserId(name))
    if person is not None:
        return person.user_name
    found = credentials.get(reader, CredentialId(name)) if name else None
    return f"credential {found.name}" if found is not None else ""


def _app(reader: Reader, name: str) -> str:
    app = apps.get(reader, AppId(name)) if name else None
    return app.name if app is not None else NAMED_TARGETS.get(AppId(name), "")

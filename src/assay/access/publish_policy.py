"""Import, switch and remove policies: each publication is kept by its hash, and none may lock administrators out."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec.structs import replace

from assay.access.attempt import By, NotDone, UndoneError, attempt
from assay.access.import_policies import (
    ImportOptions,
    ImportPlan,
    Standing,
    plan_import,
    standing_of,
    standings_of,
)
from assay.access.known_ids import known_ids, resolve_mapping
from assay.access.premises import Premises
from assay.access.proving import WayBack
from assay.access.publication import Change, judge, publish, set_after
from assay.access.seen_version import WHATEVER, Seen
from assay.access.signals import read_policy_set
from assay.access.ways_back import ways_back
from assay.events.records import audits
from assay.events.records.search import content
from assay.events.types import LOCATION_CHANGED, POLICY_CHANGED, POLICY_IMPORTED, POLICY_PUBLISHED, POLICY_REMOVED
from assay.governance.records import policies
from assay.policy import ConditionalAccessPolicy, ImportResult, PolicySet, PolicyState, SourceFile, map_references
from assay.store import Reader, Transaction
from assay.values import ConflictError, NotFoundError, PolicyId, Reason, Value
from assay.values.naming import typed_name


class Imported(Value, frozen=True, kw_only=True):
    """What an import did, or in a dry run would do; `refusal`: why a dry run's changes could not be made."""

    plan: ImportPlan
    stored: bool
    policy_set_hash: str = ""
    refusal: Reason | None = None


class PolicyDetails(Value, frozen=True, kw_only=True):
    """A policy, what keeps it from being switched on, its version, since when and by whom that is, when it was made."""

    policy: ConditionalAccessPolicy
    standing: Standing
    version: int = 0
    changed_at: datetime | None = None
    changed_by: str | None = None
    created_at: datetime | None = None


class Policies:
    """The flow behind `assay policy`."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises

    async def every(self) -> tuple[PolicyDetails, ...]:
        """All policies, by name."""
        return await self._premises.store.read(lambda reader: details_of(reader, policies.every(reader)))

    async def show(self, name: str) -> PolicyDetails:
        """One policy by id or name; raises NotFoundError."""
        return await self._premises.store.read(lambda reader: details_of(reader, (policy_named(reader, name),))[0])

    async def policy_set(self) -> PolicySet:
        """Everything in force, for export."""
        return await self._premises.store.read(read_policy_set)

    async def import_files(self, by: By, files: tuple[SourceFile, ...], options: ImportOptions) -> Imported | NotDone:
        """Read files and store what they hold, all of it or nothing; an object that is stored already is left alone.

        Raises InvalidInputError for a mapping to what does not exist.
        """
        if options.dry_run:
            return await self._dry_run(by, files, options)

        def store(transaction: Transaction) -> Imported:
            plan = plan_import(transaction, files, options)
            digest = publish(self._premises, transaction, by, _changes_of(plan))
            return Imported(plan=plan, stored=True, policy_set_hash=digest)

        return await attempt(self._premises.store, store)

    async def set_state(
        self,
        by: By,
        name: str,
        state: PolicyState,
        *,
        mapping: tuple[tuple[str, str], ...] = (),
        waived: tuple[str, ...] = (),
        seen: Seen = WHATEVER,
    ) -> PolicyDetails | NotDone:
        """Switch a policy on, off or to report-only, mapping references first.

        Refused as on: with parts that are not decided, with references that are neither mapped nor waived, and
        where it would lock every administrator out.
        """

        def switch(transaction: Transaction) -> PolicyDetails:
            before = policy_named(transaction, name)
            seen.refuse_other(before)
            nothing = ImportResult()
            resolved = resolve_mapping(transaction, mapping, known_ids(transaction, nothing), nothing)
            after = replace(map_references(before, resolved), state=state)
            standing = standing_of(transaction, after, waived)
            if state is PolicyState.ENABLED:
                refuse_undecided(standing)
            published = state is PolicyState.ENABLED and before.state is not PolicyState.ENABLED
            kind = POLICY_PUBLISHED if published else POLICY_CHANGED
            publish(self._premises, transaction, by, (Change(kind=kind, before=before, after=after),))
            return PolicyDetails(policy=after, standing=standing)

        return await attempt(self._premises.store, switch)

    async def remove(self, by: By, name: str) -> ConditionalAccessPolicy | NotDone:
        """Remove a policy; its versions stay, for the decisions it was part of."""

        def remove(transaction: Transaction) -> ConditionalAccessPolicy:
            policy = policy_named(transaction, name)
            publish(self._premises, transaction, by, (Change(kind=POLICY_REMOVED, before=policy),))
            return policy

        return await attempt(self._premises.store, remove)

    async def _dry_run(self, by: By, files: tuple[SourceFile, ...], options: ImportOptions) -> Imported:
        def look(reader: Reader) -> tuple[Imported, tuple[WayBack, ...]]:
            plan = plan_import(reader, files, options)
            after = set_after(plan.now, _changes_of(plan))
            judged = judge(reader, plan.now, after, self._premises.now())
            back = ways_back(reader, plan.now, after, None)
            return Imported(plan=plan, stored=False, refusal=judged.refused), back

        found, back = await self._premises.store.read(look)
        proving = self._premises.proving
        if found.refusal is not None or proving is None:
            return found
        after = set_after(found.plan.now, _changes_of(found.plan))
        return replace(found, refusal=await proving.refusal(found.plan.now, after, by, back))


def _changes_of(plan: ImportPlan) -> tuple[Change, ...]:
    return (
        *(Change(kind=POLICY_CHANGED, before=each.before, after=each.strength) for each in plan.strengths),
        *(Change(kind=LOCATION_CHANGED, before=each.before, after=each.location) for each in plan.locations),
        *(
            Change(kind=POLICY_IMPORTED, before=each.before, after=each.stored)
            for each in plan.policies
            if not each.rolling_out
        ),
    )


def refuse_undecided(standing: Standing) -> None:
    """Raises UndoneError where a policy of this standing may not be on."""
    if standing.undecided_reason is not None:
        raise UndoneError(standing.undecided_reason)


def details_of(reader: Reader, wanted: Sequence[ConditionalAccessPolicy]) -> tuple[PolicyDetails, ...]:
    """These policies with what keeps each from being switched on, as things are now."""
    changed, created = policies.changes(reader), policies.beginnings(reader)
    by = _changed_by(reader, {policy.id: changed[policy.id][1] for policy in wanted})
    return tuple(
        PolicyDetails(
            policy=policy,
            standing=standing,
            version=changed[policy.id][0],
            changed_at=changed[policy.id][1],
            changed_by=by.get(policy.id),
            created_at=created.get(policy.id),
        )
        for policy, standing in zip(wanted, standings_of(reader, wanted), strict=True)
    )


def _changed_by(reader: Reader, changed: Mapping[PolicyId, datetime]) -> dict[str, str | None]:
    """Who made the versions of these instants, by their policies; without those of which the log does not say."""
    codes = tuple(kind.code for kind in (POLICY_CHANGED, POLICY_IMPORTED, POLICY_PUBLISHED))
    found: dict[str, str | None] = {}
    for leaf in audits.around(reader, changed.values(), codes):
        event = content(leaf)
        if event is None or event.entity is None or event.entity.uid in found:
            continue
        at = changed.get(PolicyId(event.entity.uid))
        if at is not None and audits.near(leaf.at, at):
            found[event.entity.uid] = event.actor.user.name
    return found


def policy_named(reader: Reader, name: str) -> ConditionalAccessPolicy:
    """The policy with this id or name; raises NotFoundError, and ConflictError where several have the name."""
    found = policies.get(reader, PolicyId(name.strip().lower()))
    if found is not None:
        return found
    wanted = typed_name(name)
    named = [policy for policy in policies.every(reader) if typed_name(policy.display_name) == wanted]
    if len(named) > 1:
        ids = ", ".join(policy.id for policy in named)
        raise ConflictError(f"{name!r} is the name of several policies", remedy=f"use an id: {ids}")
    if not named:
        raise NotFoundError(f"there is no policy {name!r}", remedy="list policies with: assay policy list")
    return named[0]

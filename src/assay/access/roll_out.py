"""Policies rolled out in stages: report-only, a cohort, on; each step by hand, the last two to be confirmed in time."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from msgspec.structs import replace

from assay.access.attempt import By, NotDone, UndoneError, attempt
from assay.access.everybody import Everybody
from assay.access.import_policies import ImportOptions, plan_import
from assay.access.known_ids import known_ids, resolve_mapping
from assay.access.named import group as group_named
from assay.access.premises import Premises
from assay.access.publication import judge, set_after
from assay.access.publish_policy import policy_named, refuse_undecided
from assay.access.rollout_cohort import Selection, all_meant, cohort_of
from assay.access.rollout_evidence import Evidence, evidence
from assay.access.rollout_standing import refuse_going_on, standing_beyond
from assay.access.rollout_steps import changes_back, confirm, go_back, take_step
from assay.access.signals import Signals, read_policy_set
from assay.governance.records import policies, rollouts
from assay.governance.rollouts import CONFIRM_WITHIN, Cohort, Rollout, Stage, confirm_by, may_go, overdue
from assay.policy import (
    ConditionalAccessPolicy,
    DanglingReference,
    ImportResult,
    PolicyState,
    SourceFile,
    map_references,
)
from assay.policy.validity import contradiction
from assay.store import Reader, Transaction
from assay.values import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    PolicyId,
    Reason,
    RefusedInputError,
    Value,
)
from assay.values.naming import typed_name

_Act = Callable[[Premises, Transaction, By, Rollout], Rollout | None]


class Draft(Value, frozen=True, kw_only=True):
    """The new text: of a file with one policy, or that of the policy `of` which is not on; of both, the file's.

    With `of` the file's policy takes the place of that one, without it that of the one with its id, or it is new.
    """

    of: str = ""
    file: SourceFile | None = None
    mapping: tuple[tuple[str, str], ...] = ()
    waived: tuple[str, ...] = ()


class Wish(Value, frozen=True, kw_only=True):
    """Where to go next: to a cohort, the people of a group or so many of a hundred; with neither to everybody.

    `within`: how long somebody has to confirm it; None: nobody has to. `anyway`: though an administrator was refused.
    """

    group: str = ""
    percent: int = 0
    within: timedelta | None = CONFIRM_WITHIN
    anyway: bool = False

    @property
    def stage(self) -> Stage:
        return Stage.COHORT if self.group or self.percent else Stage.ON


class ShownRollout(Value, frozen=True, kw_only=True):
    """A rollout; `rollout` None: it is over. `policy`: as it is stored now, None where it is gone.

    `evidence`: what was decided since its stage began, where that was asked for. `stuck`: why an overdue step could
    not go back. `dangling`: what the new text names and is neither here nor waived.
    """

    name: str
    policy_id: PolicyId
    policy: ConditionalAccessPolicy | None
    rollout: Rollout | None
    evidence: Evidence | None = None
    stuck: Reason | None = None
    dangling: tuple[DanglingReference, ...] = ()


class RollOuts:
    """The flow behind `assay policy roll-out`, and `assay policy on --confirm-within`."""

    def __init__(self, premises: Premises, signals: Signals) -> None:
        self._premises = premises
        self._signals = signals

    async def every(self) -> tuple[ShownRollout, ...]:
        """Every rollout that is not over, by the name of its policy."""
        at = self._premises.now()

        def look(reader: Reader) -> tuple[ShownRollout, ...]:
            found = sorted(rollouts.every(reader), key=lambda each: (each.name.casefold(), each.id))
            return tuple(_shown(reader, each, each, at) for each in found)

        return await self._premises.store.read(look)

    async def show(self, name: str) -> ShownRollout:
        """The rollout of a policy, with what was decided since its stage began; raises NotFoundError."""
        rollout = await self._premises.store.read(lambda reader: _rollout_of(reader, name))
        found, at = await self._evidence(rollout), self._premises.now()
        shown = await self._premises.store.read(lambda reader: _shown(reader, rollout, rollout, at))
        return replace(shown, evidence=found)

    async def start(self, by: By, draft: Draft, *, on_within: timedelta | None = None) -> ShownRollout | NotDone:
        """Begin in report-only, or with `on_within` at once with everybody, to be confirmed within that time.

        Raises InvalidInputError, RefusedInputError and NotFoundError for a bad draft, and for a bad length of time.
        """
        rollout_id = PolicyId(self._premises.new_id())
        stage = Stage.REPORT_ONLY if on_within is None else Stage.ON

        def start(transaction: Transaction) -> ShownRollout:
            at = self._premises.now()
            rollout = _drafted(transaction, draft, rollout_id)
            _refuse_open(transaction, rollout)
            if rollout.before is not None and rollout.before == rollout.text:
                raise UndoneError(Reason.of("rolloutNothingNew", name=rollout.name))
            if stage is Stage.ON:
                refuse_undecided(standing_beyond(transaction, rollout))
            until = confirm_by(at, on_within)
            after = take_step(self._premises, transaction, by, rollout, stage, confirm_by=until)
            return _shown(transaction, rollout, after, at)

        return await attempt(self._premises.store, start)

    async def advance(self, by: By, name: str, wish: Wish) -> ShownRollout | NotDone:
        """Take the next step; raises InvalidInputError and NotFoundError."""
        rollout = await self._premises.store.read(lambda reader: _rollout_of(reader, name))
        refused = may_go(rollout, wish.stage)
        if refused is not None:
            return NotDone(reason=refused)
        confirm_by(self._premises.now(), wish.within)  # refused before anything is looked up
        found = await self._evidence(rollout)
        if found.administrators and not wish.anyway:
            return NotDone(reason=found.refusal_of(rollout.name))
        everybody = self._signals.everybody()
        cohort = await self._cohort(rollout, wish, everybody) if wish.stage is Stage.COHORT else None
        if isinstance(cohort, Reason):
            return NotDone(reason=cohort)
        meant = await asyncio.to_thread(all_meant, rollout, everybody)

        def advance(transaction: Transaction) -> ShownRollout:
            if rollouts.get(transaction, rollout.id) != rollout:
                raise UndoneError(Reason.of("rolloutMoved", name=rollout.name))
            refuse_going_on(transaction, rollout)
            at = self._premises.now()
            after = take_step(
                self._premises,
                transaction,
                by,
                rollout,
                wish.stage,
                cohort=cohort,
                confirm_by=confirm_by(at, wish.within),
                all_meant=meant,
            )
            return _shown(transaction, rollout, after, at)

        done = await attempt(self._premises.store, advance)
        return done if isinstance(done, NotDone) else replace(done, evidence=found)

    async def confirm(self, by: By, name: str, *, seen: datetime | None = None) -> ShownRollout | NotDone:
        """Let the last step stand; raises NotFoundError. `seen`: the instant of the step that is meant, if any."""
        return await self._act(by, name, confirm, seen)

    async def back(self, by: By, name: str, *, seen: datetime | None = None) -> ShownRollout | NotDone:
        """Go back to what stood before the last step, at once; as `confirm`."""
        return await self._act(by, name, go_back, seen)

    async def _act(self, by: By, name: str, act: _Act, seen: datetime | None) -> ShownRollout | NotDone:
        def change(transaction: Transaction) -> ShownRollout:
            rollout = _rollout_of(transaction, name)
            # A deadline or somebody else may have been faster: their step is not the one that was looked at.
            if seen is not None and rollout.step.at != seen:
                raise UndoneError(Reason.of("rolloutMoved", name=rollout.name))
            after = act(self._premises, transaction, by, rollout)
            return _shown(transaction, rollout, after, self._premises.now())

        return await attempt(self._premises.store, change)

    async def _cohort(self, rollout: Rollout, wish: Wish, everybody: Everybody) -> Cohort | Reason:
        selection = await self._premises.store.read(lambda reader: _selection(reader, wish))
        # Beside the event loop: of many people it takes a while.
        return await asyncio.to_thread(cohort_of, rollout, selection, everybody)

    async def _evidence(self, rollout: Rollout) -> Evidence:
        everybody, step = self._signals.everybody(), rollout.step
        found = await self._premises.store.read_long(
            lambda reader: evidence(reader, everybody, rollout.judged_as, step.at)
        )
        return replace(found, reported=step.stage is Stage.REPORT_ONLY)


def _shown(reader: Reader, of: Rollout, rollout: Rollout | None, at: datetime) -> ShownRollout:
    stuck = None
    if rollout is not None and overdue(rollout, at):
        now = read_policy_set(reader)
        stuck = judge(reader, now, set_after(now, changes_back(reader, rollout)), at).refused
    policy = policies.get(reader, of.policy_id)
    dangling = () if rollout is None else standing_beyond(reader, rollout).dangling
    return ShownRollout(
        name=of.name, policy_id=of.policy_id, policy=policy, rollout=rollout, stuck=stuck, dangling=dangling
    )


def _rollout_of(reader: Reader, name: str) -> Rollout:
    """The rollout of the policy with this id or name, in whichever stage that is its name, also by its companion's.

    Raises NotFoundError, and ConflictError where several have the name.
    """
    wanted, every = typed_name(name), rollouts.every(reader)
    named = [each for each in every if wanted in (each.id, each.policy_id)]
    # A name that reads like the id of some policy stands for no other policy than that.
    if not named and policies.get(reader, PolicyId(wanted)) is None:
        named = [each for each in every if wanted in each.names]
    if len(named) > 1:
        ids = ", ".join(each.policy_id for each in named)
        raise ConflictError(f"{name!r} is the name of several policies in rollout", remedy=f"use an id: {ids}")
    if named:
        return named[0]
    policy = policy_named(reader, name)
    found = rollouts.get(reader, rollouts.by_policy(reader).get(policy.id, policy.id))
    if found is None:
        raise NotFoundError(
            f"{policy.display_name!r} is not being rolled out", remedy="begin with: assay policy roll-out start DRAFT"
        )
    return found


def _refuse_open(reader: Reader, rollout: Rollout) -> None:
    if rollout.policy_id in rollouts.by_policy(reader):
        raise UndoneError(Reason.of("rolloutOpen", name=rollout.name))


def _drafted(reader: Reader, draft: Draft, rollout_id: PolicyId) -> Rollout:
    """A rollout before its first step."""
    before = policy_named(reader, draft.of) if draft.of else None
    if draft.file is None:
        if before is None:
            raise InvalidInputError("nothing to roll out", remedy="name a policy, or a file with one")
        if before.state is PolicyState.ENABLED:
            raise UndoneError(Reason.of("rolloutNothingNew", name=before.display_name))
        nothing = ImportResult()
        mapping = resolve_mapping(reader, draft.mapping, known_ids(reader, nothing), nothing)
        text = _enabled(map_references(before, mapping))
    else:
        options = ImportOptions(mapping=draft.mapping, waived=draft.waived, roles_by_name=True)
        plan = plan_import(reader, (draft.file,), options)
        if len(plan.policies) != 1 or plan.malformed or plan.locations or plan.strengths:
            raise InvalidInputError(
                f"{draft.file.name} does not hold exactly one policy that can be read",
                remedy="look at it with: assay policy import --dry-run FILE",
            )
        read = plan.policies[0]
        before = before or read.before
        text = _enabled(read.policy if before is None else replace(read.policy, id=before.id))
    found = contradiction(text)
    if found is not None:
        raise RefusedInputError(found)
    return Rollout(id=rollout_id, text=text, before=before, waived=draft.waived)


def _selection(reader: Reader, wish: Wish) -> Selection:
    if wish.group and wish.percent:
        raise InvalidInputError("a cohort is of a group or so many of a hundred", remedy="give --group or --percent")
    if not wish.group:
        if not 1 <= wish.percent <= 100:
            raise InvalidInputError(f"{wish.percent} is no share of a hundred", remedy="give --percent 1 to 100")
        return Selection(percent=wish.percent)
    group = group_named(reader, wish.group.strip())
    return Selection(group=group.id, group_name=group.name)


def _enabled(policy: ConditionalAccessPolicy) -> ConditionalAccessPolicy:
    return replace(policy, state=PolicyState.ENABLED)

"""What a rollout does inside a transaction: a step, its confirmation, the way back; each with its events."""

from datetime import datetime

from assay.access.attempt import By, UndoneError
from assay.access.premises import Premises
from assay.access.publication import Change, publish
from assay.events import About, ChangeType, Entity, change
from assay.events.types import (
    POLICY_CHANGED,
    POLICY_IMPORTED,
    POLICY_PUBLISHED,
    POLICY_REMOVED,
    ROLLOUT_ADVANCED,
    ROLLOUT_BEGUN,
    ROLLOUT_CONFIRMED,
    ROLLOUT_WENT_BACK,
)
from assay.governance.records import policies, rollouts
from assay.governance.rollouts import Cohort, Placed, Rollout, Stage, Step, confirmed, gone_back, placed, stepped
from assay.policy import ConditionalAccessPolicy, PolicyState
from assay.store import Reader, Transaction
from assay.values import Reason, Stored


class RolloutState(Stored, frozen=True, kw_only=True):
    """What events tell of a rollout: the stage, how many people it is on for, until when it is to be confirmed."""

    stage: Stage
    people: int | None = None
    confirm_by: datetime | None = None


def take_step(
    premises: Premises,
    transaction: Transaction,
    by: By,
    rollout: Rollout,
    stage: Stage,
    *,
    cohort: Cohort | None = None,
    confirm_by: datetime | None = None,
    all_meant: bool = False,
) -> Rollout | None:
    """Put a stage in force; the rollout then, None where it is over. Raises UndoneError where `publish` does.

    The rollout is the one that is stored, or one without a step, which begins by this. `all_meant`: the text is about
    everybody for whom it is on already.
    """
    former = stored(transaction, rollout)
    step = Step(
        stage=stage,
        by=by.actor.user.name or "",
        at=premises.now(),
        former=former,
        cohort=cohort,
        confirm_by=confirm_by,
    )
    after = stepped(rollout, step)
    if rollout.steps:
        _swap(transaction, rollout, after)
    elif after is not None:
        rollouts.add(transaction, after)
    changes = _changes(former, placed(rollout, stage, cohort))
    merged = rollout.id if all_meant and stage is Stage.ON else None
    publish(premises, transaction, by, changes, rollout=rollout.id, merged=merged)
    shown = RolloutState(stage=stage, people=None if cohort is None else len(cohort.people), confirm_by=confirm_by)
    _record(premises, transaction, by, ROLLOUT_ADVANCED if rollout.steps else ROLLOUT_BEGUN, rollout, shown)
    return after


def confirm(premises: Premises, transaction: Transaction, by: By, rollout: Rollout) -> Rollout | None:
    """Let the last step stand; the rollout then, None where it is over. Raises UndoneError where nothing waits."""
    if rollout.step.confirm_by is None:
        raise UndoneError(Reason.of("rolloutConfirmed", name=rollout.name))
    after = confirmed(rollout)
    _swap(transaction, rollout, after)
    _record(premises, transaction, by, ROLLOUT_CONFIRMED, rollout, None if after is None else state_of(after))
    return after


def go_back(premises: Premises, transaction: Transaction, by: By, rollout: Rollout) -> Rollout | None:
    """Put back what stood before the last step; the rollout then, None where that was the first.

    Raises UndoneError where what stood then must not be in force now.
    """
    after = gone_back(rollout)
    _swap(transaction, rollout, after)
    changes = changes_back(transaction, rollout)
    publish(premises, transaction, by, changes, rollout=rollout.id, going_back=True)
    _record(premises, transaction, by, ROLLOUT_WENT_BACK, rollout, None if after is None else state_of(after))
    return after


def changes_back(reader: Reader, rollout: Rollout) -> tuple[Change, ...]:
    """What going back would change now."""
    return _changes(stored(reader, rollout), rollout.step.former)


def stored(reader: Reader, rollout: Rollout) -> Placed:
    """What stands of a rollout's policy now."""
    return Placed(policy=policies.get(reader, rollout.policy_id), companion=policies.get(reader, rollout.id))


def state_of(rollout: Rollout) -> RolloutState:
    """The rollout as events tell of it."""
    step = rollout.step
    return RolloutState(
        stage=step.stage,
        people=None if step.cohort is None else len(step.cohort.people),
        confirm_by=step.confirm_by,
    )


def _swap(transaction: Transaction, before: Rollout, after: Rollout | None) -> None:
    """The row first, on condition of its step and deadline: of two who would, the second undoes nothing."""
    if not rollouts.swap(transaction, before, after):
        raise UndoneError(Reason.of("rolloutMoved", name=before.name))


def _changes(before: Placed, after: Placed) -> tuple[Change, ...]:
    pairs = ((before.policy, after.policy), (before.companion, after.companion))
    return tuple(Change(kind=_kind(one, other), before=one, after=other) for one, other in pairs if one or other)


def _kind(before: ConditionalAccessPolicy | None, after: ConditionalAccessPolicy | None) -> ChangeType:
    if after is None:
        return POLICY_REMOVED
    if after.state is PolicyState.ENABLED and (before is None or before.state is not PolicyState.ENABLED):
        return POLICY_PUBLISHED
    return POLICY_IMPORTED if before is None else POLICY_CHANGED


def _record(
    premises: Premises,
    transaction: Transaction,
    by: By,
    kind: ChangeType,
    rollout: Rollout,
    after: RolloutState | None,
) -> None:
    event = change(
        kind,
        at=premises.now(),
        actor=by.actor,
        about=About(entity=Entity(uid=rollout.policy_id, name=rollout.name, type="rollout")),
        before=state_of(rollout) if rollout.steps else None,
        after=after,
        reason=by.reason,
    )
    premises.record(transaction, event)

"""The one way by which policies, named locations and strengths change: judged as a whole, stored, recorded, kept.

Whoever changes what decisions are made by (the API, the command line, an import, a switch) comes through `publish`,
and what must not be is found by `judge`, before anything is stored; a dry run asks the same. What was proved is told
(`say_what_is_proved.py`). Beside it are the first start (`first_owner.py`), which nothing can be held against yet, and
rows that cannot be read (`mend.py`).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, TypeVar

import msgspec
from msgspec.structs import replace

from assay.access.attempt import By, UndoneError
from assay.access.draft_proofs import Proof
from assay.access.lock_out import LockOut, lock_out
from assay.access.policy_sets import keep_policy_set_in_force
from assay.access.premises import Premises
from assay.access.say_what_is_proved import Made, say_what_is_proved
from assay.access.signals import read_policy_set
from assay.access.unmet_demands import unmet_demands
from assay.access.ways_back import ways_back
from assay.events import About, ChangeType, Entity, change
from assay.governance.records import policies, rollouts
from assay.network.records import locations
from assay.policy import AuthenticationStrengthPolicy, ConditionalAccessPolicy, NamedLocation, PolicySet, PolicyState
from assay.store import Reader, Transaction
from assay.values import PolicyId, Reason, Value

Published = ConditionalAccessPolicy | NamedLocation | AuthenticationStrengthPolicy
P = TypeVar("P", bound=Published)
# As JSON, in octets: an event holds two of it, before and after, and may have 1 MiB. Entra's largest has half of this.
LARGEST: Final = 400_000
NOUNS: Final = {
    ConditionalAccessPolicy: "policy",
    NamedLocation: "namedLocation",
    AuthenticationStrengthPolicy: "authenticationStrength",
}


class Change(Value, frozen=True, kw_only=True):
    """What becomes of one thing: `before` None where it is new, `after` None where it goes; `kind` is its event's."""

    kind: ChangeType
    before: Published | None = None
    after: Published | None = None

    @property
    def subject(self) -> Published:
        found = self.after or self.before
        assert found is not None
        return found


def judge(reader: Reader, before: PolicySet, after: PolicySet, at: datetime) -> LockOut:
    """Whether the set `after` may take the place of `before`, by what needs no solver: `refused` says why not."""
    found = lock_out(reader, before, after, at)
    refused = _too_large(before, after) or found.refused
    return replace(found, refused=refused or unmet_demands(before, after, rollouts.going_back_to(reader)))


def _too_large(before: PolicySet, after: PolicySet) -> Reason | None:
    """Why something must not be stored, or None: with its event full, nobody could change it or switch it off.

    What a release before stored all the same may be anything but larger still.
    """
    there = {(type(each), each.id): each for each in _parts(before)}
    for each in _parts(after):
        was = there.get((type(each), each.id))
        size = 0 if each is was else _size(each)
        if size > LARGEST and (was is None or size > _size(was)):
            return Reason.of("definitionTooLarge", name=each.display_name, size=str(size), maximum=str(LARGEST))
    return None


def _size(found: Published) -> int:
    """As JSON, in any state the same: whatever is stored can be switched off."""
    alike = replace(found, state=PolicyState.DISABLED) if isinstance(found, ConditionalAccessPolicy) else found
    return len(msgspec.json.encode(alike))


def _parts(found: PolicySet) -> tuple[Published, ...]:
    return (*found.policies, *found.locations, *found.strengths)


def publish(
    premises: Premises,
    transaction: Transaction,
    by: By,
    changes: Sequence[Change],
    *,
    rollout: PolicyId | None = None,
    going_back: bool = False,
    merged: PolicyId | None = None,
) -> str:
    """Make these changes together, each with its event; the hash of the set that is in force then.

    Raises UndoneError where the set they lead to must not be in force; then nothing is changed. What stays as it is
    (`before` equals `after`) is judged and not stored again. A policy that is being rolled out is changed by its own
    `rollout` alone. `going_back`: to what stood before a step of it, for which no proof is waited: the deadline is
    short, the solver is slow, and every change since was held against the invariants with it (`ways_back.py`).
    `merged`: a policy for people by their ids that goes, while one that says the same begins to be about all of them:
    what becomes of who is let in is asked without it, as the solver knows nobody's groups.
    """
    _refuse_rolling(transaction, changes, rollout)
    now, at = read_policy_set(transaction), premises.now()
    after = set_after(now, changes)
    judged = judge(transaction, now, after, at)
    if judged.refused is not None:
        raise UndoneError(judged.refused)
    held: tuple[Proof, ...] = ()
    if premises.proving is not None and not going_back:
        held = premises.proving.hold(now, after, by, ways_back(transaction, now, after, rollout))
    versions: dict[str, int] = {}
    for each in changes:
        if each.before != each.after:
            version = _store(transaction, each, at)
            if version:
                versions[str(each.subject.id)] = version
            _record(premises, transaction, by, each)
    digest = keep_policy_set_in_force(transaction)
    compared = replace(now, policies=tuple(each for each in now.policies if each.id != merged))
    made = Made(
        before=now,
        compared=compared,
        after=after,
        digest=digest,
        versions=versions,
        at=at,
        enters=judged.enters,
        able=judged.able,
        held=held,
    )
    say_what_is_proved(premises, transaction, by, made)
    return digest


def _refuse_rolling(reader: Reader, changes: Sequence[Change], own: PolicyId | None) -> None:
    """Raises UndoneError for a change of a policy that is being rolled out: going back would silently undo it."""
    rolling = rollouts.by_policy(reader)
    for each in changes:
        if each.before == each.after or not isinstance(each.subject, ConditionalAccessPolicy):
            continue
        if rolling.get(each.subject.id, own) != own:
            # By the name that it has, not by one that the change would give it.
            raise UndoneError(Reason.of("rolloutOpen", name=(each.before or each.subject).display_name))


def set_after(now: PolicySet, changes: Sequence[Change]) -> PolicySet:
    """The set in force when these changes are made."""
    return replace(
        now,
        policies=_changed(now.policies, ConditionalAccessPolicy, changes),
        locations=_changed(now.locations, NamedLocation, changes),
        strengths=_changed(now.strengths, AuthenticationStrengthPolicy, changes),
    )


def _changed(now: Sequence[P], kind: type[P], changes: Sequence[Change]) -> tuple[P, ...]:
    found = {str(each.id): each for each in now}
    for each in changes:
        if not isinstance(each.subject, kind):
            continue
        if isinstance(each.after, kind):
            found[str(each.after.id)] = each.after
        else:
            found.pop(str(each.subject.id), None)
    return tuple(found.values())


def _store(transaction: Transaction, made: Change, at: datetime) -> int:
    """The number of the version that was made of a policy; 0 for what has no versions."""
    match made.subject:
        case ConditionalAccessPolicy() as policy if made.after is not None:
            return policies.put(transaction, policy, at)
        case ConditionalAccessPolicy() as policy:
            return policies.remove(transaction, policy.id, at)
        case NamedLocation() as location if made.after is not None:
            locations.put(transaction, location)
        case NamedLocation() as location:
            locations.remove(transaction, location.id)
        case AuthenticationStrengthPolicy() as strength if made.after is not None:
            policies.put_strength(transaction, strength)
        case AuthenticationStrengthPolicy() as strength:
            policies.remove_strength(transaction, strength.id)
    return 0


def _record(premises: Premises, transaction: Transaction, by: By, made: Change) -> None:
    subject = made.subject
    entity = Entity(uid=str(subject.id), name=subject.display_name, type=NOUNS[type(subject)])
    event = change(
        made.kind,
        at=premises.now(),
        actor=by.actor,
        about=About(entity=entity),
        before=made.before,
        after=made.after,
        reason=Reason.of("byOverride", why=by.override) if by.override else by.reason,
    )
    premises.record(transaction, event)

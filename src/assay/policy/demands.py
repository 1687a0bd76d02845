"""What several policies demand together: those that demand alike are of one kind, and there are few kinds."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, Protocol

from assay.policy.conditions.base import bits_of
from assay.policy.controls import (
    Group,
    demands_strength,
    evaluation_of,
    merge_limits,
    merge_session,
    without_strength,
)
from assay.policy.decision import Decision, Outcome
from assay.policy.definition import ConditionalAccessPolicy, PolicyState
from assay.policy.enforcement import SessionControl
from assay.policy.freshness import NEVER, Ages, shortest
from assay.policy.request import Proof
from assay.values import Value

REMEMBERED: Final = 4_096  # merged demands


class Demanding(Protocol):
    """What is read of a compiled policy (compile.py), which has these as its fields."""

    @property
    def policy(self) -> ConditionalAccessPolicy: ...
    @property
    def blocks(self) -> bool: ...
    @property
    def undecided(self) -> tuple[object, ...]: ...
    @property
    def groups(self) -> tuple[Group, ...]: ...
    @property
    def groups_registering(self) -> tuple[Group, ...]: ...
    @property
    def ages(self) -> Ages: ...
    @property
    def session_controls(self) -> frozenset[SessionControl]: ...
    @property
    def alike(self) -> "Alike": ...


class Alike(Value, frozen=True, cache_hash=True):
    """What verdicts can tell of a policy, equal for those that no verdict tells apart."""

    ages: Ages
    demanded: tuple[object, ...] | None = None  # None: it is not enforced

    @classmethod
    def of(
        cls, policy: ConditionalAccessPolicy, ages: Ages, groups: Sequence[tuple[Group, ...]], *, refuses: bool
    ) -> "Alike":
        """`groups`: at any time, and while sign-in methods are registered; `refuses`: it blocks or is undecided."""
        if policy.state is not PolicyState.ENABLED:
            return cls(ages)
        return cls(ages, (refuses, *groups, policy.session_controls, evaluation_of(policy)))


End = tuple[int, timedelta]  # which proof, and the age at which it stops to count
Way = tuple[End, ...]  # lasts as long as the first of them


class Plan:
    """The outcome for proofs that look alike, and how to tell from them until when it holds.

    `by_look`: it can be told at all. `firsts`: the outcome ends with the first of these. `lasts`: and with the last of
    each of these.
    """

    __slots__ = ("by_look", "firsts", "lasts", "outcome")

    def __init__(self, outcome: Outcome, ends: Sequence[tuple[Way, ...]], *, by_look: bool) -> None:
        self.outcome = outcome
        self.by_look = by_look
        self.firsts = tuple(dict.fromkeys(end for ways in ends if len(ways) == 1 for end in ways[0]))
        self.lasts = tuple(dict.fromkeys(ways for ways in ends if len(ways) > 1))

    def valid_until(self, proofs: tuple[Proof, ...]) -> datetime:
        """When the first of what satisfies the demands stops to; NEVER, itself, where none does."""
        first = _first_end(self.firsts, proofs) if self.firsts else NEVER
        for ways in self.lasts:
            last = max([_first_end(way, proofs) for way in ways])
            if last < first:
                first = last
        return first


def _first_end(way: Way, proofs: tuple[Proof, ...]) -> datetime:
    first = NEVER
    for position, age in way:
        end = proofs[position].at + age
        if end < first:
            first = end
    return first


Plans = dict[object, dict[object, Plan]]  # by what is demanded, and by how proofs look


class Demands:
    """What the enforced policies of some kinds demand together, each distinct demand once."""

    def __init__(self, kinds: Sequence["Kind"], plans: Plans, *, registering: bool) -> None:
        enforced = [kind.found for kind in kinds if kind.enforced]
        replaced = registering and any(
            kind.enforced and kind.named and demands_strength(kind.found.groups) for kind in kinds
        )
        groups = dict.fromkeys(
            group
            for kind in kinds
            if kind.enforced
            for group in _groups(kind, registering=registering, replaced=replaced)
        )
        self.any = bool(enforced)
        self.refused = any(found.blocks or found.undecided for found in enforced)
        self.groups: tuple[Group, ...] = tuple(groups)
        self.ages = shortest(found.ages for found in enforced)
        self.session_controls = frozenset[SessionControl]().union(*(found.session_controls for found in enforced))
        self.session = merge_session([found.policy for found in enforced], (found.ages for found in enforced))
        limits = (found.policy.session_controls.limits for found in enforced if found.policy.session_controls)
        self.limits = merge_limits(limit for limit in limits if limit is not None)
        # Whether more than methods and ages can count: the model of a key, the issuer of a certificate.
        self.by_look = not any(alternative.configurations for group in self.groups for alternative in group)
        # By outcome and assignment: all of the decision that neither the instant nor the request changes.
        self.decisions: dict[tuple[Outcome, bool | None], Decision] = {}
        # At these ages of a proof something that is said may change, be it only of a policy that is not enforced.
        ages = {age for kind in kinds for age in (kind.found.ages.primary, kind.found.ages.secondary)}
        self.turning: tuple[timedelta, ...] = tuple(sorted(age for age in ages if age is not None))
        # Of a proof that has passed so many of them: whether it is fresh as either factor (a bit for each).
        self.worth = tuple(
            self._fresh(passed, self.ages.primary) << 1 | self._fresh(passed, self.ages.secondary)
            for passed in range(len(self.turning) + 1)
        )
        # Of all that is demanded, what outcomes depend on: where it is alike they are told once.
        self.plans = plans.setdefault((self.refused, frozenset(groups), self.ages, self.session_controls), {})

    def _fresh(self, passed: int, age: timedelta | None) -> bool:
        return age is None or passed <= self.turning.index(age)


class Kind:
    """Policies that demand the same in the same state.

    `named`: they name the registration of sign-in methods. `others`: the bits of all policies of other kinds.
    """

    __slots__ = ("bit", "enforced", "found", "named", "others")

    def __init__(self, found: Demanding, *, named: bool, number: int) -> None:
        self.found = found
        self.enforced = found.policy.state is PolicyState.ENABLED
        self.named = named
        self.bit = 1 << number
        self.others = 0


def _groups(kind: Kind, *, registering: bool, replaced: bool) -> tuple[Group, ...]:
    if kind.named or not registering:
        return kind.found.groups
    return without_strength(kind.found.groups_registering) if replaced else kind.found.groups_registering


class DemandTable:
    """From the bits of the applicable policies to what they demand together."""

    def __init__(self, policies: Sequence[Demanding], by_registration: int) -> None:
        known: dict[object, Kind] = {}
        bits: dict[Kind, list[int]] = {}
        self._kinds: list[Kind] = []
        for bit, found in enumerate(policies):
            named = bool(by_registration >> bit & 1)
            key = (named, found.alike)
            kind = known.get(key)
            if kind is None:
                kind = known[key] = Kind(found, named=named, number=len(known))
            bits.setdefault(kind, []).append(bit)
            self._kinds.append(kind)
        every = (1 << len(policies)) - 1
        for kind, positions in bits.items():
            kind.others = every ^ bits_of(positions)
        self._distinct = tuple(known.values())
        self._merged: dict[tuple[int, bool], Demands] = {}
        self._plans: Plans = {}

    def of(self, applicable: int, *, registering: bool) -> Demands:
        """What they demand; one AND for each kind that is there, however many policies are."""
        kinds, rest, present = self._kinds, applicable, 0
        while rest:
            kind = kinds[rest.bit_length() - 1]
            present |= kind.bit
            rest &= kind.others
        found = self._merged.get((present, registering))
        if found is None:
            if len(self._merged) >= REMEMBERED:
                self._merged.clear()
                self._plans.clear()
            kinds = [kind for kind in self._distinct if kind.bit & present]
            found = Demands(kinds, self._plans, registering=registering)
            self._merged[present, registering] = found
        return found

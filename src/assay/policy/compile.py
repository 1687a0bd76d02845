"""From a policy set to bitmaps: bit i is policy i, one integer per value that any condition names."""

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Final

from assay.policy.conditions import CONDITIONS, SUBJECT_KINDS, Condition, SubjectKind, subject
from assay.policy.conditions.applications import reaches_by_user_action
from assay.policy.conditions.base import ConditionName, bits_of, mask
from assay.policy.controls import Group, ages_of_policy, blocks, groups_of, session_controls_of
from assay.policy.decision import AppliedPolicy, PolicyResult
from assay.policy.definition import (
    AuthenticationStrengthPolicy,
    ConditionalAccessPolicy,
    PolicySet,
    PolicyState,
    Undecided,
)
from assay.policy.demands import Alike, DemandTable
from assay.policy.enforcement import SessionControl
from assay.policy.freshness import Ages
from assay.policy.location_table import LocationTable, location_table
from assay.policy.memo import Memo
from assay.policy.policy_set import policy_set_hash
from assay.policy.request import AccessRequest, Principal, UserAction
from assay.policy.session_controls import LimitControls
from assay.policy.strengths import BUILT_IN
from assay.policy.undecided import undecided_parts
from assay.values import PolicyId, Value

CANNOT_EVALUATE = -1  # a subject mask that no set of policies has: decide denies it
REMEMBERED: Final = 16_384  # policies


class CompiledPolicy(Value, frozen=True, kw_only=True):
    """What one policy demands where it applies."""

    policy: ConditionalAccessPolicy
    blocks: bool
    undecided: tuple[Undecided, ...]
    groups: tuple[Group, ...]
    groups_registering: tuple[Group, ...]  # while sign-in methods are registered (controls.groups_of)
    ages: Ages
    session_controls: frozenset[SessionControl]
    alike: Alike

    @property
    def limits(self) -> LimitControls | None:
        """The policy's limits."""
        return self.policy.session_controls.limits if self.policy.session_controls else None

    def undecided_in(self, *parts: str) -> bool:
        """Whether a part of one condition is undecided: then the policy may apply whatever the request says."""
        keys = {("conditions", part) for part in parts}
        return any(found.path[:2] in keys for found in self.undecided)


class PolicyTable:
    """The policies of a set by their bits: all that is read of them once it is known which apply.

    INVARIANT: it knows of no answer. Answers hold it, and are not looked at by the collector of cycles.
    """

    def __init__(self, policies: tuple[CompiledPolicy, ...]) -> None:
        self.policies = policies
        definitions = [compiled.policy for compiled in policies]
        self.enforced = mask(definitions, lambda policy: policy.state is PolicyState.ENABLED)
        self.by_registration = reaches_by_user_action(definitions, UserAction.REGISTER_SECURITY_INFO)
        self._applied: dict[tuple[PolicyId, PolicyResult], AppliedPolicy] = {}

    def of(self, applicable: int) -> Iterator[CompiledPolicy]:
        """The policies of a mask."""
        while applicable:
            lowest = applicable & -applicable
            yield self.policies[lowest.bit_length() - 1]
            applicable ^= lowest

    def applied(self, policy: ConditionalAccessPolicy, result: PolicyResult) -> AppliedPolicy:
        """The one value for a policy and how it went: thousands of remembered answers share it."""
        known = self._applied.get((policy.id, result))
        if known is None:
            known = AppliedPolicy(policy=policy.id, display_name=policy.display_name, result=result)
            self._applied[policy.id, result] = known
        return known


class CompiledPolicySet:
    """A policy set ready to decide; immutable but for its memory of answers, which changes none of them."""

    def __init__(
        self,
        policy_set: PolicySet,
        conditions: Sequence[Condition],
        subject_kinds: Sequence[SubjectKind],
    ) -> None:
        self.policy_set = policy_set
        self.hash = policy_set_hash(policy_set)
        self.conditions = tuple(conditions)
        self.subject_kinds = tuple(subject_kinds)
        self.locations = location_table(policy_set.locations)
        self.table = PolicyTable(_compiled(policy_set, self.locations))
        self.policies = self.table.policies
        definitions = [compiled.policy for compiled in self.policies]
        self._undecided = [(bit, found) for bit, found in enumerate(self.policies) if found.undecided]
        self.by_registration = self.table.by_registration
        self.demands = DemandTable(self.policies, self.by_registration)
        # Conditions that no policy configures are not asked.
        self.indexes: tuple[tuple[ConditionName, Callable[[AccessRequest], int]], ...] = tuple(
            (condition.name, self._widened(condition, index))
            for condition in conditions
            if (index := condition.index(definitions, self.locations)) is not None
        )
        self._subject = subject.index(definitions, subject_kinds)
        # Why nobody is let in by these policies: they could not be read, so nobody knows what they demand.
        self.unreadable = False
        self._subject_undecided = self._undecided_in(subject.PART, subject.AGENTS)
        self._workload_undecided = self._undecided_in(subject.WORKLOADS)
        self.memo = Memo()

    def subject(self, principal: Principal) -> int:
        """The policies that are about a principal, as a mask to keep with the session while neither changes."""
        if self.unreadable:
            return CANNOT_EVALUATE
        try:
            found = self._subject(principal) | self._subject_undecided
            return found if principal.kind is not None else found | self._workload_undecided
        except Exception:  # noqa: BLE001  whatever a condition raises must deny, not let pass
            return CANNOT_EVALUATE

    def _undecided_in(self, *parts: str) -> int:
        return bits_of(bit for bit, found in self._undecided if found.undecided_in(*parts))

    def _widened(self, condition: Condition, index: Callable[[AccessRequest], int]) -> Callable[[AccessRequest], int]:
        undecided = self._undecided_in(condition.part, *condition.also)
        return (lambda request: index(request) | undecided) if undecided else index


def compile_policies(
    policy_set: PolicySet,
    *,
    conditions: Sequence[Condition] = CONDITIONS,
    subject_kinds: Sequence[SubjectKind] = SUBJECT_KINDS,
) -> CompiledPolicySet:
    """Compile once per published set. A condition left out of the lists constrains nothing, as if not configured."""
    return CompiledPolicySet(policy_set, conditions, subject_kinds)


def unreadable_policies() -> CompiledPolicySet:
    """What stands in for policies that are stored and cannot be read: it denies everybody whom policies judge."""
    compiled = compile_policies(PolicySet())
    compiled.unreadable = True
    return compiled


def _compiled(policy_set: PolicySet, locations: LocationTable) -> tuple[CompiledPolicy, ...]:
    """Every policy that is not disabled."""
    strengths = {each.id: each for each in policy_set.strengths} | BUILT_IN
    return tuple(
        _compiled_policy(policy, strengths.get(_strength(policy)), locations.undecided)
        for policy in policy_set.policies
        if policy.state is not PolicyState.DISABLED
    )


def _strength(policy: ConditionalAccessPolicy) -> str:
    """The id of the strength that it names; "" where it names none."""
    return (policy.grant_controls.authentication_strength if policy.grant_controls else None) or ""


@lru_cache(maxsize=REMEMBERED)
def _compiled_policy(
    policy: ConditionalAccessPolicy, strength: AuthenticationStrengthPolicy | None, undecided: frozenset[str]
) -> CompiledPolicy:
    """One policy, with the strength that it names; remembered, because of a set that is published most is as it was.

    INVARIANT: everything that it depends on is an argument.
    """
    strengths = {strength.id: strength} | BUILT_IN if strength else BUILT_IN
    parts, ages = undecided_parts(policy, undecided, strengths), ages_of_policy(policy)
    groups, registering = (groups_of(policy, strengths, registering=when) for when in (False, True))
    return CompiledPolicy(
        policy=policy,
        blocks=blocks(policy),
        undecided=parts,
        groups=groups,
        groups_registering=registering,
        ages=ages,
        session_controls=session_controls_of(policy),
        alike=Alike.of(policy, ages, (groups, registering), refuses=blocks(policy) or bool(parts)),
    )

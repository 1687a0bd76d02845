"""The decision: which policies apply, what they demand together, what of it is missing."""

from collections.abc import Iterable
from datetime import datetime

from assay.policy.break_glass import EVERY_POLICY, compiled_for_break_glass
from assay.policy.compile import CompiledPolicy, CompiledPolicySet
from assay.policy.conditions.base import ConditionName
from assay.policy.controls import Group, merge_limits, merge_session, satisfied_until, unmet, unmet_frequency
from assay.policy.decision import (
    AppliedPolicy,
    Assignment,
    ConditionalAccessStatus,
    Control,
    Decision,
    Outcome,
    PolicyResult,
    Unmet,
)
from assay.policy.definition import PolicyState
from assay.policy.freshness import NEVER, Ages, Freshness, shortest
from assay.policy.memo import Answer
from assay.policy.request import LEGACY_CLIENT_APPS, AccessRequest, UserAction, UserActionTarget
from assay.values import PolicyId, Reason

ASSIGNMENTS = {True: Assignment.ASSIGNED, False: Assignment.NOT_ASSIGNED, None: Assignment.NOT_EVALUATED}
STEP_UP_REASONS = {
    Control.MFA: "mfaRequired",
    Control.AUTHENTICATION_STRENGTH: "authenticationStrengthRequired",
    Control.SIGN_IN_FREQUENCY: "reauthenticationRequired",
}
REGISTRATION = UserActionTarget(action=UserAction.REGISTER_SECURITY_INFO)


def decide(compiled: CompiledPolicySet, subject: int, request: AccessRequest) -> Decision:
    """Judge one request; `subject` is `compiled.subject(request.principal)`, kept by the caller.

    Pure: the same set, principal and request give the same decision, whatever was asked before.
    """
    return answer_of(compiled, subject, request).decision


def answer_of(compiled: CompiledPolicySet, subject: int, request: AccessRequest) -> Answer:
    """The decision, and from when until when it is the same for a request that differs in nothing but its instant."""
    if request.principal.break_glass:
        # Before anything of the published policies is looked at: they may be what is wrong.
        compiled, subject = compiled_for_break_glass(), EVERY_POLICY
    if subject < 0:
        return _cannot_evaluate(compiled, ConditionName.USERS, request)
    applicable = subject
    for name, index in compiled.indexes:
        try:
            applicable &= index(request)
        except Exception:  # noqa: BLE001  whatever a condition raises must deny, not let pass
            return _cannot_evaluate(compiled, name, request)
    legacy = request.client_app in LEGACY_CLIENT_APPS
    registering = request.target == REGISTRATION
    question = (applicable, id(request.proofs), request.assigned, legacy, registering)
    remembered = compiled.memo.recall(question, request.proofs, request.at)
    if remembered is not None:
        return remembered
    found = Judgement(compiled, applicable, request).answer()
    compiled.memo.remember(question, found)
    return found


def _cannot_evaluate(compiled: CompiledPolicySet, name: ConditionName, request: AccessRequest) -> Answer:
    decision = Decision(
        outcome=Outcome.BLOCK,
        assignment=ASSIGNMENTS[request.assigned],
        conditional_access=ConditionalAccessStatus.FAILURE,
        reasons=(Reason.of("conditionCannotBeEvaluated", condition=name),),
        policy_set_hash=compiled.hash,
    )
    # Of no time: what failed once may do so differently at the next request.
    return Answer(proofs=request.proofs, since=request.at, until=request.at, decision=decision)


class Judgement:
    """What the applicable policies make of the proofs of one request."""

    def __init__(self, compiled: CompiledPolicySet, applicable: int, request: AccessRequest) -> None:
        self._compiled = compiled
        self._request = request
        self._legacy = request.client_app in LEGACY_CLIENT_APPS
        self._registering = request.target == REGISTRATION
        self._by_registration = frozenset(
            found.policy.id for found in compiled.of(applicable & compiled.by_registration)
        )
        self.enforced = tuple(compiled.of(applicable & compiled.enforced))
        self.report_only = tuple(compiled.of(applicable & ~compiled.enforced))
        self.ages = shortest(found.ages for found in self.enforced)
        self._freshness: dict[Ages, Freshness] = {}
        self.fresh = self.freshness(self.ages)
        self._demands = self._merged_demands()

    def freshness(self, ages: Ages) -> Freshness:
        """The proofs under some ages; remembered, because an answer holds until the first of them changes."""
        if ages not in self._freshness:
            self._freshness[ages] = Freshness(self._request.proofs, self._request.at, ages)
        return self._freshness[ages]

    def groups(self, found: CompiledPolicy) -> tuple[Group, ...]:
        """What a policy demands of this request's authentication."""
        if self._registering and found.policy.id not in self._by_registration:
            return found.groups_registering
        return found.groups

    def _merged_demands(self) -> dict[Group, tuple[PolicyId, ...]]:
        """Each distinct demand once; the narrowest first, because meeting it often meets the wider ones too."""
        demands: dict[Group, tuple[PolicyId, ...]] = {}
        for found in self.enforced:
            for group in self.groups(found):
                demands[group] = (*demands.get(group, ()), found.policy.id)
        width = {group: sum(len(alternative.combinations) for alternative in group) for group in demands}
        return dict(sorted(demands.items(), key=lambda demand: width[demand[0]]))

    def answer(self) -> Answer:
        """The decision, and how long all of it stays as it is."""
        decision = self._decision()
        until = min((fresh.next_change() for fresh in self._freshness.values()), default=NEVER)
        return Answer(proofs=self._request.proofs, since=self._request.at, until=until, decision=decision)

    def _decision(self) -> Decision:
        reasons = self._block_reasons()
        missing = () if reasons else self._unmet()
        failed = bool(reasons or missing)
        outcome = Outcome.BLOCK if reasons else Outcome.STEP_UP if missing else Outcome.ALLOW
        reasons = reasons or self._step_up_reasons(missing)
        if self._request.assigned is False:
            outcome, missing = Outcome.BLOCK, ()
            reasons = (Reason.of("notAssigned"), *reasons)
        return Decision(
            outcome=outcome,
            assignment=ASSIGNMENTS[self._request.assigned],
            conditional_access=self._status(failed=failed),
            reasons=reasons,
            unmet=missing,
            limits=merge_limits(found.limits for found in self.enforced if found.limits is not None),
            session=merge_session(
                tuple(found.session for found in self.enforced), (found.ages for found in self.enforced)
            ),
            applied=self._results(self.enforced),
            report_only=self._results(self.report_only),
            valid_until=self._valid_until() if outcome is Outcome.ALLOW else None,
            policy_set_hash=self._compiled.hash,
        )

    def _status(self, *, failed: bool) -> ConditionalAccessStatus:
        if not self.enforced:
            return ConditionalAccessStatus.NOT_APPLIED
        return ConditionalAccessStatus.FAILURE if failed else ConditionalAccessStatus.SUCCESS

    def _block_reasons(self) -> tuple[Reason, ...]:
        """A block asks nobody anything (D POL); neither does what cannot be evaluated or satisfied."""
        return tuple(
            Reason.of(code, policy=found.policy.id, name=found.policy.display_name)
            for found in self.enforced
            if (code := self._block_code(found)) is not None
        )

    def _block_code(self, found: CompiledPolicy) -> str | None:
        if found.undecided:
            return "policyCannotBeEvaluated"
        if found.blocks:
            return "blockedByPolicy"
        if self._legacy and self.groups(found):
            return "legacyClientCannotSatisfy"  # D COND
        return None

    def _unmet(self) -> tuple[Unmet, ...]:
        asked = []
        frequency = unmet_frequency(self.fresh, self.ages)
        if frequency is not None:
            policies = tuple(found.policy.id for found in self.enforced if found.ages.primary is not None)
            asked.append(Unmet(policies=policies, alternatives=(frequency,)))
        for group, policies in self._demands.items():
            if satisfied_until(group, self.fresh) is None:
                asked.append(Unmet(policies=policies, alternatives=unmet(group, self.fresh, self.ages)))
        return tuple(asked)

    def _step_up_reasons(self, missing: Iterable[Unmet]) -> tuple[Reason, ...]:
        names = {found.policy.id: found.policy.display_name for found in self.enforced}
        return tuple(
            Reason.of(
                STEP_UP_REASONS[demand.alternatives[0].control],
                policies=", ".join(names[policy] for policy in demand.policies),
            )
            for demand in missing
        )

    def _valid_until(self) -> datetime | None:
        """The first instant at which a demand stops being satisfied by what is proved."""
        ends = [satisfied_until(group, self.fresh) or self._request.at for group in self._demands]
        if self.ages.primary is not None:
            ends.append(self.fresh.primary_until or self._request.at)
        first = min(ends, default=NEVER)
        return None if first == NEVER else first

    def _results(self, policies: Iterable[CompiledPolicy]) -> tuple[AppliedPolicy, ...]:
        return tuple(self._compiled.memo.applied(found.policy, self.result(found)) for found in policies)

    def result(self, found: CompiledPolicy) -> PolicyResult:
        """How one applicable policy went, in Graph's words (reference: report-only and log results)."""
        if found.undecided:
            return PolicyResult.UNKNOWN
        impossible = self._block_code(found) is not None
        if found.policy.state is PolicyState.REPORT_ONLY:
            if impossible:
                return PolicyResult.REPORT_ONLY_FAILURE
            done = self._satisfied(found, found.ages)
            return PolicyResult.REPORT_ONLY_SUCCESS if done else PolicyResult.REPORT_ONLY_INTERRUPTED
        done = not impossible and self._satisfied(found, self.ages)
        return PolicyResult.SUCCESS if done else PolicyResult.FAILURE

    def _satisfied(self, found: CompiledPolicy, ages: Ages) -> bool:
        """The policy's own demands under the given ages, and its own sign-in frequency."""
        fresh = self.freshness(ages)
        return all(
            satisfied_until(group, fresh) is not None for group in self.groups(found)
        ) and self.frequency_satisfied(found)

    def frequency_satisfied(self, found: CompiledPolicy) -> bool:
        """Its own sign-in frequency: no first factor too old, no demand that its ages alone leave unsatisfied."""
        fresh, ageless = self.freshness(found.ages), self.freshness(Ages())
        if unmet_frequency(fresh, found.ages) is not None:
            return False
        return all(
            satisfied_until(group, fresh) is not None or satisfied_until(group, ageless) is None
            for group in self._demands
        )

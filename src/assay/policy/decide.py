"""The decision: which policies apply, what they demand together, what of it is missing."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from assay.policy.break_glass import EVERY_POLICY, compiled_for_break_glass
from assay.policy.compile import CompiledPolicy, CompiledPolicySet
from assay.policy.conditions import subject as subjects
from assay.policy.conditions.base import ConditionName
from assay.policy.controls import Group, merge_limits, merge_session
from assay.policy.decision import (
    AppliedPolicy,
    Assignment,
    ConditionalAccessStatus,
    Decision,
    Outcome,
    PolicyResult,
    Unmet,
)
from assay.policy.definition import PolicyState
from assay.policy.enforcement import PROMPTS, Control, SessionControl
from assay.policy.freshness import NEVER, Ages, Freshness, shortest
from assay.policy.memo import Answer
from assay.policy.request import LEGACY_CLIENT_APPS, AccessRequest, TransferMethod, UserAction, UserActionTarget
from assay.policy.satisfaction import askable, is_guest, satisfied_until, unmet, unmet_frequency
from assay.values import PolicyId, Reason

ASSIGNMENTS = {True: Assignment.ASSIGNED, False: Assignment.NOT_ASSIGNED, None: Assignment.NOT_EVALUATED}
CONTROL_REASONS = {
    Control.MFA: "mfaRequired",
    Control.AUTHENTICATION_STRENGTH: "authenticationStrengthRequired",
    Control.SIGN_IN_FREQUENCY: "reauthenticationRequired",
    Control.COMPLIANT_DEVICE: "compliantDeviceRequired",
    Control.DOMAIN_JOINED_DEVICE: "domainJoinedDeviceRequired",
    Control.APPROVED_APPLICATION: "approvedApplicationRequired",
    Control.COMPLIANT_APPLICATION: "compliantApplicationRequired",
    Control.PASSWORD_CHANGE: "passwordChangeRequired",
    Control.RISK_REMEDIATION: "riskRemediationRequired",
    Control.TERMS_OF_USE: "termsOfUseRequired",
    Control.CUSTOM_AUTHENTICATION_FACTOR: "customAuthenticationFactorRequired",
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
        return _cannot_evaluate(compiled, subjects.name_of(request.principal), request)
    applicable = subject
    for name, index in compiled.indexes:
        try:
            applicable &= index(request)
        except Exception:  # noqa: BLE001  whatever a condition raises must deny, not let pass
            return _cannot_evaluate(compiled, name, request)
    question = (
        applicable,
        id(request.proofs),
        id(request.device),
        id(request.satisfied),
        id(request.enforced_by),
        request.assigned,
        _circumstances(request),
    )
    remembered = compiled.memo.recall(question, request.at)
    if remembered is not None:
        return remembered
    found = Judgement(compiled, applicable, request).answer()
    compiled.memo.remember(question, found)
    return found


def _circumstances(request: AccessRequest) -> int:
    """What else of a request changes what its proofs are worth, as bits."""
    return (
        (request.client_app in LEGACY_CLIENT_APPS)
        | (request.target == REGISTRATION) << 1
        | (TransferMethod.DEVICE_CODE_FLOW in request.flows) << 2
        | is_guest(request) << 3
    )


def _cannot_evaluate(compiled: CompiledPolicySet, name: ConditionName, request: AccessRequest) -> Answer:
    decision = Decision(
        outcome=Outcome.BLOCK,
        assignment=ASSIGNMENTS[request.assigned],
        conditional_access=ConditionalAccessStatus.FAILURE,
        reasons=(Reason.of("conditionCannotBeEvaluated", condition=name),),
        policy_set_hash=compiled.hash,
    )
    # Of no time: what failed once may do so differently at the next request.
    return Answer(request=request, since=request.at, until=request.at, decision=decision)


def _step_up_reason(demand: Unmet, names: Sequence[str]) -> Reason:
    control = demand.alternatives[0].control
    if control in (Control.MFA, Control.AUTHENTICATION_STRENGTH, Control.SIGN_IN_FREQUENCY):
        return Reason.of(CONTROL_REASONS[control], policies=", ".join(names))
    return Reason.of(CONTROL_REASONS[control], policy=demand.policies[0], name=names[0])


class Judgement:
    """What the applicable policies make of the proofs of one request."""

    def __init__(self, compiled: CompiledPolicySet, applicable: int, request: AccessRequest) -> None:
        self._compiled = compiled
        self.request = request
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
            self._freshness[ages] = Freshness(self.request.proofs, self.request.at, ages)
        return self._freshness[ages]

    def groups(self, found: CompiledPolicy) -> tuple[Group, ...]:
        """What a policy demands of this request's authentication."""
        if self._registering and found.policy.id not in self._by_registration:
            return found.groups_registering
        return found.groups

    def _merged_demands(self) -> dict[Group, tuple[PolicyId, ...]]:
        """Each distinct demand once, in the order in which to ask (D POL); of several about authentication the
        narrowest first, because meeting it often meets the wider ones too."""
        demands: dict[Group, tuple[PolicyId, ...]] = {}
        for found in self.enforced:
            for group in self.groups(found):
                demands[group] = (*demands.get(group, ()), found.policy.id)
        return dict(sorted(demands.items(), key=lambda demand: self._turn(demand[0])))

    def _turn(self, group: Group) -> tuple[int, int]:
        asked = [found for found in group if askable(found, self.request)] or group
        first = min(PROMPTS.index(found.control) for found in asked)
        # A strength is asked for in the turn of multifactor authentication (D POL).
        turn = PROMPTS.index(Control.MFA) if first == PROMPTS.index(Control.AUTHENTICATION_STRENGTH) else first
        return turn, sum(len(alternative.combinations) for alternative in group)

    def answer(self) -> Answer:
        """The decision, and how long all of it stays as it is."""
        decision = self._decision()
        until = min((fresh.next_change() for fresh in self._freshness.values()), default=NEVER)
        return Answer(request=self.request, since=self.request.at, until=until, decision=decision)

    def _decision(self) -> Decision:
        reasons = self._block_reasons()
        missing = () if reasons else self._unmet()
        failed = bool(reasons or missing)
        outcome = Outcome.BLOCK if reasons else Outcome.STEP_UP if missing else Outcome.ALLOW
        reasons = reasons or self._step_up_reasons(missing)
        if self.request.assigned is False:
            outcome, missing = Outcome.BLOCK, ()
            reasons = (Reason.of("notAssigned"), *reasons)
        return Decision(
            outcome=outcome,
            assignment=ASSIGNMENTS[self.request.assigned],
            conditional_access=self._status(failed=failed),
            reasons=reasons,
            unmet=missing,
            limits=merge_limits(found.limits for found in self.enforced if found.limits is not None),
            session=merge_session(
                tuple(found.policy for found in self.enforced), (found.ages for found in self.enforced)
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
        return tuple(reason for found in self.enforced if (reason := self._block_reason(found)) is not None)

    def _block_reason(self, found: CompiledPolicy) -> Reason | None:
        """Why nothing that the person could be asked for lets this request pass."""
        policy = {"policy": found.policy.id, "name": found.policy.display_name}
        if found.undecided:
            return Reason.of("policyCannotBeEvaluated", **policy)
        if found.blocks:
            return Reason.of("blockedByPolicy", **policy)
        if self._legacy and self.groups(found):
            return Reason.of("legacyClientCannotSatisfy", **policy)  # D COND
        ages = self.ages if found.policy.state is PolicyState.ENABLED else found.ages
        for group in self.groups(found):
            if self.hopeless(group, ages):
                return Reason.of(CONTROL_REASONS[group[0].control], **policy)
        unenforced = self.unenforced(found)
        if unenforced:
            return Reason.of("sessionControlCannotBeEnforced", **policy, controls=", ".join(unenforced))
        return None

    def hopeless(self, group: Group, ages: Ages) -> bool:
        """Whether a demand is not met, and nothing that can be asked for here would meet it."""
        request = self.request
        return satisfied_until(group, self.freshness(ages), request) is None and not any(
            askable(alternative, request) for alternative in group
        )

    def unenforced(self, found: CompiledPolicy) -> tuple[SessionControl, ...]:
        """The policy's session controls that this request's enforcement point does not keep."""
        bound = self.request.satisfied.token_protection
        lacking = found.session_controls - self.request.enforced_by.enforces
        if SessionControl.SECURE_SIGN_IN_SESSION in found.session_controls and bound is not None:
            lacking = lacking - {SessionControl.SECURE_SIGN_IN_SESSION}
            if not bound:
                lacking |= {SessionControl.SECURE_SIGN_IN_SESSION}
        return tuple(sorted(lacking))

    def _unmet(self) -> tuple[Unmet, ...]:
        asked = []
        frequency = unmet_frequency(self.fresh, self.ages)
        if frequency is not None:
            policies = tuple(found.policy.id for found in self.enforced if found.ages.primary is not None)
            asked.append(Unmet(policies=policies, alternatives=(frequency,)))
        for group, policies in self._demands.items():
            if satisfied_until(group, self.fresh, self.request) is None:
                alternatives = unmet(group, self.fresh, self.ages, self.request)
                asked.append(Unmet(policies=policies, alternatives=alternatives))
        return tuple(asked)

    def _step_up_reasons(self, missing: Iterable[Unmet]) -> tuple[Reason, ...]:
        names = {found.policy.id: found.policy.display_name for found in self.enforced}
        return tuple(_step_up_reason(demand, [names[policy] for policy in demand.policies]) for demand in missing)

    def _valid_until(self) -> datetime | None:
        """The first instant at which a demand stops being satisfied by what is proved."""
        ends = [satisfied_until(group, self.fresh, self.request) or self.request.at for group in self._demands]
        if self.ages.primary is not None:
            ends.append(self.fresh.primary_until or self.request.at)
        first = min(ends, default=NEVER)
        return None if first == NEVER else first

    def _results(self, policies: Iterable[CompiledPolicy]) -> tuple[AppliedPolicy, ...]:
        return tuple(self._compiled.memo.applied(found.policy, self.result(found)) for found in policies)

    def result(self, found: CompiledPolicy) -> PolicyResult:
        """How one applicable policy went, in Graph's words (reference: report-only and log results)."""
        if found.undecided:
            return PolicyResult.UNKNOWN
        impossible = self._block_reason(found) is not None
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
            satisfied_until(group, fresh, self.request) is not None for group in self.groups(found)
        ) and self.frequency_satisfied(found)

    def frequency_satisfied(self, found: CompiledPolicy) -> bool:
        """Its own sign-in frequency: no first factor too old, no demand that its ages alone leave unsatisfied."""
        fresh, ageless = self.freshness(found.ages), self.freshness(Ages())
        if unmet_frequency(fresh, found.ages) is not None:
            return False
        return all(
            satisfied_until(group, fresh, self.request) is not None
            or satisfied_until(group, ageless, self.request) is None
            for group in self._demands
        )

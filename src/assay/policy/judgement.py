"""What the applicable policies make of one request, policy by policy: what a decision says and nobody waits for."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from assay.policy.compile import CompiledPolicy, PolicyTable
from assay.policy.controls import Group, demands_strength, without_strength
from assay.policy.decision import AppliedPolicy, Details, PolicyResult, Unmet
from assay.policy.definition import PolicyState
from assay.policy.enforcement import PROMPTS, Control, SessionControl
from assay.policy.freshness import NO_AGES, Ages, Freshness, shortest
from assay.policy.request import LEGACY_CLIENT_APPS, REGISTRATION, AccessRequest
from assay.policy.satisfaction import askable, satisfied_until, unenforced, unmet, unmet_frequency
from assay.values import PolicyId, Reason

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


def _step_up_reason(demand: Unmet, names: Sequence[str]) -> Reason:
    control = demand.alternatives[0].control
    if control in (Control.MFA, Control.AUTHENTICATION_STRENGTH, Control.SIGN_IN_FREQUENCY):
        return Reason.of(CONTROL_REASONS[control], policies=", ".join(names))
    return Reason.of(CONTROL_REASONS[control], policy=demand.policies[0], name=names[0])


def _reason(code: str, found: CompiledPolicy, **more: str) -> Reason:
    return Reason.of(code, policy=found.policy.id, name=found.policy.display_name, **more)


class Judgement:
    """What the applicable policies make of the proofs of one request."""

    def __init__(self, table: PolicyTable, applicable: int, request: AccessRequest) -> None:
        self._table = table
        self.request = request
        self._legacy = request.client_app in LEGACY_CLIENT_APPS
        self._registering = request.target == REGISTRATION
        self._by_registration = frozenset(found.policy.id for found in table.of(applicable & table.by_registration))
        self.enforced = tuple(table.of(applicable & table.enforced))
        self.report_only = tuple(table.of(applicable & ~table.enforced))
        # The strength of a policy on the registration itself stands in for those of all the others (D AS2).
        self._replaced = self._registering and any(
            found.policy.id in self._by_registration and demands_strength(found.groups) for found in self.enforced
        )
        self._left: dict[PolicyId, tuple[Group, ...]] = {}
        self.ages = shortest(found.ages for found in self.enforced)
        self.fresh = Freshness(request.proofs, request.at, self.ages)
        self._freshness: dict[Ages, Freshness] = {self.ages: self.fresh}
        self._demands = self._merged_demands()
        self._until: dict[tuple[int, int], datetime | None] = {}

    def _satisfied_until(self, group: Group, fresh: Freshness) -> datetime | None:
        """As `satisfied_until`, once for each: many policies share a demand (both are held as long as this is)."""
        key = (id(group), id(fresh))
        if key not in self._until:
            self._until[key] = satisfied_until(group, fresh, self.request)
        return self._until[key]

    def freshness(self, ages: Ages) -> Freshness:
        """The proofs under some ages; remembered, because an answer holds until the first of them changes."""
        if ages is self.ages:
            return self.fresh
        known = self._freshness.get(ages)
        if known is None:
            known = self._freshness[ages] = Freshness(self.request.proofs, self.request.at, ages)
        return known

    def groups(self, found: CompiledPolicy) -> tuple[Group, ...]:
        """What a policy demands of this request's authentication."""
        if self._registering and found.policy.id not in self._by_registration:
            return self._without_strength(found) if self._replaced else found.groups_registering
        return found.groups

    def _without_strength(self, found: CompiledPolicy) -> tuple[Group, ...]:
        left = self._left.get(found.policy.id)
        if left is None:
            left = self._left[found.policy.id] = without_strength(found.groups_registering)
        return left

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

    def details(self) -> Details:
        """Everything that the decision says beside what is done."""
        reasons = self._block_reasons()
        missing = () if reasons else self._unmet()
        reasons = reasons or self._step_up_reasons(missing)
        if self.request.assigned is False:
            missing, reasons = (), (Reason.of("notAssigned"), *reasons)
        return Details(
            reasons=reasons,
            unmet=missing,
            applied=self._results(self.enforced),
            report_only=self._results(self.report_only),
        )

    def _block_reasons(self) -> tuple[Reason, ...]:
        """A block asks nobody anything (D POL); neither does what cannot be evaluated or satisfied."""
        return tuple(reason for found in self.enforced if (reason := self._block_reason(found)) is not None)

    def _block_reason(self, found: CompiledPolicy) -> Reason | None:
        """Why nothing that the person could be asked for lets this request pass."""
        if found.undecided:
            return _reason("policyCannotBeEvaluated", found)
        if found.blocks:
            return _reason("blockedByPolicy", found)
        if self._legacy and self.groups(found):
            return _reason("legacyClientCannotSatisfy", found)  # D COND
        ages = self.ages if found.policy.state is PolicyState.ENABLED else found.ages
        for group in self.groups(found):
            if self.hopeless(group, ages):
                return _reason(CONTROL_REASONS[group[0].control], found)
        unenforced = self.unenforced(found)
        if unenforced:
            return _reason("sessionControlCannotBeEnforced", found, controls=", ".join(unenforced))
        return None

    def hopeless(self, group: Group, ages: Ages) -> bool:
        """Whether a demand is not met, and nothing that can be asked for here would meet it."""
        request = self.request
        return self._satisfied_until(group, self.freshness(ages)) is None and not any(
            askable(alternative, request) for alternative in group
        )

    def unenforced(self, found: CompiledPolicy) -> tuple[SessionControl, ...]:
        """The policy's session controls that this request's enforcement point does not keep."""
        return tuple(sorted(unenforced(found.session_controls, self.request))) if found.session_controls else ()

    def _unmet(self) -> tuple[Unmet, ...]:
        asked = []
        frequency = unmet_frequency(self.fresh, self.ages)
        if frequency is not None:
            policies = tuple(found.policy.id for found in self.enforced if found.ages.primary is not None)
            asked.append(Unmet(policies=policies, alternatives=(frequency,)))
        for group, policies in self._demands.items():
            if self._satisfied_until(group, self.fresh) is None:
                alternatives = unmet(group, self.fresh, self.ages, self.request)
                asked.append(Unmet(policies=policies, alternatives=alternatives))
        return tuple(asked)

    def _step_up_reasons(self, missing: Iterable[Unmet]) -> tuple[Reason, ...]:
        names = {found.policy.id: found.policy.display_name for found in self.enforced}
        return tuple(_step_up_reason(demand, [names[policy] for policy in demand.policies]) for demand in missing)

    def _results(self, policies: Iterable[CompiledPolicy]) -> tuple[AppliedPolicy, ...]:
        return tuple(self._table.applied(found.policy, self.result(found)) for found in policies)

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
            self._satisfied_until(group, fresh) is not None for group in self.groups(found)
        ) and self.frequency_satisfied(found)

    def frequency_satisfied(self, found: CompiledPolicy) -> bool:
        """Its own sign-in frequency: no first factor too old, no demand that its ages alone leave unsatisfied."""
        if found.ages == NO_AGES:
            return True
        fresh, ageless = self.freshness(found.ages), self.freshness(NO_AGES)
        if unmet_frequency(fresh, found.ages) is not None:
            return False
        return all(
            self._satisfied_until(group, fresh) is not None or self._satisfied_until(group, ageless) is None
            for group in self._demands
        )

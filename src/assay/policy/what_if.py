"""Graph's What If: which policies would apply to a sign-in, and of the others what does not fit (D WI, EVAL)."""

from enum import StrEnum
from typing import Final

from assay.policy.compile import CompiledPolicySet
from assay.policy.condition_set import ALL_TRUSTED
from assay.policy.conditions.base import ConditionName, Rule
from assay.policy.definition import ConditionalAccessPolicy, PolicyState
from assay.policy.explain import explain
from assay.policy.explanation import ConditionExplanation
from assay.policy.location_table import LocationTable
from assay.policy.request import AccessRequest, AppTarget, UserActionTarget
from assay.values import Value


class AnalysisReason(StrEnum):
    """Graph's whatIfAnalysisReasons; one is given, the first that fails in this order (the order of their numbers)."""

    NOT_SET = "notSet"
    NOT_ENOUGH_INFORMATION = "notEnoughInformation"
    INVALID_CONDITION = "invalidCondition"
    USERS = "users"
    WORKLOAD_IDENTITIES = "workloadIdentities"
    APPLICATION = "application"
    USER_ACTIONS = "userActions"
    AUTHENTICATION_CONTEXT = "authenticationContext"
    DEVICE_PLATFORM = "devicePlatform"
    DEVICES = "devices"
    CLIENT_APPS = "clientApps"
    LOCATION = "location"
    SIGN_IN_RISK = "signInRisk"
    EMPTY_POLICY = "emptyPolicy"
    INVALID_POLICY = "invalidPolicy"
    POLICY_NOT_ENABLED = "policyNotEnabled"
    USER_RISK = "userRisk"
    TIME = "time"
    INSIDER_RISK = "insiderRisk"
    AUTHENTICATION_FLOW = "authenticationFlow"
    AGENT_IDENTITIES = "agentIdentities"  # beta
    AGENT_ID_RISK = "agentIdRisk"  # beta


_ORDER: Final = tuple(AnalysisReason)
_REASONS: Final = {
    ConditionName.DEVICE_PLATFORM: AnalysisReason.DEVICE_PLATFORM,
    ConditionName.DEVICE_STATE: AnalysisReason.DEVICES,
    ConditionName.CLIENT_TYPE: AnalysisReason.CLIENT_APPS,
    ConditionName.LOCATION: AnalysisReason.LOCATION,
    ConditionName.SIGN_IN_RISK: AnalysisReason.SIGN_IN_RISK,
    ConditionName.USER_RISK: AnalysisReason.USER_RISK,
    ConditionName.INSIDER_RISK: AnalysisReason.INSIDER_RISK,
    ConditionName.AUTHENTICATION_FLOWS: AnalysisReason.AUTHENTICATION_FLOW,
    ConditionName.AGENT_ID_RISK: AnalysisReason.AGENT_ID_RISK,
    # Graph has no word of their own for these.
    ConditionName.SERVICE_PRINCIPAL_RISK: AnalysisReason.WORKLOAD_IDENTITIES,
    ConditionName.AGENT_CONTEXT: AnalysisReason.AGENT_IDENTITIES,
}


class WhatIfResult(Value, frozen=True, kw_only=True):
    """Graph's whatIfAnalysisResult: the policy, whether it applies, and what speaks against it."""

    policy: ConditionalAccessPolicy
    applies: bool
    reason: AnalysisReason


def what_if(compiled: CompiledPolicySet, request: AccessRequest) -> tuple[WhatIfResult, ...]:
    """Every policy of the set, in its order, enabled or report-only; grant controls are not looked at.

    A configured condition that the request has no value for does not apply. A part that is not decided here
    is `notEnoughInformation`, and then the policy does apply: it is refused by, not passed over.
    """
    if request.principal.break_glass:
        # One built-in policy judges emergency access, and none of the set.
        return tuple(
            WhatIfResult(policy=policy, applies=False, reason=_passed_over(policy))
            for policy in compiled.policy_set.policies
        )
    policies = {policy.id: policy for policy in compiled.policy_set.policies}
    results = []
    for found in explain(compiled, request).every():
        policy = policies[found.policy]
        if policy.state is PolicyState.DISABLED:
            reason, applies = AnalysisReason.POLICY_NOT_ENABLED, False
        else:
            failing = [_reason(each, request) for each in found.conditions if _fails(each, request, compiled.locations)]
            applies = not failing
            undecided = AnalysisReason.NOT_ENOUGH_INFORMATION if found.undecided else AnalysisReason.NOT_SET
            reason = min(failing, key=_ORDER.index, default=undecided)
        results.append(WhatIfResult(policy=policy, applies=applies, reason=reason))
    return tuple(results)


def _passed_over(policy: ConditionalAccessPolicy) -> AnalysisReason:
    return AnalysisReason.POLICY_NOT_ENABLED if policy.state is PolicyState.DISABLED else AnalysisReason.USERS


def _fails(found: ConditionExplanation, request: AccessRequest, locations: LocationTable) -> bool:
    if not found.configured or found.undecided:
        return not found.satisfied
    if not found.supplied or not found.satisfied:
        return True
    return found.condition is ConditionName.LOCATION and not _told(found, request, locations)


def _told(found: ConditionExplanation, request: AccessRequest, locations: LocationTable) -> bool:
    """Whether an include holds by what was given: of a location that only perhaps holds, the value is missing."""
    place = locations.place(
        request.address, request.country, request.gps_country, compliant_network=request.compliant_network
    )
    trusted = not place.holding.isdisjoint(locations.trusted)
    return any(
        rule.rule is Rule.ALL_LOCATIONS or (rule.value == ALL_TRUSTED and trusted) or rule.value in place.holding
        for rule in found.include
    )


def _reason(found: ConditionExplanation, request: AccessRequest) -> AnalysisReason:
    if found.condition is ConditionName.APPLICATION:
        if isinstance(request.target, AppTarget):
            return AnalysisReason.APPLICATION
        if isinstance(request.target, UserActionTarget):
            return AnalysisReason.USER_ACTIONS
        return AnalysisReason.AUTHENTICATION_CONTEXT
    if found.condition is ConditionName.USERS:
        return AnalysisReason.USERS
    if found.condition is ConditionName.SERVICE_PRINCIPALS:
        return AnalysisReason.AGENT_IDENTITIES if request.principal.agent else AnalysisReason.WORKLOAD_IDENTITIES
    return _REASONS[found.condition]

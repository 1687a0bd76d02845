"""Which policies contradict themselves, so that Graph stores none of them (D GC, GRANT, WL)."""

from collections.abc import Callable
from typing import Final

from assay.policy.condition_set import ALL
from assay.policy.definition import BuiltInControl, ConditionalAccessPolicy, GrantControls, Operator
from assay.values import Reason

_NOTHING: Final = GrantControls()


def contradiction(policy: ConditionalAccessPolicy) -> Reason | None:
    """Why this policy is not stored when somebody writes it, or None. What was exported is imported as it is."""
    return next((Reason.of(code) for code, holds in RULES.items() if holds(policy)), None)


def _demanded(policy: ConditionalAccessPolicy) -> GrantControls:
    return policy.grant_controls or _NOTHING


def _count(grant: GrantControls) -> int:
    lists = (grant.built_in_controls, grant.terms_of_use, grant.custom_authentication_factors)
    return sum(map(len, lists)) + (grant.authentication_strength is not None)


def _mfa_twice(policy: ConditionalAccessPolicy) -> bool:
    grant = _demanded(policy)
    return BuiltInControl.MFA in grant.built_in_controls and grant.authentication_strength is not None


def _block_and_more(policy: ConditionalAccessPolicy) -> bool:
    grant = _demanded(policy)
    return BuiltInControl.BLOCK in grant.built_in_controls and _count(grant) > 1


def _loose_password_change(policy: ConditionalAccessPolicy) -> bool:
    grant, conditions = _demanded(policy), policy.conditions
    if BuiltInControl.PASSWORD_CHANGE not in grant.built_in_controls:
        return False
    strong = BuiltInControl.MFA in grant.built_in_controls or grant.authentication_strength is not None
    applications = conditions.applications
    everywhere = applications.include_applications == (ALL,) and not applications.exclude_applications
    return not (
        strong
        and _count(grant) == 2
        and grant.operator is Operator.AND
        and everywhere
        and conditions.user_risk_levels
        and not conditions.sign_in_risk_levels
    )


def _program_asked(policy: ConditionalAccessPolicy) -> bool:
    """A program can be blocked; there is nothing that it could be asked for."""
    if policy.conditions.client_applications is None or policy.grant_controls is None:
        return False
    return _demanded(policy).built_in_controls != (BuiltInControl.BLOCK,) or _count(_demanded(policy)) > 1


def _several_targets(policy: ConditionalAccessPolicy) -> bool:
    found = policy.conditions.applications
    named = (
        found.include_applications,
        found.include_user_actions,
        found.include_authentication_context_class_references,
    )
    return sum(map(bool, named)) > 1


def _persistent_somewhere(policy: ConditionalAccessPolicy) -> bool:
    session, applications = policy.session_controls, policy.conditions.applications
    return (
        session is not None and session.persistent_browser is not None and applications.include_applications != (ALL,)
    )


RULES: Final[dict[str, Callable[[ConditionalAccessPolicy], bool]]] = {
    "mfaAndStrength": _mfa_twice,
    "blockAndMore": _block_and_more,
    "passwordChangeLoose": _loose_password_change,
    "programAsked": _program_asked,
    "severalTargets": _several_targets,
    "persistentBrowserSomewhere": _persistent_somewhere,
}

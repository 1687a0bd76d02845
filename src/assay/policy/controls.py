"""Grant and session controls: what a policy demands, and how the session controls of several merge."""

from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from typing import Final

from assay.policy.condition_set import ALL, ConditionSet
from assay.policy.decision import EffectiveSessionControls, Limits
from assay.policy.definition import (
    AuthenticationStrengthPolicy,
    BuiltInControl,
    CombinationConfiguration,
    ConditionalAccessPolicy,
    GrantControls,
    Operator,
)
from assay.policy.enforcement import PROMPTS, Control, SessionControl
from assay.policy.freshness import EVERY_TIME, Ages, ages_of, shortest
from assay.policy.request import Method
from assay.policy.session_controls import (
    CloudAppSecurity,
    ContinuousAccessEvaluation,
    LimitControls,
    PersistentBrowserMode,
)
from assay.policy.strengths import MFA
from assay.values import Value


class Alternative(Value, frozen=True, kw_only=True, cache_hash=True):
    """One control: satisfied by any one of the combinations, or by what `satisfaction.py` looks for.

    `configurations`: limits on the keys and certificates of the combinations.
    `subject`: the id of the terms of use or of the custom factor.
    """

    control: Control
    strength: str | None = None
    combinations: tuple[tuple[Method, ...], ...] = ()
    configurations: tuple[CombinationConfiguration, ...] = ()
    subject: str | None = None


REMEMBERED: Final = 1_024  # demands
Group = tuple[Alternative, ...]  # any one alternative satisfies a group; a policy demands all its groups
_BUILT_IN = {
    found: Control(found.value) for found in BuiltInControl if found not in (BuiltInControl.BLOCK, BuiltInControl.MFA)
}


def blocks(policy: ConditionalAccessPolicy) -> bool:
    """Block beside other controls is still block."""
    return policy.grant_controls is not None and BuiltInControl.BLOCK in policy.grant_controls.built_in_controls


def groups_of(
    policy: ConditionalAccessPolicy, strengths: Mapping[str, AuthenticationStrengthPolicy], *, registering: bool
) -> tuple[Group, ...]:
    """What a policy demands; empty grant controls demand nothing (X PACK).

    `registering`: sign-in methods are being registered, and the policy is not about that user action. Then its
    strength is read as multifactor authentication: else nobody could ever register the method that the strength asks
    for. (Where a policy on the action demands a strength, that one stands in for it: `without_strength`, D AS2.)
    """
    grant = policy.grant_controls
    if grant is None:
        return ()
    named = grant.authentication_strength
    if named is not None and registering:
        named = MFA
    return _groups(grant, named, None if named is None else strengths.get(named), strengths.get(MFA))


@lru_cache(maxsize=REMEMBERED)
def _groups(
    grant: GrantControls,
    named: str | None,
    strength: AuthenticationStrengthPolicy | None,
    mfa: AuthenticationStrengthPolicy | None,
) -> tuple[Group, ...]:
    """One object for all policies that demand the same: whether it is met is asked once for all of them."""
    alternatives = sorted(_alternatives(grant, named, strength, mfa), key=lambda found: PROMPTS.index(found.control))
    if grant.operator is Operator.OR:
        return (tuple(alternatives),) if alternatives else ()
    return tuple((alternative,) for alternative in alternatives)


def demands_strength(groups: Iterable[Group]) -> bool:
    """Whether an authentication strength is demanded, and nothing else would do."""
    return any(all(found.control is Control.AUTHENTICATION_STRENGTH for found in group) for group in groups)


def without_strength(groups: Iterable[Group]) -> tuple[Group, ...]:
    """What is left where another strength stands in for the policy's own (D AS2), and with it meets these groups."""
    strength = Control.AUTHENTICATION_STRENGTH
    return tuple(group for group in groups if all(found.control is not strength for found in group))


def _alternatives(
    grant: GrantControls,
    named: str | None,
    strength: AuthenticationStrengthPolicy | None,
    mfa: AuthenticationStrengthPolicy | None,
) -> Iterable[Alternative]:
    if BuiltInControl.MFA in grant.built_in_controls:
        yield _authentication(Control.MFA, MFA, mfa)
    if named is not None:
        yield _authentication(Control.AUTHENTICATION_STRENGTH, named, strength)
    for built_in in grant.built_in_controls:
        if built_in in _BUILT_IN:
            yield Alternative(control=_BUILT_IN[built_in])
    for agreement in grant.terms_of_use:
        yield Alternative(control=Control.TERMS_OF_USE, subject=agreement)
    for factor in grant.custom_authentication_factors:
        yield Alternative(control=Control.CUSTOM_AUTHENTICATION_FACTOR, subject=factor)


def _authentication(control: Control, strength: str, known: AuthenticationStrengthPolicy | None) -> Alternative:
    """An unknown strength has no combinations; its policy is undecided and denies before this is asked."""
    if known is None:
        return Alternative(control=control, strength=strength)
    return Alternative(
        control=control,
        strength=strength,
        combinations=known.allowed_combinations,
        configurations=known.combination_configurations,
    )


def ages_of_policy(policy: ConditionalAccessPolicy) -> Ages:
    """The ages that the policy's own sign-in frequency demands; remediation of risk brings everyTime (D GRANT)."""
    frequency = policy.session_controls.sign_in_frequency if policy.session_controls else None
    own = Ages() if frequency is None else ages_of(frequency)
    grant = policy.grant_controls
    if grant is not None and BuiltInControl.RISK_REMEDIATION in grant.built_in_controls:
        return shortest((own, ages_of(EVERY_TIME)))
    return own


def session_controls_of(policy: ConditionalAccessPolicy) -> frozenset[SessionControl]:
    """Which session controls a policy configures."""
    found = policy.session_controls
    if found is None:
        return frozenset()
    configured = {
        SessionControl.APPLICATION_ENFORCED_RESTRICTIONS: found.application_enforced_restrictions,
        SessionControl.CLOUD_APP_SECURITY: found.cloud_app_security is not None,
        SessionControl.SIGN_IN_FREQUENCY: found.sign_in_frequency is not None,
        SessionControl.PERSISTENT_BROWSER: found.persistent_browser is not None,
        SessionControl.CONTINUOUS_ACCESS_EVALUATION: found.continuous_access_evaluation is not None,
        SessionControl.DISABLE_RESILIENCE_DEFAULTS: found.disable_resilience_defaults,
        SessionControl.SECURE_SIGN_IN_SESSION: found.secure_sign_in_session,
        SessionControl.NETWORK_ACCESS_SECURITY: found.network_access_security is not None,
        SessionControl.GLOBAL_SECURE_ACCESS_FILTERING_PROFILE: found.global_secure_access_filtering_profile is not None,
        SessionControl.LIMITS: found.limits is not None,
    }
    return frozenset(control for control, set_ in configured.items() if set_)


_CLOUD_APPS = tuple(reversed(CloudAppSecurity))
_EVALUATION = tuple(reversed(ContinuousAccessEvaluation))
_PERSISTENT = (PersistentBrowserMode.NEVER, PersistentBrowserMode.ALWAYS)


def merge_session(policies: Collection[ConditionalAccessPolicy], ages: Iterable[Ages]) -> EffectiveSessionControls:
    """All session controls together: the shortest ages; of persistent browsers never beats always (U)."""
    found = tuple(policy.session_controls for policy in policies if policy.session_controls is not None)
    modes = {each.persistent_browser for each in found}
    cloud_apps = {each.cloud_app_security for each in found}
    evaluation = {mode for policy in policies if (mode := evaluation_of(policy)) is not None}
    shortest_ages = shortest(ages)
    return EffectiveSessionControls(
        primary_max_age=shortest_ages.primary,
        secondary_max_age=shortest_ages.secondary,
        persistent_browser=next((mode for mode in _PERSISTENT if mode in modes), None),
        disable_resilience_defaults=any(each.disable_resilience_defaults for each in found),
        application_enforced_restrictions=any(each.application_enforced_restrictions for each in found),
        cloud_app_security=next((kind for kind in _CLOUD_APPS if kind in cloud_apps), None),
        continuous_access_evaluation=next((mode for mode in _EVALUATION if mode in evaluation), None),
        secure_sign_in_session=any(each.secure_sign_in_session for each in found),
        network_access_security=_distinct(each.network_access_security for each in found),
        global_secure_access_filtering_profiles=_distinct(
            each.global_secure_access_filtering_profile for each in found
        ),
    )


def evaluation_of(policy: ConditionalAccessPolicy) -> ContinuousAccessEvaluation | None:
    """`disabled` only counts in a policy on all resources with no conditions (D SESS)."""
    mode = policy.session_controls.continuous_access_evaluation if policy.session_controls else None
    if mode is not ContinuousAccessEvaluation.DISABLED:
        return mode
    conditions, applications = policy.conditions, policy.conditions.applications
    bare = ConditionSet(users=conditions.users, applications=applications)
    everywhere = ALL in applications.include_applications and not (
        applications.exclude_applications or applications.application_filter
    )
    return mode if conditions == bare and everywhere else None


def _distinct(values: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(sorted({value for value in values if value is not None}))


def merge_limits(several: Iterable[LimitControls]) -> Limits:
    """All limits together: read-only where any says so; only the methods that all leave."""
    found = tuple(several)
    methods = [frozenset(limit.methods) for limit in found if limit.methods is not None]
    return Limits(
        read_only=any(limit.read_only for limit in found),
        methods=frozenset.intersection(*methods) if methods else None,
    )

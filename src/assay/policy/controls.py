"""Grant and session controls: what a policy demands, whether the proofs satisfy it, how demands merge."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from assay.policy.decision import (
    CombinationOption,
    Control,
    EffectiveSessionControls,
    Factor,
    Limits,
    UnmetControl,
)
from assay.policy.definition import (
    AuthenticationStrengthPolicy,
    BuiltInControl,
    ConditionalAccessPolicy,
    LimitControls,
    Operator,
    PersistentBrowserMode,
    SessionControls,
)
from assay.policy.freshness import PRIMARY, Ages, Freshness, ages_of, factor, shortest
from assay.policy.request import Method
from assay.policy.strengths import MFA
from assay.values import Value


class Alternative(Value, frozen=True, kw_only=True):
    """One control that authentication satisfies: any one of the combinations."""

    control: Control
    strength: str
    combinations: tuple[tuple[Method, ...], ...]


Group = tuple[Alternative, ...]  # any one alternative satisfies a group; a policy demands all its groups


def blocks(policy: ConditionalAccessPolicy) -> bool:
    """Block beside other controls is still block."""
    return policy.grant_controls is not None and BuiltInControl.BLOCK in policy.grant_controls.built_in_controls


def groups_of(
    policy: ConditionalAccessPolicy, strengths: Mapping[str, AuthenticationStrengthPolicy], *, registering: bool
) -> tuple[Group, ...]:
    """What a policy demands of the authentication; empty grant controls demand nothing (X PACK).

    `registering`: sign-in methods are being registered, and the policy is not about that user action. Then its
    strength is read as multifactor authentication (D AS2 lets the action's own policies replace it): else nobody
    could ever register the method that the strength asks for.
    """
    grant = policy.grant_controls
    if grant is None:
        return ()
    alternatives = []
    if BuiltInControl.MFA in grant.built_in_controls:
        alternatives.append(_alternative(Control.MFA, MFA, strengths))
    if grant.authentication_strength is not None:
        named = MFA if registering else grant.authentication_strength
        alternatives.append(_alternative(Control.AUTHENTICATION_STRENGTH, named, strengths))
    if grant.operator is Operator.OR:
        return (tuple(alternatives),) if alternatives else ()
    return tuple((alternative,) for alternative in alternatives)


def _alternative(control: Control, strength: str, strengths: Mapping[str, AuthenticationStrengthPolicy]) -> Alternative:
    """An unknown strength has no combinations; its policy is undecided and denies before this is asked."""
    known = strengths.get(strength)
    return Alternative(control=control, strength=strength, combinations=known.allowed_combinations if known else ())


def satisfied_until(group: Group, fresh: Freshness) -> datetime | None:
    """Until when the group stays satisfied by what is proved (the way that lasts longest); None: it is not."""
    lasting = [
        min(fresh.until[method] for method in combination)
        for alternative in group
        for combination in alternative.combinations
        if combination and all(method in fresh.until for method in combination)
    ]
    return max(lasting, default=None)


def satisfied_by(alternative: Alternative, fresh: Freshness) -> tuple[Method, ...]:
    """The combination that satisfies the alternative longest, empty where none does."""
    proved = [
        (min(fresh.until[method] for method in combination), combination)
        for combination in alternative.combinations
        if combination and all(method in fresh.until for method in combination)
    ]
    return max(proved, default=(None, ()))[1]


def unmet(group: Group, fresh: Freshness, ages: Ages) -> tuple[UnmetControl, ...]:
    """The group's alternatives as things to ask for."""
    return tuple(_unmet_control(alternative, fresh, ages) for alternative in group)


def _unmet_control(alternative: Alternative, fresh: Freshness, ages: Ages) -> UnmetControl:
    too_old: set[Factor] = set()
    for combination in alternative.combinations:
        if all(method in fresh.until or method in fresh.stale for method in combination):
            too_old |= {factor(method) for method in combination if method in fresh.stale}
    options = (
        CombinationOption(
            combination=combination,
            missing=tuple(method for method in combination if method not in fresh.until),
        )
        for combination in alternative.combinations
    )
    limits = [age for which in too_old if (age := ages.of(which)) is not None]
    return UnmetControl(
        control=alternative.control,
        options=tuple(sorted(options, key=lambda option: len(option.missing))),
        strength=alternative.strength,
        too_old=tuple(sorted(too_old)),
        max_age=min(limits, default=None),
    )


def unmet_frequency(fresh: Freshness, ages: Ages) -> UnmetControl | None:
    """Re-authentication with any first factor, where the sign-in frequency leaves none fresh."""
    if ages.primary is None or fresh.primary_until is not None:
        return None
    return UnmetControl(
        control=Control.SIGN_IN_FREQUENCY,
        options=tuple(
            CombinationOption(combination=(method,), missing=(method,)) for method in Method if method in PRIMARY
        ),
        too_old=(Factor.PRIMARY,) if fresh.proved_primary else (),
        max_age=ages.primary,
    )


def ages_of_policy(policy: ConditionalAccessPolicy) -> Ages:
    """The ages that the policy's own sign-in frequency demands."""
    frequency = policy.session_controls.sign_in_frequency if policy.session_controls else None
    return Ages() if frequency is None else ages_of(frequency)


def merge_session(controls: Collection[SessionControls], ages: Iterable[Ages]) -> EffectiveSessionControls:
    """All session controls together: the shortest ages; of persistent browsers never beats always (U)."""
    modes = {found.persistent_browser for found in controls}
    ranking = (PersistentBrowserMode.NEVER, PersistentBrowserMode.ALWAYS)
    shortest_ages = shortest(ages)
    return EffectiveSessionControls(
        primary_max_age=shortest_ages.primary,
        secondary_max_age=shortest_ages.secondary,
        persistent_browser=next((mode for mode in ranking if mode in modes), None),
        disable_resilience_defaults=any(found.disable_resilience_defaults for found in controls),
    )


def merge_limits(several: Iterable[LimitControls]) -> Limits:
    """All limits together: read-only where any says so; only the methods that all leave."""
    found = tuple(several)
    methods = [frozenset(limit.methods) for limit in found if limit.methods is not None]
    return Limits(
        read_only=any(limit.read_only for limit in found),
        methods=frozenset.intersection(*methods) if methods else None,
    )

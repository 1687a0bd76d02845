"""What of a policy this engine cannot decide: such a policy restricts where it may apply, it is never skipped."""

from collections.abc import Collection, Iterable, Mapping

from assay.policy.condition_set import ALL_TRUSTED
from assay.policy.definition import AuthenticationStrengthPolicy, ConditionalAccessPolicy, PolicySet, Undecided
from assay.policy.location_table import undecided_names
from assay.policy.session_controls import FrequencyInterval
from assay.policy.strengths import BUILT_IN


def undecided_parts(
    policy: ConditionalAccessPolicy,
    locations: Collection[str],
    strengths: Mapping[str, AuthenticationStrengthPolicy],
) -> tuple[Undecided, ...]:
    """The policy's own undecided parts, and those of what it names; `locations`: `LocationTable.undecided`."""
    return (
        *policy.undecided,
        *_locations(policy, locations),
        *_strength(policy, strengths),
        *_frequency(policy),
    )


def undecided_paths(policy: ConditionalAccessPolicy, policy_set: PolicySet) -> tuple[str, ...]:
    """The same as people read it, for a policy of a set; while there is one, the policy may only be report-only."""
    undecided = undecided_names(policy_set.locations)
    strengths = {strength.id: strength for strength in policy_set.strengths} | BUILT_IN
    return tuple(part.where for part in undecided_parts(policy, undecided, strengths))


def _locations(policy: ConditionalAccessPolicy, undecided: Collection[str]) -> Iterable[Undecided]:
    locations = policy.conditions.locations
    if locations is None:
        return
    lists = {"includeLocations": locations.include_locations, "excludeLocations": locations.exclude_locations}
    for key, named in lists.items():
        for location in named:
            if location in undecided and not (location == ALL_TRUSTED and key == "excludeLocations"):
                yield Undecided(path=("conditions", "locations", key), json=f'"{location}"', element=True)


def _strength(
    policy: ConditionalAccessPolicy, strengths: Mapping[str, AuthenticationStrengthPolicy]
) -> Iterable[Undecided]:
    """An unknown strength cannot be satisfied, nor can one without combinations: both deny."""
    named = policy.grant_controls.authentication_strength if policy.grant_controls else None
    if named is None:
        return
    path = ("grantControls", "authenticationStrength")
    strength = strengths.get(named)
    if strength is None or not strength.allowed_combinations:
        yield Undecided(path=path, json=f'"{named}"', element=True)
    else:
        for part in strength.undecided:
            yield Undecided(path=path + part.path, json=part.json, element=part.element)


def _frequency(policy: ConditionalAccessPolicy) -> Iterable[Undecided]:
    frequency = policy.session_controls.sign_in_frequency if policy.session_controls else None
    if frequency is None or frequency.interval is FrequencyInterval.EVERY_TIME:
        return
    if frequency.value is None or frequency.value < 1 or frequency.unit is None:
        yield Undecided(path=("sessionControls", "signInFrequency"), json="null")

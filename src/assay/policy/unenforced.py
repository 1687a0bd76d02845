"""What of a policy is decided, and can never be met here: our gateway neither sees, asks for nor keeps it."""

from collections.abc import Collection, Iterator, Mapping

from assay.policy.controls import session_controls_of
from assay.policy.definition import AuthenticationStrengthPolicy, BuiltInControl, ConditionalAccessPolicy
from assay.policy.enforcement import GATEWAY
from assay.policy.request import Method

_ASKED = {BuiltInControl.BLOCK, BuiltInControl.MFA}


# What our pages register and ask for, and the enrolment link.
METHODS = frozenset(
    {
        Method.PASSWORD,
        Method.SOFTWARE_OATH,
        Method.FIDO2,
        Method.RECOVERY_CODE,
        Method.TEMPORARY_ACCESS_PASS_ONE_TIME,
    }
)


def unenforced_paths(
    policy: ConditionalAccessPolicy,
    sourceless: Collection[str],
    strengths: Mapping[str, AuthenticationStrengthPolicy],
) -> tuple[str, ...]:
    """The demands by their paths, such as `grantControls.builtInControls.compliantDevice`.

    Such a demand refuses whoever the policy is about, until what it asks for exists here. The same holds for locations
    that nothing here can tell (`sourceless`: their ids, `LocationTable.sourceless`): they include, and never excuse;
    and for one of the `strengths` of which each combination holds a method that nobody can have here, or a passkey of
    a model that it names.
    """
    return (
        *_filters(policy),
        *_locations(policy, sourceless),
        *_grant(policy),
        *_strength(policy, strengths),
        *_session(policy),
    )


def _filters(policy: ConditionalAccessPolicy) -> Iterator[str]:
    """No app and no program has custom security attributes here: such a filter finds none, or exempts all."""
    applications, programs = policy.conditions.applications, policy.conditions.client_applications
    if applications.application_filter is not None:
        yield "conditions.applications.applicationFilter"
    if programs is not None and programs.service_principal_filter is not None:
        yield "conditions.clientApplications.servicePrincipalFilter"
    if programs is not None and programs.agent_id_service_principal_filter is not None:
        yield "conditions.clientApplications.agentIdServicePrincipalFilter"


def _locations(policy: ConditionalAccessPolicy, sourceless: Collection[str]) -> Iterator[str]:
    locations = policy.conditions.locations
    if locations is None:
        return
    lists = {"includeLocations": locations.include_locations, "excludeLocations": locations.exclude_locations}
    for key, named in lists.items():
        for location in named:
            if location in sourceless:
                yield f"conditions.locations.{key}.{location}"


def _grant(policy: ConditionalAccessPolicy) -> Iterator[str]:
    grant = policy.grant_controls
    if grant is None:
        return
    for control in grant.built_in_controls:
        if control not in _ASKED:
            yield f"grantControls.builtInControls.{control}"
    for agreement in grant.terms_of_use:
        yield f"grantControls.termsOfUse.{agreement}"
    for factor in grant.custom_authentication_factors:
        yield f"grantControls.customAuthenticationFactors.{factor}"


def _strength(policy: ConditionalAccessPolicy, strengths: Mapping[str, AuthenticationStrengthPolicy]) -> Iterator[str]:
    named = policy.grant_controls.authentication_strength if policy.grant_controls else None
    strength = strengths.get(named) if named is not None else None
    if strength is not None and not any(_met(strength, each) for each in strength.allowed_combinations):
        yield f"grantControls.authenticationStrength.{named}"


def _met(strength: AuthenticationStrengthPolicy, combination: tuple[Method, ...]) -> bool:
    """Whether somebody can prove it here: no sign-in says of which model its passkey is."""
    limits = (each for each in strength.combination_configurations if each.allowed_aaguids)
    about = (each.applies_to_combinations for each in limits)
    limited = any(not each or set(combination) in map(set, each) for each in about)
    return METHODS.issuperset(combination) and not (limited and Method.FIDO2 in combination)


def _session(policy: ConditionalAccessPolicy) -> Iterator[str]:
    for control in sorted(session_controls_of(policy) - GATEWAY.enforces):
        yield f"sessionControls.{control}"

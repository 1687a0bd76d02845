"""What of a policy is decided, and can never be met here: our gateway neither sees, asks for nor keeps it."""

from collections.abc import Collection, Iterator

from assay.policy.controls import session_controls_of
from assay.policy.definition import BuiltInControl, ConditionalAccessPolicy
from assay.policy.enforcement import GATEWAY

_ASKED = {BuiltInControl.BLOCK, BuiltInControl.MFA}


def unenforced_paths(policy: ConditionalAccessPolicy, sourceless: Collection[str]) -> tuple[str, ...]:
    """The demands by their paths, such as `grantControls.builtInControls.compliantDevice`.

    Such a demand refuses whoever the policy is about, until what it asks for exists here. The same holds for locations
    that nothing here can tell (`sourceless`: their ids, `LocationTable.sourceless`): they include, and never excuse.
    """
    return (*_filters(policy), *_locations(policy, sourceless), *_grant(policy), *_session(policy))


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


def _session(policy: ConditionalAccessPolicy) -> Iterator[str]:
    for control in sorted(session_controls_of(policy) - GATEWAY.enforces):
        yield f"sessionControls.{control}"

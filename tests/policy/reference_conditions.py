"""Which policies apply, read out of the documentation: slow, obvious, without index, each condition by itself."""

from ipaddress import IPv6Address, ip_address, ip_network

from assay.policy.condition_set import Filter, FilterMode
from assay.policy.definition import ConditionalAccessPolicy, CountryLookup, NamedLocation, PolicySet, PolicyState
from assay.policy.device import Device
from assay.policy.filter_parser import parse_filter_rule
from assay.policy.filter_rule import CUSTOM_SECURITY_ATTRIBUTE, DEVICE, holds, properties
from assay.policy.request import (
    AccessRequest,
    AppTarget,
    Attributes,
    AuthenticationContextTarget,
    ClientApp,
    GuestType,
    Platform,
    Principal,
    UserAction,
    UserKind,
)
from assay.policy.strengths import BUILT_IN
from assay.policy.targets import API, CONSOLE

# Those of the members that tests name (D APPS); our console and API are portals of administrators here (U). The
# last is an app that stands for others.
IN_GROUP = {
    "Office365": {"00000003-0000-0ff1-ce00-000000000000", "00000002-0000-0ff1-ce00-000000000000"},
    "MicrosoftAdminPortals": {
        "618dd325-23f6-4b6f-8380-4df78026e39b",
        "c44b4083-3bb0-49c1-b47d-974e53cbdf3c",
        CONSOLE,
        API,
    },
    "797f4846-ba00-4fd7-ba43-dac1f8f63013": {
        "c44b4083-3bb0-49c1-b47d-974e53cbdf3c",
        "e9f49c6b-5ce5-44c8-925d-015017e9f7ad",
        "f5c26e74-f226-4ae8-85f0-b4af0080ac9e",
        "ca7f3f0b-7d91-482c-8e09-c5d840d0eac5",
    },
}


def applies(policy: ConditionalAccessPolicy, policy_set: PolicySet, request: AccessRequest) -> bool:
    """All conditions at once; one that holds undecided parts may apply, so it does."""
    if policy.state is PolicyState.DISABLED:
        return False
    conditions = policy.conditions
    levels = {
        "signInRiskLevels": (conditions.sign_in_risk_levels, request.sign_in_risk),
        "userRiskLevels": (conditions.user_risk_levels, request.user_risk),
        "servicePrincipalRiskLevels": (conditions.service_principal_risk_levels, request.service_principal_risk),
        "agentIdRiskLevels": (conditions.agent_id_risk_levels, request.agent_id_risk),
        "insiderRiskLevels": (conditions.insider_risk_levels, request.insider_risk),
    }
    checks = {
        "users": subject_matches(policy, request.principal),
        "applications": target_matches(policy, request),
        "clientAppTypes": client_matches(policy, request.client_app),
        "platforms": platform_matches(policy, request.platform),
        "locations": location_matches(policy, policy_set, request),
        "devices": device_matches(policy, request.device),
        "authenticationFlows": not conditions.transfer_methods
        or any(flow in conditions.transfer_methods for flow in request.flows),
        "agentContext": not conditions.agent_contexts or request.agent_context in conditions.agent_contexts,
        **{part: not named or seen is None or seen in named for part, (named, seen) in levels.items()},
    }
    parts = {path[1] for path in undecided_paths(policy, policy_set) if path[0] == "conditions" and len(path) > 1}
    if request.principal.kind is None and "clientApplications" in parts:
        checks["users"] = True
    return all(matches or part in parts for part, matches in checks.items())


def undecided_paths(policy: ConditionalAccessPolicy, policy_set: PolicySet) -> list[tuple[str, ...]]:
    paths = [part.path for part in policy.undecided]
    odd_locations = {location.id for location in policy_set.locations if location.undecided}
    locations = policy.conditions.locations
    if locations:
        named = {*locations.include_locations, *locations.exclude_locations}
        odd_trust = any(location.undecided and location.is_trusted for location in policy_set.locations)
        if odd_locations & named or (odd_trust and "AllTrusted" in locations.include_locations):
            paths.append(("conditions", "locations"))
    strength = policy.grant_controls.authentication_strength if policy.grant_controls else None
    if strength is not None:
        custom = {found.id: found for found in policy_set.strengths}
        if strength not in BUILT_IN and (
            strength not in custom or custom[strength].undecided or not custom[strength].allowed_combinations
        ):
            paths.append(("grantControls", "authenticationStrength"))
    return paths


def subject_matches(policy: ConditionalAccessPolicy, person: Principal) -> bool:
    users = policy.conditions.users
    if person.kind is None:
        return workload_matches(policy, person)
    outsider = person.kind in (UserKind.GUEST, UserKind.CUSTOMER) or person.guest_type is not None
    types = guest_types(person)
    included_types = users.include_guests_or_external_users
    from_included = not users.include_external_tenants or person.tenant in (None, *users.include_external_tenants)
    from_excluded = not users.exclude_external_tenants or person.tenant in users.exclude_external_tenants
    included = (
        "All" in users.include_users
        or person.id in users.include_users
        or (outsider and "GuestsOrExternalUsers" in users.include_users)
        or any(group in users.include_groups for group in person.groups)
        or any(role in users.include_roles for role in person.roles)
        or (any(found in included_types for found in types) and from_included)
        or (person.agent and ("All" in users.include_agent_users or person.id in users.include_agent_users))
    )
    excluded = (
        person.id in users.exclude_users
        or (outsider and "GuestsOrExternalUsers" in users.exclude_users)
        or any(group in users.exclude_groups for group in person.groups)
        or any(role in users.exclude_roles for role in person.roles)
        or (bool(types) and all(found in users.exclude_guests_or_external_users for found in types) and from_excluded)
        or (person.agent and ("All" in users.exclude_agent_users or person.id in users.exclude_agent_users))
    )
    return included and not excluded


def guest_types(person: Principal) -> list[GuestType]:
    """What the person may be; of a guest nobody knows whether the credentials are of here or of elsewhere."""
    if person.guest_type is not None:
        return [person.guest_type]
    if person.kind is UserKind.GUEST:
        return [GuestType.INTERNAL_GUEST, GuestType.B2B_COLLABORATION_GUEST]
    return [GuestType.OTHER_EXTERNAL_USER] if person.kind is UserKind.CUSTOMER else []


def workload_matches(policy: ConditionalAccessPolicy, program: Principal) -> bool:
    found = policy.conditions.client_applications
    if found is None or program.foreign:
        return False
    if program.agent:
        include, exclude = found.include_agent_id_service_principals, found.exclude_agent_id_service_principals
        everybody, rule = "All" in include, found.agent_id_service_principal_filter
    else:
        include, exclude = found.include_service_principals, found.exclude_service_principals
        everybody, rule = "ServicePrincipalsInMyTenant" in include, found.service_principal_filter
    if program.id in exclude:
        return False
    return beside(rule, program.attributes, listed=program.id in include, everybody=everybody)


def beside(rule: Filter | None, attributes: Attributes, *, listed: bool, everybody: bool) -> bool:
    """A list with the word for all, and a filter beside it."""
    if rule is None:
        return listed or everybody
    passes = holds(parse_filter_rule(rule.rule, CUSTOM_SECURITY_ATTRIBUTE), dict(attributes))
    if rule.mode is FilterMode.EXCLUDE:
        return (listed or everybody) and not passes
    return passes if everybody else listed or passes


def names_action(policy: ConditionalAccessPolicy, action: UserAction) -> bool:
    return policy.state is not PolicyState.REPORT_ONLY and action in policy.conditions.applications.include_user_actions


def target_matches(policy: ConditionalAccessPolicy, request: AccessRequest) -> bool:
    applications, target = policy.conditions.applications, request.target
    contexts = applications.include_authentication_context_class_references
    everything = "All" in applications.include_applications
    if isinstance(target, AuthenticationContextTarget):
        return target.context in contexts
    if isinstance(target, AppTarget):
        if any(context in contexts for context in target.contexts):
            return True
        known = {group for group, members in IN_GROUP.items() if target.app_id in members}
        words = {target.app_id, *target.groups, *known}
        if any(word in applications.exclude_applications for word in words):
            return False
        listed = any(word in applications.include_applications for word in words)
        return beside(applications.application_filter, target.attributes, listed=listed, everybody=everything)
    if target.action is UserAction.REGISTER_SECURITY_INFO and everything:
        return True
    return names_action(policy, target.action)


def client_matches(policy: ConditionalAccessPolicy, client: ClientApp | None) -> bool:
    named = policy.conditions.client_app_types
    if client is ClientApp.EAS_SUPPORTED and ClientApp.EXCHANGE_ACTIVE_SYNC in named:
        return True
    if client is None and all(
        any(each == sort for each in named)
        for sort in ("browser", "mobileAppsAndDesktopClients", "exchangeActiveSync", "other")
    ):
        return True
    return len(named) == 0 or client in named


def platform_matches(policy: ConditionalAccessPolicy, platform: Platform | None) -> bool:
    platforms = policy.conditions.platforms
    if platforms is None:
        return True
    if platforms.include_all or not platforms.include_platforms:
        included = True
    else:
        included = platform is not None and platform in platforms.include_platforms
    excluded = platform is not None and platform in platforms.exclude_platforms
    return included and not excluded


def device_matches(policy: ConditionalAccessPolicy, device: Device | None) -> bool:
    devices = policy.conditions.devices
    if devices is None:
        return True
    for state in devices.exclude_states:
        if device is not None and (
            (state == "Compliant" and device.is_compliant)
            or (state == "DomainJoined" and device.trust_type == "ServerAD")
        ):
            return False
    if devices.device_filter is None:
        return True
    rule = parse_filter_rule(devices.device_filter.rule, DEVICE)
    passes = holds(rule, {} if device is None else device.properties())
    if device is not None and any("extensionAttribute" in name for name in properties(rule)):
        known = device.is_managed or device.mdm_app_id or device.is_compliant or device.trust_type == "ServerAD"
        passes = passes and bool(known)
    return passes if devices.device_filter.mode is FilterMode.INCLUDE else not passes


def location_matches(policy: ConditionalAccessPolicy, policy_set: PolicySet, request: AccessRequest) -> bool:
    locations = policy.conditions.locations
    if locations is None or (request.address, request.country, request.gps_country, request.compliant_network) == (
        None,
        None,
        None,
        False,
    ):
        return True

    def holds_it(named: str, *, doubt: bool) -> bool:
        if named == "All":
            return True
        for location in policy_set.locations:
            if location.undecided and not location.ranges:
                continue
            trusted = named == "AllTrusted" and location.is_trusted and location.ranges and not location.undecided
            if (trusted or location.id == named) and in_place(location, request, doubt=doubt):
                return True
        return False

    included = not locations.include_locations or any(
        holds_it(each, doubt=True) for each in locations.include_locations
    )
    return included and not any(holds_it(each, doubt=False) for each in locations.exclude_locations)


def in_place(location: NamedLocation, request: AccessRequest, *, doubt: bool) -> bool:
    """Whether the request comes from there; `doubt`: what to say where nobody can tell."""
    if location.compliant_network:
        return request.compliant_network
    if location.ranges:
        return doubt if request.address is None else in_location(location, str(request.address))
    country = request.country if location.lookup is CountryLookup.CLIENT_IP_ADDRESS else request.gps_country
    if country is None:
        return doubt
    return country in location.countries if country else location.include_unknown_countries_and_regions


def in_location(location: NamedLocation, text: str) -> bool:
    address = ip_address(text)
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    for found in location.ranges:
        if "-" in found:
            lower, upper = (ip_address(end) for end in found.split("-"))
            if lower.version == address.version and int(lower) <= int(address) <= int(upper):
                return True
        elif address in ip_network(found, strict=False):
            return True
    return False

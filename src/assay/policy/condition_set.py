"""Graph's conditionalAccessConditionSet as immutable values: whom, what and which sign-ins a policy is about."""

from typing import Final

from assay.policy.request import (
    ClientApp,
    GuestType,
    InsiderRiskLevel,
    Platform,
    RiskLevel,
    TransferMethod,
    UserAction,
)
from assay.values import GroupId, RoleId, Stored, Word

ALL: Final = "All"
NONE: Final = "None"
ALL_TRUSTED: Final = "AllTrusted"
GUESTS_OR_EXTERNAL_USERS: Final = "GuestsOrExternalUsers"
SERVICE_PRINCIPALS_IN_MY_TENANT: Final = "ServicePrincipalsInMyTenant"


class FilterMode(Word):
    """Graph's filterMode: what matches the rule is what the policy is about, or all that it is not about."""

    INCLUDE = "include"
    EXCLUDE = "exclude"


class Filter(Stored, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """conditionalAccessFilter; `rule` in the grammar of `filter_parser.py`."""

    mode: FilterMode
    rule: str


class Users(Stored, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """conditionalAccessUsers: the includes are a union, an exclude beats them all.

    `…_external_tenants`: of guests and external users, only those of these tenants; empty: of all.
    """

    include_users: tuple[str, ...] = ()  # user ids, All, None, GuestsOrExternalUsers
    exclude_users: tuple[str, ...] = ()
    include_groups: tuple[GroupId, ...] = ()
    exclude_groups: tuple[GroupId, ...] = ()
    include_roles: tuple[RoleId, ...] = ()
    exclude_roles: tuple[RoleId, ...] = ()
    include_guests_or_external_users: tuple[GuestType, ...] = ()
    exclude_guests_or_external_users: tuple[GuestType, ...] = ()
    include_external_tenants: tuple[str, ...] = ()
    exclude_external_tenants: tuple[str, ...] = ()
    # Beta's `agents`, which Graph keeps beside `users`: accounts that agents sign in with, by id or All.
    include_agent_users: tuple[str, ...] = ()
    exclude_agent_users: tuple[str, ...] = ()


class ClientApplications(Stored, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """conditionalAccessClientApplications: the workload and agent identities that a policy is about."""

    include_service_principals: tuple[str, ...] = ()  # object ids, ServicePrincipalsInMyTenant
    exclude_service_principals: tuple[str, ...] = ()
    service_principal_filter: Filter | None = None
    include_agent_id_service_principals: tuple[str, ...] = ()  # object ids, All
    exclude_agent_id_service_principals: tuple[str, ...] = ()
    agent_id_service_principal_filter: Filter | None = None


class Applications(Stored, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """conditionalAccessApplications: resources, user actions or authentication contexts.

    `include_traffic_profiles`: of Global Secure Access (deprecated by Graph); no request here goes through it.
    """

    include_applications: tuple[str, ...] = ()  # app ids, All, None, Graph's app groups (Office365, …)
    exclude_applications: tuple[str, ...] = ()
    application_filter: Filter | None = None
    include_user_actions: tuple[UserAction, ...] = ()
    include_authentication_context_class_references: tuple[str, ...] = ()  # c1 … c99
    include_traffic_profiles: tuple[str, ...] = ()


class Platforms(Stored, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """conditionalAccessPlatforms; `include_all` is Graph's value `all`."""

    include_all: bool = False
    include_platforms: tuple[Platform, ...] = ()
    exclude_platforms: tuple[Platform, ...] = ()


class Locations(Stored, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """conditionalAccessLocations: ids of named locations, All, AllTrusted."""

    include_locations: tuple[str, ...] = ()
    exclude_locations: tuple[str, ...] = ()


class DeviceState(Word):
    """What Graph's deprecated device states name."""

    COMPLIANT = "Compliant"
    DOMAIN_JOINED = "DomainJoined"


class Devices(Stored, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """conditionalAccessDevices, and the deprecated device states, whose only include is All."""

    device_filter: Filter | None = None
    exclude_states: tuple[DeviceState, ...] = ()


class ConditionSet(Stored, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """conditionalAccessConditionSet; None or empty means: not configured, every request matches.

    `client_app_types` empty is Graph's `all`.
    """

    users: Users = Users()
    client_applications: ClientApplications | None = None
    applications: Applications = Applications()
    client_app_types: tuple[ClientApp, ...] = ()
    platforms: Platforms | None = None
    locations: Locations | None = None
    devices: Devices | None = None
    sign_in_risk_levels: tuple[RiskLevel, ...] = ()
    user_risk_levels: tuple[RiskLevel, ...] = ()
    service_principal_risk_levels: tuple[RiskLevel, ...] = ()
    agent_id_risk_levels: tuple[RiskLevel, ...] = ()
    insider_risk_levels: tuple[InsiderRiskLevel, ...] = ()
    transfer_methods: tuple[TransferMethod, ...] = ()
    agent_contexts: tuple[str, ...] = ()

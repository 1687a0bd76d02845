"""Microsoft Graph's conditionalAccessPolicy (v1.0) as immutable values, our extensions under `assay`."""

from enum import StrEnum

from assay.policy.request import ClientApp, Method, Platform, UserAction
from assay.values import GroupId, LocationId, PolicyId, RoleId, Stored

ALL = "All"
NONE = "None"
ALL_TRUSTED = "AllTrusted"
GUESTS_OR_EXTERNAL_USERS = "GuestsOrExternalUsers"


class PolicyState(StrEnum):
    """Graph's conditionalAccessPolicyState."""

    ENABLED = "enabled"
    DISABLED = "disabled"
    REPORT_ONLY = "enabledForReportingButNotEnforced"


class GuestType(StrEnum):
    """Graph's conditionalAccessGuestOrExternalUserTypes, without `none`."""

    INTERNAL_GUEST = "internalGuest"
    B2B_COLLABORATION_GUEST = "b2bCollaborationGuest"
    B2B_COLLABORATION_MEMBER = "b2bCollaborationMember"
    B2B_DIRECT_CONNECT_USER = "b2bDirectConnectUser"
    OTHER_EXTERNAL_USER = "otherExternalUser"
    SERVICE_PROVIDER = "serviceProvider"


class Undecided(Stored, frozen=True, kw_only=True, omit_defaults=True):
    """A part of an imported object that this engine does not decide: where it stood, and its JSON as it was.

    `element`: the value stood in a list at `path`, beside values that are decided.
    """

    path: tuple[str, ...]
    json: str
    element: bool = False

    @property
    def where(self) -> str:
        """The place as people read it, such as `grantControls.builtInControls.compliantDevice`."""
        return ".".join((*self.path, self.json.strip('"')) if self.element else self.path)


class Users(Stored, frozen=True, kw_only=True, omit_defaults=True):
    """conditionalAccessUsers: the includes are a union, an exclude beats them all."""

    include_users: tuple[str, ...] = ()  # user ids, All, None, GuestsOrExternalUsers
    exclude_users: tuple[str, ...] = ()
    include_groups: tuple[GroupId, ...] = ()
    exclude_groups: tuple[GroupId, ...] = ()
    include_roles: tuple[RoleId, ...] = ()
    exclude_roles: tuple[RoleId, ...] = ()
    include_guests_or_external_users: tuple[GuestType, ...] = ()
    exclude_guests_or_external_users: tuple[GuestType, ...] = ()


class Applications(Stored, frozen=True, kw_only=True, omit_defaults=True):
    """conditionalAccessApplications."""

    include_applications: tuple[str, ...] = ()  # app ids, All, None, Graph's app groups (Office365, …)
    exclude_applications: tuple[str, ...] = ()
    include_user_actions: tuple[UserAction, ...] = ()


class Platforms(Stored, frozen=True, kw_only=True, omit_defaults=True):
    """conditionalAccessPlatforms; `include_all` is Graph's value `all`."""

    include_all: bool = False
    include_platforms: tuple[Platform, ...] = ()
    exclude_platforms: tuple[Platform, ...] = ()


class Locations(Stored, frozen=True, kw_only=True, omit_defaults=True):
    """conditionalAccessLocations: ids of named locations, All, AllTrusted."""

    include_locations: tuple[str, ...] = ()
    exclude_locations: tuple[str, ...] = ()


class ConditionSet(Stored, frozen=True, kw_only=True, omit_defaults=True):
    """conditionalAccessConditionSet; None or empty means: not configured, every request matches.

    `client_app_types` empty is Graph's `all`.
    """

    users: Users = Users()
    applications: Applications = Applications()
    client_app_types: tuple[ClientApp, ...] = ()
    platforms: Platforms | None = None
    locations: Locations | None = None


class Operator(StrEnum):
    """How the grant controls of one policy combine."""

    AND = "AND"
    OR = "OR"


class BuiltInControl(StrEnum):
    """Graph's conditionalAccessGrantControl, those that are decided here."""

    BLOCK = "block"
    MFA = "mfa"


class GrantControls(Stored, frozen=True, kw_only=True, omit_defaults=True):
    """conditionalAccessGrantControls; `authentication_strength` is the strength's id."""

    operator: Operator = Operator.OR
    built_in_controls: tuple[BuiltInControl, ...] = ()
    authentication_strength: str | None = None


class FrequencyUnit(StrEnum):
    """Graph's signinFrequencyType."""

    DAYS = "days"
    HOURS = "hours"


class FrequencyInterval(StrEnum):
    """Graph's signInFrequencyInterval."""

    TIME_BASED = "timeBased"
    EVERY_TIME = "everyTime"


class AuthenticationType(StrEnum):
    """Graph's signInFrequencyAuthenticationType: which factors' ages are bounded."""

    PRIMARY_AND_SECONDARY = "primaryAndSecondaryAuthentication"
    SECONDARY = "secondaryAuthentication"


class SignInFrequency(Stored, frozen=True, kw_only=True, omit_defaults=True):
    """signInFrequencySessionControl; `value` and `unit` are None exactly when the interval is everyTime."""

    interval: FrequencyInterval = FrequencyInterval.TIME_BASED
    value: int | None = None
    unit: FrequencyUnit | None = None
    authentication_type: AuthenticationType = AuthenticationType.PRIMARY_AND_SECONDARY


class PersistentBrowserMode(StrEnum):
    """Graph's persistentBrowserSessionMode."""

    ALWAYS = "always"
    NEVER = "never"


class LimitControls(Stored, frozen=True, kw_only=True, omit_defaults=True):
    """Our extension `sessionControls.assay.limits`: what an allowed session may not do."""

    read_only: bool = False
    methods: tuple[str, ...] | None = None  # HTTP methods, upper case; None: any


class SessionControls(Stored, frozen=True, kw_only=True, omit_defaults=True):
    """conditionalAccessSessionControls; a control that Graph marks `isEnabled: false` is None here."""

    sign_in_frequency: SignInFrequency | None = None
    persistent_browser: PersistentBrowserMode | None = None
    limits: LimitControls | None = None
    # Graph's name for: never on what was known before an outage.
    disable_resilience_defaults: bool = False


class ConditionalAccessPolicy(Stored, frozen=True, kw_only=True, omit_defaults=True):
    """One policy. A policy with `undecided` parts denies what it may apply to, should it ever be enabled."""

    id: PolicyId
    display_name: str
    state: PolicyState
    conditions: ConditionSet = ConditionSet()
    grant_controls: GrantControls | None = None
    session_controls: SessionControls | None = None
    description: str = ""
    template_id: str | None = None
    undecided: tuple[Undecided, ...] = ()


class NamedLocation(Stored, frozen=True, kw_only=True, omit_defaults=True):
    """namedLocation. `ranges` are CIDR networks or `lower-upper` pairs of an ipNamedLocation.

    Another type of location (country, compliant network) has `undecided` parts: no address can be held against it.
    """

    id: LocationId
    display_name: str
    is_trusted: bool = False
    ranges: tuple[str, ...] = ()
    undecided: tuple[Undecided, ...] = ()


class AuthenticationStrengthPolicy(Stored, frozen=True, kw_only=True, omit_defaults=True):
    """authenticationStrengthPolicy: any one combination satisfies it; AAGUID and issuer limits are undecided."""

    id: str
    display_name: str
    allowed_combinations: tuple[tuple[Method, ...], ...]
    undecided: tuple[Undecided, ...] = ()


class PolicySet(Stored, frozen=True, kw_only=True, omit_defaults=True):
    """Everything a decision depends on besides the request; built-in strengths need not be listed."""

    policies: tuple[ConditionalAccessPolicy, ...] = ()
    locations: tuple[NamedLocation, ...] = ()
    strengths: tuple[AuthenticationStrengthPolicy, ...] = ()

"""Graph's conditionalAccessSessionControls as immutable values, our extension under `assay`."""

from assay.values import Stored, Word


class FrequencyUnit(Word):
    """Graph's signinFrequencyType."""

    DAYS = "days"
    HOURS = "hours"


class FrequencyInterval(Word):
    """Graph's signInFrequencyInterval."""

    TIME_BASED = "timeBased"
    EVERY_TIME = "everyTime"


class AuthenticationType(Word):
    """Graph's signInFrequencyAuthenticationType: which factors' ages are bounded."""

    PRIMARY_AND_SECONDARY = "primaryAndSecondaryAuthentication"
    SECONDARY = "secondaryAuthentication"


class SignInFrequency(Stored, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """signInFrequencySessionControl; `value` and `unit` are None exactly when the interval is everyTime."""

    interval: FrequencyInterval = FrequencyInterval.TIME_BASED
    value: int | None = None
    unit: FrequencyUnit | None = None
    authentication_type: AuthenticationType = AuthenticationType.PRIMARY_AND_SECONDARY


class PersistentBrowserMode(Word):
    """Graph's persistentBrowserSessionMode."""

    ALWAYS = "always"
    NEVER = "never"


class CloudAppSecurity(Word):
    """Graph's cloudAppSecuritySessionControlType, the weakest first."""

    MCAS_CONFIGURED = "mcasConfigured"
    MONITOR_ONLY = "monitorOnly"
    BLOCK_DOWNLOADS = "blockDownloads"


class ContinuousAccessEvaluation(Word):
    """Graph's continuousAccessEvaluationMode."""

    DISABLED = "disabled"
    STRICT_ENFORCEMENT = "strictEnforcement"
    STRICT_LOCATION = "strictLocation"


class LimitControls(Stored, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """Our extension `sessionControls.assay.limits`: what an allowed session may not do."""

    read_only: bool = False
    methods: tuple[str, ...] | None = None  # HTTP methods, upper case; None: any


class SessionControls(Stored, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """conditionalAccessSessionControls; a control that Graph marks `isEnabled: false` is None here."""

    sign_in_frequency: SignInFrequency | None = None
    persistent_browser: PersistentBrowserMode | None = None
    limits: LimitControls | None = None
    # Graph's name for: never on what was known before an outage.
    disable_resilience_defaults: bool = False
    application_enforced_restrictions: bool = False
    cloud_app_security: CloudAppSecurity | None = None
    continuous_access_evaluation: ContinuousAccessEvaluation | None = None
    # Token protection: nothing of the sign-in may be usable on another device.
    secure_sign_in_session: bool = False
    # Of Global Secure Access: the id of its security or filtering profile.
    network_access_security: str | None = None
    global_secure_access_filtering_profile: str | None = None

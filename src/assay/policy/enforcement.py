"""What a policy enforcement point (NIST SP 800-207) can ask a person for, and which session controls it can keep."""

from typing import Final

from assay.values import Value, Word


class Control(Word):
    """What a policy can demand, in Graph's names."""

    SIGN_IN_FREQUENCY = "signInFrequency"
    MFA = "mfa"
    AUTHENTICATION_STRENGTH = "authenticationStrength"
    COMPLIANT_DEVICE = "compliantDevice"
    DOMAIN_JOINED_DEVICE = "domainJoinedDevice"
    APPROVED_APPLICATION = "approvedApplication"
    COMPLIANT_APPLICATION = "compliantApplication"
    PASSWORD_CHANGE = "passwordChange"  # noqa: S105  the name of a control, no secret
    RISK_REMEDIATION = "riskRemediation"
    TERMS_OF_USE = "termsOfUse"
    CUSTOM_AUTHENTICATION_FACTOR = "customAuthenticationFactor"


# In which order unsatisfied controls are asked for (D POL, GRANT); remediation of risk is a way of signing in anew.
PROMPTS: Final = (
    Control.SIGN_IN_FREQUENCY,
    Control.MFA,
    Control.AUTHENTICATION_STRENGTH,
    Control.RISK_REMEDIATION,
    Control.COMPLIANT_DEVICE,
    Control.DOMAIN_JOINED_DEVICE,
    Control.APPROVED_APPLICATION,
    Control.COMPLIANT_APPLICATION,
    Control.PASSWORD_CHANGE,
    Control.TERMS_OF_USE,
    Control.CUSTOM_AUTHENTICATION_FACTOR,
)
# What a person can do in the middle of a sign-in; the rest is as it is until something outside changes (D RO).
INTERACTIVE: Final = frozenset(
    {
        Control.SIGN_IN_FREQUENCY,
        Control.MFA,
        Control.AUTHENTICATION_STRENGTH,
        Control.RISK_REMEDIATION,
        Control.PASSWORD_CHANGE,
        Control.TERMS_OF_USE,
        Control.CUSTOM_AUTHENTICATION_FACTOR,
    }
)


class SessionControl(Word):
    """Graph's session controls by their property names; `limits` is ours."""

    APPLICATION_ENFORCED_RESTRICTIONS = "applicationEnforcedRestrictions"
    CLOUD_APP_SECURITY = "cloudAppSecurity"
    SIGN_IN_FREQUENCY = "signInFrequency"
    PERSISTENT_BROWSER = "persistentBrowser"
    CONTINUOUS_ACCESS_EVALUATION = "continuousAccessEvaluation"
    DISABLE_RESILIENCE_DEFAULTS = "disableResilienceDefaults"
    SECURE_SIGN_IN_SESSION = "secureSignInSession"
    NETWORK_ACCESS_SECURITY = "networkAccessSecurity"
    GLOBAL_SECURE_ACCESS_FILTERING_PROFILE = "globalSecureAccessFilteringProfile"
    LIMITS = "limits"


class EnforcementPoint(Value, frozen=True, kw_only=True, cache_hash=True):
    """`asks`: controls it can lead a person through. `enforces`: session controls that it keeps.

    INVARIANT: what is demanded and is neither met nor asked for here is refused, with the reason; never overlooked.
    """

    asks: frozenset[Control]
    enforces: frozenset[SessionControl]


# Our sign-in pages and our gateway. Every request is judged anew: that is more than continuous access evaluation.
GATEWAY: Final = EnforcementPoint(
    asks=frozenset({Control.SIGN_IN_FREQUENCY, Control.MFA, Control.AUTHENTICATION_STRENGTH}),
    enforces=frozenset(
        {
            SessionControl.SIGN_IN_FREQUENCY,
            SessionControl.PERSISTENT_BROWSER,
            SessionControl.CONTINUOUS_ACCESS_EVALUATION,
            SessionControl.DISABLE_RESILIENCE_DEFAULTS,
            SessionControl.LIMITS,
        }
    ),
)
# What Entra and the clients around it can do: by this a published pack is decided as its author meant it.
EVERYTHING: Final = EnforcementPoint(asks=INTERACTIVE, enforces=frozenset(SessionControl))

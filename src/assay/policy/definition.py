"""Microsoft Graph's conditionalAccessPolicy as immutable values, our extensions under `assay`."""

from assay.policy.condition_set import ConditionSet
from assay.policy.request import Method
from assay.policy.session_controls import SessionControls
from assay.values import LocationId, PolicyId, Stored, Word


class PolicyState(Word):
    """Graph's conditionalAccessPolicyState."""

    ENABLED = "enabled"
    DISABLED = "disabled"
    REPORT_ONLY = "enabledForReportingButNotEnforced"


class Undecided(Stored, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
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


class Operator(Word):
    """How the grant controls of one policy combine."""

    AND = "AND"
    OR = "OR"


class BuiltInControl(Word):
    """Graph's conditionalAccessGrantControl."""

    BLOCK = "block"
    MFA = "mfa"
    COMPLIANT_DEVICE = "compliantDevice"
    DOMAIN_JOINED_DEVICE = "domainJoinedDevice"  # Microsoft Entra hybrid joined
    APPROVED_APPLICATION = "approvedApplication"
    COMPLIANT_APPLICATION = "compliantApplication"  # app protection policy
    PASSWORD_CHANGE = "passwordChange"  # noqa: S105  the name of a control, no secret
    RISK_REMEDIATION = "riskRemediation"


class GrantControls(Stored, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """conditionalAccessGrantControls; `authentication_strength` is the strength's id."""

    operator: Operator = Operator.OR
    built_in_controls: tuple[BuiltInControl, ...] = ()
    authentication_strength: str | None = None
    terms_of_use: tuple[str, ...] = ()  # ids of agreements
    custom_authentication_factors: tuple[str, ...] = ()


class ConditionalAccessPolicy(
    Stored, frozen=True, kw_only=True, cache_hash=True, omit_defaults=True, forbid_unknown_fields=True
):
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


class CountryLookup(Word):
    """Graph's countryLookupMethodType."""

    CLIENT_IP_ADDRESS = "clientIpAddress"
    AUTHENTICATOR_APP_GPS = "authenticatorAppGps"


class NamedLocation(Stored, frozen=True, kw_only=True, cache_hash=True, omit_defaults=True, forbid_unknown_fields=True):
    """namedLocation. `ranges` are CIDR networks or `lower-upper` pairs of an ipNamedLocation.

    `countries`: ISO 3166-1 alpha-2 codes of a countryNamedLocation, which `lookup` tells by address or by GPS.
    """

    id: LocationId
    display_name: str
    is_trusted: bool = False
    ranges: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    include_unknown_countries_and_regions: bool = False
    lookup: CountryLookup = CountryLookup.CLIENT_IP_ADDRESS
    compliant_network: bool = False  # a compliantNetworkNamedLocation
    undecided: tuple[Undecided, ...] = ()


class CombinationConfiguration(Stored, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """fido2CombinationConfiguration or x509CertificateCombinationConfiguration, by which of the lists it has.

    Within a list any one is enough; of a certificate both lists must hold (D AS3).
    """

    id: str = ""
    applies_to_combinations: tuple[tuple[Method, ...], ...] = ()
    allowed_aaguids: tuple[str, ...] = ()
    allowed_issuer_skis: tuple[str, ...] = ()
    allowed_policy_oids: tuple[str, ...] = ()


class AuthenticationStrengthPolicy(
    Stored, frozen=True, kw_only=True, cache_hash=True, omit_defaults=True, forbid_unknown_fields=True
):
    """authenticationStrengthPolicy: any one combination satisfies it, within the limits of its configurations."""

    id: str
    display_name: str
    allowed_combinations: tuple[tuple[Method, ...], ...]
    combination_configurations: tuple[CombinationConfiguration, ...] = ()
    description: str = ""
    undecided: tuple[Undecided, ...] = ()


class PolicySet(Stored, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """Everything a decision depends on besides the request; built-in strengths need not be listed."""

    policies: tuple[ConditionalAccessPolicy, ...] = ()
    locations: tuple[NamedLocation, ...] = ()
    strengths: tuple[AuthenticationStrengthPolicy, ...] = ()

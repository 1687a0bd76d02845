"""What a decision is about: who asks for what, from where, and what has been proved when."""

from datetime import datetime
from ipaddress import IPv4Address, IPv6Address
from typing import Final

from assay.policy.device import Device
from assay.policy.enforcement import GATEWAY, EnforcementPoint
from assay.values import AppId, GroupId, RoleId, UserId, Value, Word

# Custom security attributes by `<Set>_<Attribute>`: text, or several texts.
Attributes = tuple[tuple[str, str | tuple[str, ...]], ...]


class UserKind(Word):
    """How a person belongs to the organisation."""

    MEMBER = "member"
    GUEST = "guest"
    CUSTOMER = "customer"


class GuestType(Word):
    """Graph's conditionalAccessGuestOrExternalUserTypes, without `none`."""

    INTERNAL_GUEST = "internalGuest"
    B2B_COLLABORATION_GUEST = "b2bCollaborationGuest"
    B2B_COLLABORATION_MEMBER = "b2bCollaborationMember"
    B2B_DIRECT_CONNECT_USER = "b2bDirectConnectUser"
    OTHER_EXTERNAL_USER = "otherExternalUser"
    SERVICE_PROVIDER = "serviceProvider"


class RiskLevel(Word):
    """Graph's riskLevel; its numbers are not in the order of severity, and no condition compares by order."""

    NONE = "none"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    HIDDEN = "hidden"


class InsiderRiskLevel(Word):
    """Graph's insiderRiskLevel."""

    NONE = "none"
    MINOR = "minor"
    MODERATE = "moderate"
    ELEVATED = "elevated"


class TransferMethod(Word):
    """Graph's conditionalAccessTransferMethods, without `none`."""

    DEVICE_CODE_FLOW = "deviceCodeFlow"
    AUTHENTICATION_TRANSFER = "authenticationTransfer"


class Method(Word):
    """Graph's authenticationMethodModes, and one of our own: recoveryCode (a look-up secret, SP 800-63B)."""

    PASSWORD = "password"  # noqa: S105  the name of a method, no secret
    VOICE = "voice"
    HARDWARE_OATH = "hardwareOath"
    SOFTWARE_OATH = "softwareOath"
    SMS = "sms"
    FIDO2 = "fido2"
    WINDOWS_HELLO_FOR_BUSINESS = "windowsHelloForBusiness"
    MICROSOFT_AUTHENTICATOR_PUSH = "microsoftAuthenticatorPush"
    DEVICE_BASED_PUSH = "deviceBasedPush"
    TEMPORARY_ACCESS_PASS_ONE_TIME = "temporaryAccessPassOneTime"  # noqa: S105  the name of a method
    TEMPORARY_ACCESS_PASS_MULTI_USE = "temporaryAccessPassMultiUse"  # noqa: S105  the name of a method
    EMAIL = "email"
    X509_CERTIFICATE_SINGLE_FACTOR = "x509CertificateSingleFactor"
    X509_CERTIFICATE_MULTI_FACTOR = "x509CertificateMultiFactor"
    FEDERATED_SINGLE_FACTOR = "federatedSingleFactor"
    FEDERATED_MULTI_FACTOR = "federatedMultiFactor"
    QR_CODE_PIN = "qrCodePin"
    RECOVERY_CODE = "recoveryCode"


# Of several methods that would do, those come first that most people have; a code that is used up comes last.
_COMMONEST: Final = (Method.PASSWORD, Method.SOFTWARE_OATH, Method.FIDO2)


def commonness(method: Method) -> int:
    """Its place among the methods that people have, the commonest first; several may share one."""
    if method in _COMMONEST:
        return _COMMONEST.index(method)
    return len(_COMMONEST) + (method is Method.RECOVERY_CODE)


def ease(way: tuple[Method, ...]) -> tuple[int, list[int]]:
    """To compare what is still to be proved: the fewer the easier; of as many what most people have."""
    return len(way), [commonness(method) for method in way]


# What a request is made of holds nothing that could lead back to it: the collector of cycles need not look (`gc`).
class Proof(Value, frozen=True, kw_only=True, gc=False):
    """One method that the person used in this session, and when.

    A fido2 or Windows Hello proof without `user_verified` shows a key, not a person: it satisfies nothing.
    `device_bound`: the authenticator says that this key cannot leave it (WebAuthn §6.1.3, not backup eligible).
    """

    method: Method
    at: datetime
    user_verified: bool = False
    device_bound: bool = False
    aaguid: str = ""  # the model of a passkey's authenticator, lower case
    issuer_ski: str = ""  # of a certificate: the subject key identifier of its issuer, upper case
    policy_oids: tuple[str, ...] = ()  # of a certificate


class Satisfied(Value, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """What else than authentication has been done or shown in this session.

    `token_protection`: whether all of the sign-in is bound to the device; None where nobody can tell.
    """

    password_change: datetime | None = None
    risk_remediation: datetime | None = None
    terms_of_use: frozenset[str] = frozenset()
    custom_authentication_factors: frozenset[str] = frozenset()
    approved_application: bool = False
    compliant_application: bool = False
    token_protection: bool | None = None


NOTHING_ELSE: Final = Satisfied()


class Principal(Value, frozen=True, kw_only=True, gc=False):
    """Who asks: groups are transitive already, roles are active directory roles by template id.

    `kind` None is no person: a workload identity, under the id of its credential. Policies about users, `All`
    included, are not about it (Entra's rule for service principals).
    `guest_type`: which of Graph's types a guest is, None where that is not known.
    `tenant`: the organisation that an external person comes from.
    `names`: what policies may call a person by in place of the id, as templates do.
    `agent`: an agent's account, or its identity where `kind` is None.
    `foreign`: a workload identity of another tenant, or a managed one; no policy is about those (D WL).
    `attributes`: custom security attributes of a workload identity.
    """

    id: UserId
    kind: UserKind | None
    groups: frozenset[GroupId] = frozenset()
    roles: frozenset[RoleId] = frozenset()
    # An emergency access account: judged by the built-in policy, and by no other.
    break_glass: bool = False
    guest_type: GuestType | None = None
    tenant: str | None = None
    names: tuple[str, ...] = ()
    agent: bool = False
    foreign: bool = False
    attributes: Attributes = ()


class AppTarget(Value, frozen=True, kw_only=True, cache_hash=True, gc=False):
    """An app, or one of our own named targets (`policy/targets.py`).

    `contexts`: authentication contexts (c1 … c99) that the app asked for: policies on them apply beside its own.
    `attributes`: the app's custom security attributes.
    `groups`: groups of apps that it is in (policy/app_groups.py), beside those that every app of its id is in.
    """

    app_id: AppId
    contexts: frozenset[str] = frozenset()
    attributes: Attributes = ()
    groups: frozenset[str] = frozenset()


class UserAction(Word):
    """Graph's user actions."""

    REGISTER_SECURITY_INFO = "urn:user:registersecurityinfo"
    REGISTER_DEVICE = "urn:user:registerdevice"


class UserActionTarget(Value, frozen=True, kw_only=True, cache_hash=True, gc=False):
    """Something that a person does to the own account."""

    action: UserAction


class AuthenticationContextTarget(Value, frozen=True, kw_only=True, cache_hash=True, gc=False):
    """An authentication context alone, whatever app asks for it (Graph's authContext)."""

    context: str


REGISTRATION: Final = UserActionTarget(action=UserAction.REGISTER_SECURITY_INFO)


Target = AppTarget | UserActionTarget | AuthenticationContextTarget


class ClientApp(Word):
    """Graph's conditionalAccessClientApp, as far as a request can be one."""

    BROWSER = "browser"
    MOBILE_APPS_AND_DESKTOP_CLIENTS = "mobileAppsAndDesktopClients"
    EXCHANGE_ACTIVE_SYNC = "exchangeActiveSync"
    EAS_SUPPORTED = "easSupported"  # Exchange ActiveSync on a platform that Graph supports
    OTHER = "other"


LEGACY_CLIENT_APPS = frozenset({ClientApp.EXCHANGE_ACTIVE_SYNC, ClientApp.EAS_SUPPORTED, ClientApp.OTHER})


class Platform(Word):
    """Graph's conditionalAccessDevicePlatform; an unknown or unsupported platform is None in a request."""

    ANDROID = "android"
    IOS = "iOS"
    WINDOWS = "windows"
    WINDOWS_PHONE = "windowsPhone"
    MACOS = "macOS"
    LINUX = "linux"


Address = IPv4Address | IPv6Address


class AccessRequest(Value, frozen=True, kw_only=True, gc=False):
    """One question to the engine.

    `assigned`: whether the person is assigned to the target, None when that was not evaluated.
    `client_app`: None is Graph's `all`, no particular one: policies on any client app, or on every sort, are about it.
    `address`: the connection's peer address; None when it is not known, which no location exclusion forgives.
    `country`, `gps_country`: ISO 3166-1 alpha-2, "" where the source knows none; None: there is no source to ask.
    `device`: None: the sign-in comes from no registered device.
    `flows`: how the session was handed over, now or ever since it began (protocol tracking, D FLOW).
    Risk of `none` is known to be none; None: its source cannot be asked, and a policy that could restrict applies.
    `proofs`, `satisfied`, `device`: keep one object per session and hand in that same object: the engine remembers
    its answer for it.
    """

    principal: Principal
    assigned: bool | None
    target: Target
    client_app: ClientApp | None
    platform: Platform | None
    address: Address | None
    proofs: tuple[Proof, ...]
    at: datetime
    country: str | None = None
    gps_country: str | None = None
    compliant_network: bool = False
    device: Device | None = None
    flows: frozenset[TransferMethod] = frozenset()
    sign_in_risk: RiskLevel | None = RiskLevel.NONE
    user_risk: RiskLevel | None = RiskLevel.NONE
    service_principal_risk: RiskLevel | None = RiskLevel.NONE
    agent_id_risk: RiskLevel | None = RiskLevel.NONE
    insider_risk: InsiderRiskLevel | None = InsiderRiskLevel.NONE
    agent_context: str | None = None
    satisfied: Satisfied = NOTHING_ELSE
    enforced_by: EnforcementPoint = GATEWAY

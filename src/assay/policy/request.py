"""What a decision is about: who asks for what, from where, and what has been proved when."""

from datetime import datetime
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address

from assay.values import AppId, GroupId, RoleId, UserId, Value


class UserKind(StrEnum):
    """How a person belongs to the organisation."""

    MEMBER = "member"
    GUEST = "guest"
    CUSTOMER = "customer"


class Method(StrEnum):
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


class Proof(Value, frozen=True, kw_only=True):
    """One method that the person used in this session, and when.

    A fido2 or Windows Hello proof without `user_verified` shows a key, not a person: it satisfies nothing.
    `device_bound`: the authenticator says that this key cannot leave it (WebAuthn §6.1.3, not backup eligible).
    """

    method: Method
    at: datetime
    user_verified: bool = False
    device_bound: bool = False


class Principal(Value, frozen=True, kw_only=True):
    """Who asks: groups are transitive already, roles are active directory roles by template id.

    `kind` None is no person: a workload identity, under the id of its credential. Policies about users, `All`
    included, are not about it (Entra's rule for service principals).
    """

    id: UserId
    kind: UserKind | None
    groups: frozenset[GroupId] = frozenset()
    roles: frozenset[RoleId] = frozenset()
    # An emergency access account: judged by the built-in policy, and by no other.
    break_glass: bool = False


class AppTarget(Value, frozen=True, kw_only=True):
    """An app, or one of our own named targets (`policy/targets.py`)."""

    app_id: AppId


class UserAction(StrEnum):
    """Graph's user actions."""

    REGISTER_SECURITY_INFO = "urn:user:registersecurityinfo"
    REGISTER_DEVICE = "urn:user:registerdevice"


class UserActionTarget(Value, frozen=True, kw_only=True):
    """Something that a person does to the own account."""

    action: UserAction


Target = AppTarget | UserActionTarget


class ClientApp(StrEnum):
    """Graph's conditionalAccessClientApp, as far as a request can be one."""

    BROWSER = "browser"
    MOBILE_APPS_AND_DESKTOP_CLIENTS = "mobileAppsAndDesktopClients"
    EXCHANGE_ACTIVE_SYNC = "exchangeActiveSync"
    OTHER = "other"


LEGACY_CLIENT_APPS = frozenset({ClientApp.EXCHANGE_ACTIVE_SYNC, ClientApp.OTHER})


class Platform(StrEnum):
    """Graph's conditionalAccessDevicePlatform; an unknown or unsupported platform is None in a request."""

    ANDROID = "android"
    IOS = "iOS"
    WINDOWS = "windows"
    WINDOWS_PHONE = "windowsPhone"
    MACOS = "macOS"
    LINUX = "linux"


Address = IPv4Address | IPv6Address


class AccessRequest(Value, frozen=True, kw_only=True):
    """One question to the engine.

    `assigned`: whether the person is assigned to the target, None when that was not evaluated.
    `address`: the connection's peer address; None when it is not known, which no location exclusion forgives.
    `proofs`: keep one tuple per session and hand in that same object: the engine remembers its answer for it.
    """

    principal: Principal
    assigned: bool | None
    target: Target
    client_app: ClientApp
    platform: Platform | None
    address: Address | None
    proofs: tuple[Proof, ...]
    at: datetime

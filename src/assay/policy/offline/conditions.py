"""Graph's signInConditions: from where, with what, and how risky; what is absent and what that means."""

import re
from collections.abc import Iterator
from enum import StrEnum
from ipaddress import ip_address
from typing import Final

from msgspec.structs import replace

from assay.policy.device import Device, TrustType
from assay.policy.graph_json import MalformedError, Node
from assay.policy.offline.reading import identifier, word, word_of, words
from assay.policy.request import Address, ClientApp, InsiderRiskLevel, Platform, RiskLevel, TransferMethod
from assay.values import Value

_COUNTRY = re.compile(r"[A-Z]{2}")
EXTENSION_ATTRIBUTES: Final = 15
UNREGISTERED: Final = Device()
# Other words for the same: Graph's own example of a device, and what the sign-in log writes (deviceDetail).
_TRUST: Final = {
    "entraid": TrustType.AZURE_AD,
    "azure ad joined": TrustType.AZURE_AD,
    "microsoft entra joined": TrustType.AZURE_AD,
    "hybrid azure ad joined": TrustType.SERVER_AD,
    "microsoft entra hybrid joined": TrustType.SERVER_AD,
    "azure ad registered": TrustType.WORKPLACE,
    "microsoft entra registered": TrustType.WORKPLACE,
}


class Every(StrEnum):
    """Graph's word for no particular one."""

    ALL = "all"


class Conditions(Value, frozen=True, kw_only=True):
    """The conditions of one sign-in; None: not given."""

    client_app: ClientApp | None = None
    platform: Platform | None = None
    address: Address | None = None
    country: str | None = None
    gps_country: str | None = None
    compliant_network: bool = False
    device: Device | None = None
    flows: frozenset[TransferMethod] = frozenset()
    sign_in_risk: RiskLevel = RiskLevel.NONE
    user_risk: RiskLevel = RiskLevel.NONE
    service_principal_risk: RiskLevel = RiskLevel.NONE
    agent_id_risk: RiskLevel = RiskLevel.NONE
    insider_risk: InsiderRiskLevel = InsiderRiskLevel.NONE
    agent_context: str | None = None

    def notes(self, *, registered: bool) -> Iterator[str]:
        """What is assumed of what is not given."""
        if self.client_app is None:
            yield "clientAppType is all: only policies on any client app are about this sign-in"
        if self.platform is None:
            yield "devicePlatform is not known: only policies on all platforms are about it"
        if not registered:
            yield "deviceInfo is not given: the device is not registered"
        if self.address is None and self.country is None and self.gps_country is None:
            yield "neither ipAddress nor country is given: every location may be meant, and none is excused"
        elif self.country is None and self.address is not None:
            yield "country is not given: it counts as unknown, as for an address that no country is known of"


NOT_GIVEN: Final = Conditions()


def read_conditions(node: Node | None) -> Conditions:
    """The conditions; MalformedError says what is wrong, and where."""
    if node is None:
        return NOT_GIVEN
    flow = node.child("authenticationFlow")
    client = word(node, "clientAppType", (*Every, *ClientApp))
    platform = word(node, "devicePlatform", (*Every, *Platform))
    found = Conditions(
        client_app=client if isinstance(client, ClientApp) else None,
        platform=platform if isinstance(platform, Platform) else None,
        address=_address(node),
        country=_country(node, "country"),
        gps_country=_country(node, "gpsCountry"),
        compliant_network=node.boolean("compliantNetwork") or False,
        device=_device(node.child("deviceInfo")),
        flows=frozenset() if flow is None else _flows(flow),
        sign_in_risk=word(node, "signInRiskLevel", RiskLevel) or RiskLevel.NONE,
        user_risk=word(node, "userRiskLevel", RiskLevel) or RiskLevel.NONE,
        service_principal_risk=word(node, "servicePrincipalRiskLevel", RiskLevel) or RiskLevel.NONE,
        agent_id_risk=word(node, "agentIdRiskLevel", RiskLevel) or RiskLevel.NONE,
        insider_risk=word(node, "insiderRiskLevel", InsiderRiskLevel) or InsiderRiskLevel.NONE,
        agent_context=node.text("agentContext"),
    )
    node.finish()
    return found


def _flows(node: Node) -> frozenset[TransferMethod]:
    found = words(node, "transferMethod", TransferMethod)
    node.finish()
    return found


def _address(node: Node) -> Address | None:
    text = node.text("ipAddress")
    try:
        return ip_address(text) if text else None
    except ValueError:
        raise MalformedError((*node.path, "ipAddress"), "notAnAddress", value=str(text)[:100]) from None


def _country(node: Node, key: str) -> str | None:
    text = node.text(key)
    if text is None:
        return None
    if not _COUNTRY.fullmatch(text.upper()):
        raise MalformedError((*node.path, key), "notACountry", value=text[:100])
    return text.upper()


def _device(node: Node | None) -> Device | None:
    """Graph's deviceInfo; one that says nothing is no registered device."""
    if node is None:
        return None
    # Of a registered device that nothing is said of, Graph's default is false (deviceInfo); null is: nobody knows.
    compliant_is_said = node.names("isCompliant")
    trust = _trust(node)
    extensions = tuple(node.text(f"extensionAttribute{number}") for number in range(1, EXTENSION_ATTRIBUTES + 1))
    found = Device(
        device_id=identifier(node, "deviceId"),
        display_name=node.text("displayName"),
        device_ownership=node.text("ownership"),
        enrollment_profile_name=node.text("enrollmentProfileName"),
        is_compliant=node.boolean("isCompliant"),
        is_managed=node.boolean("isManaged"),
        manufacturer=node.text("manufacturer"),
        mdm_app_id=node.text("mdmAppId"),
        model=node.text("model"),
        operating_system=node.text("operatingSystem"),
        operating_system_version=node.text("operatingSystemVersion"),
        physical_ids=node.texts("physicalIds"),
        profile_type=node.text("profileType"),
        system_labels=node.texts("systemLabels"),
        trust_type=trust,
        extension_attributes=extensions if any(extensions) else (),
    )
    node.finish()
    if found == UNREGISTERED:
        return None
    return found if compliant_is_said else replace(found, is_compliant=False)


def _trust(node: Node) -> str | None:
    """In the words of filter rules, those of Graph's examples (EntraID) or those of the sign-in log."""
    text = node.text("trustType")
    if text is None:
        return None
    other = _TRUST.get(text.strip().lower())
    return (other or word_of(text, (*node.path, "trustType"), TrustType)).value

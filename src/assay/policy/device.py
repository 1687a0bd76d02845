"""A device as Graph's deviceInfo describes it; what is not known of it is null."""

from enum import StrEnum

from assay.values import Value

Properties = dict[str, str | bool | tuple[str, ...] | None]


class TrustType(StrEnum):
    """How a device belongs to the organisation, in the words of filter rules."""

    AZURE_AD = "AzureAD"  # joined
    SERVER_AD = "ServerAD"  # hybrid joined
    WORKPLACE = "Workplace"  # registered


class Device(Value, frozen=True, kw_only=True, cache_hash=True, omit_defaults=True, rename="camel"):
    """A registered device; a sign-in from no registered device has none.

    `is_managed`: known to device management, which alone fills the extension attributes of a device that is
    neither compliant nor hybrid joined (D DEV).
    """

    device_id: str | None = None
    display_name: str | None = None
    device_ownership: str | None = None
    enrollment_profile_name: str | None = None
    is_compliant: bool | None = None
    is_managed: bool | None = None
    manufacturer: str | None = None
    mdm_app_id: str | None = None
    model: str | None = None
    operating_system: str | None = None
    operating_system_version: str | None = None
    physical_ids: tuple[str, ...] = ()
    profile_type: str | None = None
    system_labels: tuple[str, ...] = ()
    trust_type: str | None = None
    extension_attributes: tuple[str | None, ...] = ()  # the first is extensionAttribute1

    @property
    def hybrid_joined(self) -> bool:
        """Joined to a domain of the organisation's own directory."""
        return (self.trust_type or "").casefold() == TrustType.SERVER_AD.casefold()

    @property
    def shows_extension_attributes(self) -> bool:
        """Whether rules may read the extension attributes of this device (D DEV)."""
        return bool(self.is_managed or self.mdm_app_id or self.is_compliant or self.hybrid_joined)

    def properties(self) -> Properties:
        """By the names that filter rules use."""
        found: Properties = {
            "deviceId": self.device_id,
            "displayName": self.display_name,
            "deviceOwnership": self.device_ownership,
            "enrollmentProfileName": self.enrollment_profile_name,
            "isCompliant": self.is_compliant,
            "manufacturer": self.manufacturer,
            "mdmAppId": self.mdm_app_id,
            "model": self.model,
            "operatingSystem": self.operating_system,
            "operatingSystemVersion": self.operating_system_version,
            "physicalIds": self.physical_ids or None,
            "profileType": self.profile_type,
            "systemLabels": self.system_labels or None,
            "trustType": self.trust_type,
        }
        for number, value in enumerate(self.extension_attributes, 1):
            found[f"extensionAttribute{number}"] = value
        return found

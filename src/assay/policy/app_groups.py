"""Groups of apps that Graph's policies name by a word; which apps are in them, Microsoft keeps and changes."""

from typing import Final

from assay.policy.targets import API, CONSOLE

OFFICE_365: Final = "Office365"
MICROSOFT_ADMIN_PORTALS: Final = "MicrosoftAdminPortals"
ALL_AGENT_ID_RESOURCES: Final = "AllAgentIdResources"
# An app itself, which stands for all that manages Azure (D APPS: Windows Azure Service Management API).
AZURE_MANAGEMENT: Final = "797f4846-ba00-4fd7-ba43-dac1f8f63013"
APP_GROUPS: Final = (OFFICE_365, MICROSOFT_ADMIN_PORTALS, ALL_AGENT_ID_RESOURCES)

# App ids as Microsoft publishes them for its own services, the same in every tenant
# (learn.microsoft.com/troubleshoot/entra/entra-id/governance/verify-first-party-apps-sign-in).
_MEMBERS: Final = {
    OFFICE_365: (
        "00000002-0000-0ff1-ce00-000000000000",  # Office 365 Exchange Online
        "00000003-0000-0ff1-ce00-000000000000",  # Office 365 SharePoint Online
        "00000004-0000-0ff1-ce00-000000000000",  # Skype for Business Online
        "00000005-0000-0ff1-ce00-000000000000",  # Office 365 Yammer
        "00000006-0000-0ff1-ce00-000000000000",  # Microsoft Office 365 Portal
        "00000007-0000-0ff1-ce00-000000000000",  # Microsoft Exchange Online Protection
        "cc15fd57-2c6c-4117-a88c-83b1d56b4bbe",  # Microsoft Teams Services
        "09abbdfd-ed23-44ee-a2d9-a627aa1c90f3",  # Microsoft Planner
        "7df0a125-d3be-4c96-aa54-591f83ff541c",  # Microsoft Flow Service
        "475226c6-020e-4fb2-8a90-7a972cbfc1d4",  # Power Apps Service
        "c9a559d2-7aab-4f13-a6ed-e7e9c52aec87",  # Microsoft Forms
        "cf53fce8-def6-4aeb-8d30-b158e7b1cf83",  # Microsoft Stream Portal
        "905fcf26-4eb7-48a0-9ff0-8dcc7194b5ba",  # Sway
        "94c63fef-13a3-47bc-8074-75af8c65887a",  # Office Delve
    ),
    # Our console and our API are what administers this organisation: a policy that protects Microsoft's portals is
    # about them too. (U: no document can say so; the reading that restricts.)
    MICROSOFT_ADMIN_PORTALS: (
        "c44b4083-3bb0-49c1-b47d-974e53cbdf3c",  # Azure Portal
        "497effe9-df71-4043-a8bb-14cf78c4b63b",  # Exchange Admin Center
        "618dd325-23f6-4b6f-8380-4df78026e39b",  # Microsoft 365 Admin Center
        "80ccca67-54bd-44ab-8625-4b79c4dc7775",  # Microsoft 365 Security and Compliance Center
        CONSOLE,
        API,
    ),
    ALL_AGENT_ID_RESOURCES: (),
    AZURE_MANAGEMENT: (
        "c44b4083-3bb0-49c1-b47d-974e53cbdf3c",  # Azure Portal
        "e9f49c6b-5ce5-44c8-925d-015017e9f7ad",  # Azure Data Lake
        "f5c26e74-f226-4ae8-85f0-b4af0080ac9e",  # Application Insights API
        "ca7f3f0b-7d91-482c-8e09-c5d840d0eac5",  # Log Analytics API
        "80369ed6-5f11-4dd9-bef3-692475845e77",  # Azure Event Hubs
        "80a10ef9-8168-493d-abf9-3297c4ef6e3c",  # Azure Service Bus
        "022907d3-0f1b-48f7-badc-1ba6abab6d66",  # Azure SQL Database
    ),
}
_GROUPS: Final = {
    app: tuple(group for group, members in _MEMBERS.items() if app in members)
    for members in _MEMBERS.values()
    for app in members
}


def members_of(group: str) -> tuple[str, ...]:
    """The apps that are known to be in a group, or that an app stands for; none of any other app."""
    return _MEMBERS.get(group, ())


def groups_of_app(app_id: str) -> tuple[str, ...]:
    """The groups that an app is in."""
    return _GROUPS.get(app_id, ())

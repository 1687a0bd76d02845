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
# (learn.microsoft.com/troubleshoot/entra/entra-id/governance/verify-first-party-apps-sign-in); which of them are in
# Office365: learn.microsoft.com/entra/identity/conditional-access/reference-office-365-application-contents.
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
        "1fec8e78-bce4-4aaf-ab1b-5451cc387264",  # Microsoft Teams
        "5e3ce6c0-2b1f-4285-8d4b-75ee78787346",  # Microsoft Teams Web Client
        "944f0bd1-117b-4b1c-af26-804ed95e767e",  # Media Analysis and Transformation Service
        "0cd196ee-71bf-4fd6-a57c-b491ffd4fb1e",  # Media Analysis and Transformation Service
        "d3590ed6-52b3-4102-aeff-aad2292ab01c",  # Microsoft Office
        "95de633a-083e-42f5-b444-a4295d8e9314",  # Microsoft Whiteboard Services
        "4345a7b9-9a63-4910-a426-35363201d503",  # O365 Suite UX
        "66a88757-258c-4c72-893c-3e8bed4d6899",  # Office 365 Search Service
        "93d53678-613d-4013-afc1-62e9e444a0a5",  # Office Online Add-in SSO
        "2abdc806-e091-4495-9b10-b04d93c3f040",  # Office Online Augmentation Loop SSO
        "243c63a3-247d-41c5-9d83-7788c43f1c43",  # Office Online Core SSO
        "b23dd4db-9142-4734-867f-3577f640ad0c",  # Office Online Loki SSO
        "17d5e35f-655b-4fb0-8ae6-86356e9a49f5",  # Office Online Maker SSO
        "a9b49b65-0a12-430b-9540-c80b3332c127",  # Office Online Search SSO
        "4b233688-031c-404b-9a80-a4f3f2351f90",  # Office.com
        "89bee1f7-5e6e-4d8a-9f3d-ecd601259da7",  # Office365 Shell WCSS-Client
        "0f698dd4-f011-4d23-a33e-b36416dcb1e6",  # OfficeClientService
        "4765445b-32c6-49b0-83e6-1d93765276ca",  # OfficeHome
        "ab9b8c07-8f02-4f72-87fa-80105867a763",  # OneDrive SyncEngine
        "2d4d3d8e-2be3-4bef-9f87-7875a61c29de",  # OneNote
        "08e18876-6177-487e-b8b5-cf950c1e598c",  # SharePoint Online Web Client Extensibility
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
    # What only depends on Azure's API (Event Hubs, Service Bus, SQL) has tokens of its own and is not in it (D APPS).
    AZURE_MANAGEMENT: (
        "c44b4083-3bb0-49c1-b47d-974e53cbdf3c",  # Azure Portal
        "e9f49c6b-5ce5-44c8-925d-015017e9f7ad",  # Azure Data Lake
        "f5c26e74-f226-4ae8-85f0-b4af0080ac9e",  # Application Insights API
        "ca7f3f0b-7d91-482c-8e09-c5d840d0eac5",  # Log Analytics API
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
